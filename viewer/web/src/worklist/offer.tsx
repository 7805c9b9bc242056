import './offer.css';
import type { Workitem } from '../api/types';
import { instant, named, t } from '../i18n';
import { forMe } from '../session';
import { now } from '../ui/now';

/** Of an item that waits: whom it is offered to and until when, who has declined it, and whether the coordinator was called. */
export function Offer({ item: i }: { item: Workitem }) {
  const until = i.offerEnds ? time(i.offerEnds) : '';
  return (
    <>
      {i.offeredTo ? (
        <span class="sub" data-offer={i.offeredTo.id}>
          {forMe(i) ? t('list.yours', { t: until }) : t('list.offered', { name: named(i.deputy ?? i.offeredTo), t: until })}
        </span>
      ) : null}
      {i.declines?.map((d) => (
        <span key={d.reader.id} class="sub" data-declined={d.reader.id}>
          {t('list.declined', { name: named(d.reader), why: d.reason })}
        </span>
      ))}
      {i.escalated && (i.state === 'SCHEDULED' || i.state === 'IN PROGRESS') ? <span class="sub danger-text">{t('list.escalated')}</span> : null}
    </>
  );
}

// The hour alone, as long as it can be none but today's.
function time(at: string): string {
  const text = instant(at);
  return Math.abs(Date.parse(at) - now.value) < 12 * 3600_000 ? text.slice(-5) : text;
}
