import { tOr } from '../i18n';
import type { Delivery } from '../api/types';

/** Why a delivery was not taken, in the language of the page; what the receiver said stays as it came. */
export function Refusal({ of }: { of: Delivery }) {
  if (!of.reason) return <>{of.lastError}</>;
  return (
    <span data-reason={of.reason}>
      {tOr(`delivery.reason.${of.reason}`, 'delivery.reason.not-sent')}
      {of.detail ? (
        <span class="muted" lang="en">
          {' '}
          ({of.detail})
        </span>
      ) : null}
    </span>
  );
}
