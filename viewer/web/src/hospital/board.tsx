import { formatDate } from '../format/dicom';
import { instant, named, t } from '../i18n';
import { href } from '../route';
import { api, may } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { CriticalState } from '../reading/receipts';
import { KindChip } from '../reading/versions';
import type { Report } from '../api/types';
import { Reminding, ToldList } from './reminding';

/** What the ordering doctors have not acknowledged, and the critical findings that are open. */
export function Board({ page }: { page: string }) {
  const loaded = useLoad(() => api.loop(), []);
  useLive(() => true, loaded.reload);
  const d = loaded.data;
  if (!d) {
    return loaded.error ? (
      <Blank icon="warn" title={loaded.error}>
        <Button onClick={loaded.reload}>{t('retry')}</Button>
      </Blank>
    ) : (
      <Blank busy title={t('loading')} />
    );
  }
  return (
    <div class="board">
      <div class="list-head">
        <h1>{t('loop.board')}</h1>
      </div>
      {loaded.error ? <Banner tone="danger">{loaded.error}</Banner> : null}
      <h2>{t('critical.list', { n: d.criticals.length })}</h2>
      {d.criticals.length === 0 ? <p class="muted">{t('critical.none')}</p> : null}
      {d.criticals.map((c) => (
        <article key={c.id} class="board-critical">
          <header>
            <a href={href(page, c.studyId)}>{c.patient || t('patient.unnamed')}</a>
            <span class="muted">
              {c.patientId} · {named(c.facility)} · {named(c.flaggedBy)} · {instant(c.flaggedAt)}
            </span>
          </header>
          <CriticalState critical={c} onChange={loaded.reload} />
        </article>
      ))}
      {may('reminding.set') ? <Reminding /> : null}
      <h2>{t('loop.unread', { n: d.items.length })}</h2>
      {d.items.length === 0 ? (
        <Blank icon="check" title={t('loop.noneUnread')} />
      ) : (
        <div class="table-box">
          <table class="list">
            <caption class="sr">{t('loop.board')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('loop.importance')}</th>
                <th scope="col">{t('col.patient')}</th>
                <th scope="col">{t('col.description')}</th>
                <th scope="col">{t('col.referrer')}</th>
                <th scope="col">{t('report.signedAt')}</th>
                <th scope="col">{t('loop.state')}</th>
              </tr>
            </thead>
            <tbody>
              {d.items.map((i) => (
                <tr key={i.reportId} data-unread={i.importance}>
                  <td>
                    <Chip tone={i.importance === 0 ? 'danger' : i.importance === 1 ? 'warn' : 'neutral'}>{t(`loop.importance.${Math.min(i.importance, 3)}` as 'loop.importance.0')}</Chip>
                  </td>
                  <td>
                    <a class="patient-link" href={href(page, i.studyId)}>
                      {i.patient || t('patient.unnamed')}
                    </a>
                    <span class="sub">
                      {i.patientId} · {named(i.facility)}
                    </span>
                  </td>
                  <td>
                    {i.description || '–'}
                    <span class="sub">{formatDate(i.studyDate)}</span>
                  </td>
                  <td>{i.referrer || '–'}</td>
                  <td>
                    {instant(i.signedAt)} <KindChip kind={i.kind as Report['kind']} />
                  </td>
                  <td>
                    {i.openedAt ? <Chip>{t('loop.openedAt')}</Chip> : <Chip tone="warn">{t('loop.notOpened')}</Chip>}
                    {i.reminders > 0 ? <span class="sub">{t('loop.reminders', { n: i.reminders })}</span> : null}
                    {i.told?.length ? <ToldList told={i.told} /> : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
