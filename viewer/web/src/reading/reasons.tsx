import type { Workitem } from '../api/types';
import { named, t } from '../i18n';
import { Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';

/** Why a workitem is on this list: every rule that was looked at, in order. */
export function Reasons({ item, onClose }: { item: Workitem; onClose: () => void }) {
  const reasons = item.reasons ?? [];
  return (
    <Dialog title={t('why.title')} onClose={onClose} wide name="reasons">
      <p class="why-lead">
        {t('why.lead')} <Chip tone="accent">{named(item.panel) || '–'}</Chip>
      </p>
      {reasons.length === 0 ? <p class="muted">{t('why.none')}</p> : null}
      <ol class="why">
        {reasons.map((r, n) => (
          <li key={n} class={r.matched ? 'matched' : ''}>
            <Icon name={r.matched ? 'check' : 'close'} size={16} />
            <div>
              <strong>{r.rule}</strong>
              <span class="why-verdict">{r.matched ? t('why.matched') : t('why.not')}</span>
              <p>{r.text}</p>
            </div>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
