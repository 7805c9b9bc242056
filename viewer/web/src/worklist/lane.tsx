import type { Workitem } from '../api/types';
import { named, num, t } from '../i18n';
import { href } from '../route';
import { api } from '../session';
import { Button, Chip } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { OnsetChip } from '../ui/onsetchip';
import { Modalities, PatientName, TimeLeftCell } from '../ui/study';
import { Offer } from './offer';
import './lane.css';

const most = 6;

/** STAT studies that nobody has taken, from their first image: above the list, whatever it shows. */
export function Lane({ onClaim }: { onClaim: (i: Workitem) => void }) {
  const list = useLoad((stop) => api.worklistOf({ state: 'stat' }, '', most, stop), []);
  useLive(
    (_, kind) => kind !== 'delivery',
    list.reload,
  );
  const items = list.data?.items ?? [];
  if (items.length === 0) return null;
  const rest = (list.data?.counts.stat ?? 0) - items.length;
  return (
    <section class="lane" aria-label={t('lane.title')}>
      <h2>{t('lane.title')}</h2>
      <ul>
        {items.map((i) => (
          <Stat key={i.id} item={i} onClaim={onClaim} />
        ))}
      </ul>
      {rest > 0 ? <p class="muted">{t('lane.more', { n: rest })}</p> : null}
    </section>
  );
}

function Stat({ item: i, onClaim }: { item: Workitem; onClaim: (i: Workitem) => void }) {
  const s = i.study;
  const arriving = i.readiness === 'INCOMPLETE';
  return (
    <li data-lane={i.id}>
      <a href={href('read', i.id)}>
        <PatientName study={s} />
        <span class="sub">
          {named(s.facility)} <Modalities study={s} />
        </span>
      </a>
      {arriving ? (
        <span class="lane-count">
          {s.declared > 0 ? t('lane.of', { n: num(s.instances), of: num(s.declared) }) : t('lane.n', { n: num(s.instances) })}
          {s.declared > 0 ? <progress max={s.declared} value={s.instances} aria-hidden="true" /> : null}
        </span>
      ) : (
        <Chip tone="ok">{t('lane.whole')}</Chip>
      )}
      <OnsetChip onset={i.onset} />
      <TimeLeftCell item={i} />
      <Offer item={i} />
      {i.declined ? (
        <Chip>{t('decline.yours')}</Chip>
      ) : (
        <Button small kind="primary" act="lane-claim" onClick={() => onClaim(i)}>
          {arriving ? t('lane.reserve') : t('claim.short')}
        </Button>
      )}
    </li>
  );
}
