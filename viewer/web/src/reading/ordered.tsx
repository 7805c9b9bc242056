import type { Order } from '../api/types';
import { instant, named, t } from '../i18n';
import { Chip, Fact } from '../ui/controls';
import { now } from '../ui/now';
import { sinceOnset } from './onset';

/** What the order of a study says beside its question: what to beware of, and how long a stroke lasts. */
export function Ordered({ order: o }: { order: Order }) {
  const stroke = o.onset ? sinceOnset(Date.parse(o.onset), now.value) : null;
  return (
    <dl class="facts" data-order={o.id}>
      {stroke ? (
        <Fact name={t('order.onset')}>
          {instant(o.onset)} <Chip tone={stroke.left === '' ? 'danger' : stroke.soon ? 'warn' : 'accent'}>{t('order.since', { t: stroke.since })}</Chip> {stroke.left ? t('order.window', { t: stroke.left }) : t('order.windowOver')}
        </Fact>
      ) : null}
      {o.canceledAt ? (
        <Fact name={t('order.canceled')}>
          <span class="danger-text">{instant(o.canceledAt)}</span>
        </Fact>
      ) : null}
      {o.alerts ? (
        <Fact name={t('order.alerts')}>
          <span class="danger-text">{o.alerts}</span>
        </Fact>
      ) : null}
      {o.allergies ? (
        <Fact name={t('order.allergies')}>
          <span class="danger-text">{o.allergies}</span>
        </Fact>
      ) : null}
      {o.contrast ? <Fact name={t('order.contrast')}>{o.contrast}</Fact> : null}
      {o.comments ? (
        <Fact name={t('order.question')}>
          <span class="request-text">{o.comments}</span>
        </Fact>
      ) : null}
      {o.history ? (
        <Fact name={t('order.history')}>
          <span class="request-text">{o.history}</span>
        </Fact>
      ) : null}
      {o.procedureCode ? (
        <Fact name={t('order.code')}>
          {o.procedure?.map((p) => `${named(p)} `)}
          <code>{o.procedureCode}</code>
        </Fact>
      ) : null}
    </dl>
  );
}
