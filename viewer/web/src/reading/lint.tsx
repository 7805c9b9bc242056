import { useEffect, useState } from 'preact/hooks';
import type { LintFinding, Sections } from '../api/types';
import { lang, t, tOr } from '../i18n';
import { api } from '../session';
import { Button } from '../ui/controls';
import { Icon } from '../ui/icon';
import type { DraftKeeper } from './draft';

const quietMs = 600;

/** What the rules ask about the text as it stands, asked again when typing pauses. */
export function useLint(keeper: DraftKeeper): LintFinding[] {
  const [found, setFound] = useState<LintFinding[]>([]);
  const { value: sections } = keeper.sections;
  const { value: marks } = keeper.marks;
  const [turn, setTurn] = useState(0);
  useEffect(() => api.onAnnotated(() => setTurn((n) => n + 1)), []);
  useEffect(() => {
    if (!keeper.loaded.value || keeper.empty.value) {
      setFound([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      // Without an answer the last one stands: signing asks the server again.
      api.lint(keeper.workitem, sections, marks).then((f) => current && setFound(f), () => undefined);
    }, quietMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [sections, marks, keeper, turn]);
  return found;
}

/** Those that no reason of the reader speaks to. */
export function standing(found: LintFinding[], keeper: DraftKeeper): LintFinding[] {
  const overrides = keeper.marks.value.overrides ?? [];
  return found.filter((f) => !overrides.some((o) => o.rule === f.rule && (o.quote ?? '') === f.quote && o.reason.trim() !== ''));
}

/** text with a word in place of an abbreviation, wherever it stands alone; full-width letters are the same. */
export function spelt(text: string, short: string, word: string): string {
  const wide = [...short].map((c) => `[${c.replace(/[\\\]^]/g, '\\$&')}${/[!-~]/.test(c) ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : ''}]`).join('');
  return text.replace(new RegExp(`(?<![A-Za-z])${wide}(?![A-Za-z])`, 'g'), () => word);
}

export function LintPanel({ found, keeper, onCritical }: { found: LintFinding[]; keeper: DraftKeeper; onCritical: () => void }) {
  if (found.length === 0) return null;
  return (
    <section class="lint" aria-label={t('lint.title')}>
      <h3>{t('lint.title')}</h3>
      <ul>
        {found.map((f) => (
          <Row key={`${f.rule} ${f.quote}`} finding={f} keeper={keeper} onCritical={onCritical} />
        ))}
      </ul>
    </section>
  );
}

function Row({ finding, keeper, onCritical }: { finding: LintFinding; keeper: DraftKeeper; onCritical: () => void }) {
  const marks = keeper.marks.value;
  const mine = (o: { rule: string; quote?: string }) => o.rule === finding.rule && (o.quote ?? '') === finding.quote;
  const given = (marks.overrides ?? []).find(mine);
  const [reason, setReason] = useState<string | null>(null);
  const set = (text: string) => {
    const others = (marks.overrides ?? []).filter((o) => !mine(o));
    keeper.mark({ ...marks, overrides: text.trim() ? [...others, { rule: finding.rule, quote: finding.quote, reason: text.trim() }] : others });
    setReason(null);
  };
  const words = (finding.section ? finding.fixes ?? [] : []).map((fix) => fix[keeper.writtenIn] ?? fix.en ?? '');
  const spell = (word: string) => {
    const section = finding.section as keyof Sections;
    keeper.edit(section, spelt(keeper.sections.value[section] ?? '', finding.quote, word));
  };
  return (
    <li class={given ? 'overridden' : ''} data-lint={finding.rule} data-overridden={given ? '' : undefined}>
      <Icon name={given ? 'check' : 'warn'} />
      <div class="lint-text">
        <span>{finding.text[lang.value] ?? finding.text.en}</span>
        <span class="sub">
          {tOr(`lint.${finding.rule}`, 'lint.title')}
          {given ? ` · ${t('lint.because', { why: given.reason })}` : ''}
        </span>
        {reason !== null ? (
          <span class="lint-reason">
            <input
              value={reason}
              aria-label={t('lint.reason')}
              placeholder={t('lint.reason')}
              data-act="lint-reason"
              onInput={(e) => setReason(e.currentTarget.value)}
              onKeyDown={(e) => {
                if (e.key === 'Enter' && !e.isComposing) {
                  e.preventDefault();
                  set(reason);
                }
                if (e.key === 'Escape') setReason(null);
              }}
            />
            <Button small kind="primary" disabled={reason.trim() === ''} onClick={() => set(reason)} act="lint-keep">
              {t('lint.keep')}
            </Button>
          </span>
        ) : null}
      </div>
      {reason !== null ? null : given ? (
        <Button small kind="quiet" onClick={() => set('')}>
          {t('lint.undo')}
        </Button>
      ) : (
        <span class="lint-acts">
          {finding.rule === 'critical' ? (
            <Button small onClick={onCritical} act="lint-critical">
              {t('critical.open')}
            </Button>
          ) : null}
          {words.map((word) => (
            <Button key={word} small onClick={() => spell(word)} act="lint-fix">
              {words.length > 1 ? word : t('lint.fix')}
            </Button>
          ))}
          <Button small kind="quiet" onClick={() => setReason('')} act="lint-override">
            {t('lint.override')}
          </Button>
        </span>
      )}
    </li>
  );
}
