import './report.css';
import type { Reason, Workitem } from '../api/types';
import { lang, named, ruleName, t } from '../i18n';
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
          <li key={n} class={chosen(r) ? 'chosen' : r.matched ? 'matched' : ''} data-matched={r.matched}>
            <Icon name={r.matched ? 'check' : 'close'} size={16} />
            <div>
              <strong>{ruleName(r.rule)}</strong>
              <span class="why-verdict">{chosen(r) ? t('why.chosen') : r.matched ? t('why.matched') : t('why.not')}</span>
              <p>{inWords(r.text)}</p>
            </div>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

function chosen(r: Reason): boolean {
  return r.chosen ?? r.matched;
}

function inWords(text: Reason['text']): string {
  if (typeof text === 'string') return text;
  return text[lang.value] ?? text.en ?? Object.values(text)[0] ?? '';
}
