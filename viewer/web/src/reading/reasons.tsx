import './report.css';
import type { Reason, Workitem } from '../api/types';
import { lang, named, ruleName, t, tOr } from '../i18n';
import { api } from '../session';
import { Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { useLoad } from '../ui/load';

/** Why a workitem is on this list: every rule that was looked at, in order. */
export function Reasons({ item, onClose }: { item: Workitem; onClose: () => void }) {
  return (
    <Dialog title={t('why.title')} onClose={onClose} wide name="reasons">
      <p class="why-lead">
        {t('why.lead')} <Chip tone="accent">{named(item.panel) || '–'}</Chip>
      </p>
      <ReasonList reasons={item.reasons ?? []} />
      <Candidates item={item.id} />
    </Dialog>
  );
}

/** Who could have read it, and what spoke for or against each. */
function Candidates({ item }: { item: string }) {
  const loaded = useLoad(() => api.choice(item), [item]);
  const c = loaded.data;
  if (!c) return loaded.error ? <p class="danger-text">{loaded.error}</p> : null;
  return (
    <section data-choice={c.mode}>
      <h3>
        {t('choice.title')} <Chip>{t(c.mode === 'offer' && c.main ? 'choice.mode.first' : `choice.mode.${c.mode}`)}</Chip>
      </h3>
      {c.candidates.length === 0 ? <p class="muted">{t('choice.none')}</p> : null}
      <ol class="why">
        {c.candidates.map((x) => {
          const place = x.reader.id === c.main?.id ? t('choice.main') : x.reader.id === c.deputy?.id ? t('choice.deputy') : '';
          return (
            <li key={x.reader.id} class={place ? 'chosen' : x.reason ? '' : 'matched'} data-candidate={x.reader.id}>
              <Icon name={x.reason ? 'close' : 'check'} size={16} />
              <div>
                <strong>{named(x.reader)}</strong> <span class="why-verdict">{place || (x.reason ? '' : t('choice.score', { n: x.score }))}</span>
                <p>{x.reason ? inWords(x.reason) : (x.parts ?? []).map((p) => `${tOr(`choice.part.${p.name}`, 'why.matched')} ${p.points > 0 ? '+' : ''}${p.points}`).join(', ') || '–'}</p>
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The answer of every rule, in order. */
export function ReasonList({ reasons }: { reasons: Reason[] }) {
  return (
    <>
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
    </>
  );
}

function chosen(r: Reason): boolean {
  return r.chosen ?? r.matched;
}

function inWords(text: Reason['text']): string {
  if (typeof text === 'string') return text;
  return text[lang.value] ?? text.en ?? Object.values(text)[0] ?? '';
}
