import { t } from '../i18n';
import { sinceOnset } from '../reading/onset';
import { now } from './now';

/** How long the t-PA window of a stroke is still open, and since when it lasts: of an open STAT whose order tells it. */
export function OnsetChip({ onset }: { onset: string | null | undefined }) {
  if (!onset) return null;
  const stroke = sinceOnset(Date.parse(onset), now.value);
  const since = t('order.since', { t: stroke.since });
  return (
    <>
      {' '}
      <span class={`chip ${stroke.left === '' ? 'danger' : stroke.soon ? 'warn' : 'accent'}`} data-onset={stroke.left ? 'open' : 'over'} title={`${t('order.onset')}: ${since}`}>
        {stroke.left ? t('list.window', { t: stroke.left }) : t('list.windowOver')}
      </span>
    </>
  );
}
