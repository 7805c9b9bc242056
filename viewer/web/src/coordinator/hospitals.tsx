import { useState } from 'preact/hooks';
import type { Facility, StudySummary } from '../api/types';
import { ago, instant, named, num, t, within } from '../i18n';
import { href } from '../route';
import { api, may } from '../session';
import { readStudies } from '../hospital/page';
import { Blank, Button, Chip } from '../ui/controls';
import { unhurried, useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { PatientName } from '../ui/study';
import { FacilityForm } from './facilityform';
import { Card } from './overview';
import { Waiting } from './listing';
import { readSite, type SiteFacility } from './site';
import { Transfer } from './transfer';
import { w } from './words';

export function Hospitals() {
  const loaded = useLoad(async () => {
    const [facilities, site] = await Promise.all([api.facilities(), readSite()]);
    return { facilities, site };
  }, []);
  const [editing, setEditing] = useState<SiteFacility | 'new' | 'transfer' | null>(null);
  useLive(() => true, loaded.reload, unhurried);
  const done = () => {
    setEditing(null);
    loaded.reload();
  };
  const change = may('directory.write');
  return (
    <>
      <div class="page-head">
        <h1>{t('coord.hospitals')}</h1>
        {change ? (
          <span class="head-actions">
            <Button onClick={() => setEditing('transfer')} act="directory-transfer">
              {w('dir.transfer')}
            </Button>
            <Button kind="primary" onClick={() => setEditing('new')} act="facility-add">
              {w('dir.add')}
            </Button>
          </span>
        ) : null}
      </div>
      <Waiting loaded={loaded}>
        {(d) => (
          <>
            {d.facilities.map((f) => (
              <Hospital key={f.id} facility={f} onEdit={change ? () => setEditing(d.site.facilities?.find((x) => x.id === f.id) ?? null) : undefined} />
            ))}
            {editing === 'transfer' ? (
              <Transfer onClose={() => setEditing(null)} onDone={done} />
            ) : editing ? (
              <FacilityForm facility={editing === 'new' ? null : editing} site={d.site} onClose={() => setEditing(null)} onDone={done} />
            ) : null}
          </>
        )}
      </Waiting>
    </>
  );
}

function Hospital({ facility: f, onEdit }: { facility: Facility; onEdit?: (() => void) | undefined }) {
  const [open, setOpen] = useState(false);
  const destinations = f.destinations ?? [];
  const trouble = destinations.some((d) => d.failed > 0 || d.pending > 0);
  return (
    <Card
      title={named(f)}
      action={
        onEdit ? (
          <Button small icon="pen" label={w('dir.edit')} onClick={onEdit} act={`facility-edit-${f.id}`} />
        ) : undefined
      }
    >
      <p class="facility-line">
        <span>{t('facility.studies', { n: num(f.studies) })}</span>
        <span title={instant(f.lastArrival)}>{f.lastArrival ? t('facility.last', { at: ago(f.lastArrival, now.value) }) : t('facility.never')}</span>
        <span>{t('facility.quiet', { t: within(f.quietSeconds) })}</span>
      </p>
      <p class="facility-line">
        {(f.aeTitles ?? []).map((ae) => (
          <code key={ae}>{ae}</code>
        ))}
      </p>
      {destinations.length === 0 ? (
        <p class="muted">{t('facility.noDestinations')}</p>
      ) : (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{t('col.destination')}</th>
              <th scope="col">{t('col.address')}</th>
              <th scope="col">{t('col.objects')}</th>
              <th scope="col">{t('col.delivery')}</th>
            </tr>
          </thead>
          <tbody>
            {destinations.map((d) => (
              <tr key={d.name} data-destination={d.name}>
                <td>{d.name}</td>
                <td>
                  <code>
                    {d.ae}@{d.host}:{d.port}
                  </code>
                </td>
                <td>{(d.objects ?? []).map((o) => o.toUpperCase()).join(', ')}</td>
                <td>
                  {d.failed > 0 ? <Chip tone="danger">{t('delivery.count.failed', { n: d.failed })}</Chip> : null}{' '}
                  {d.pending > 0 ? <Chip tone="strong">{t('delivery.count.pending', { n: d.pending })}</Chip> : null}
                  {d.failed === 0 && d.pending === 0 ? <Chip tone="ok">{t('delivery.clear')}</Chip> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {trouble ? (
        <Button small expanded={open} onClick={() => setOpen(!open)} act="undelivered">
          {t('delivery.show')}
        </Button>
      ) : null}
      {open ? <Undelivered facility={f.id} /> : null}
    </Card>
  );
}

/** Studies of a hospital whose report has not arrived there: each opens with its deliveries, to retry. */
function Undelivered({ facility }: { facility: string }) {
  const loaded = useLoad((stop) => readStudies({ facility }, 5, stop), [facility]);
  useLive((_, kind) => kind === 'delivery', loaded.reload);
  if (!loaded.data) return loaded.error ? <p class="danger-text">{loaded.error}</p> : <Blank busy title={t('loading')} />;
  const list = loaded.data.items.filter((s: StudySummary) => s.deliveries.failed > 0 || s.deliveries.pending > 0);
  if (list.length === 0) return <p class="muted">{t('delivery.none')}</p>;
  return (
    <ul class="brief">
      {list.map((s) => (
        <li key={s.id}>
          <a href={href('workitems', s.id)}>
            <PatientName study={s} />
            <span class="muted">{s.description}</span>
            <span class="brief-end">
              {s.deliveries.failed > 0 ? <Chip tone="danger">{t('delivery.count.failed', { n: s.deliveries.failed })}</Chip> : null}
              {s.deliveries.pending > 0 ? <Chip tone="strong">{t('delivery.count.pending', { n: s.deliveries.pending })}</Chip> : null}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
