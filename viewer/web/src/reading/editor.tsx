import './report.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Report, Sections, StudySummary } from '../api/types';
import { clock, lang, t } from '../i18n';
import { api } from '../session';
import { Banner, Button, Chip, Spinner } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { codeText, problemText } from '../ui/problem';
import { Assist } from './assist';
import { CriticalMarkRow } from './critical';
import { addendumSections, correctionSections, DraftKeeper, moreSections, reportSections, retractionSections } from './draft';
import { keeperOf } from './keepers';
import { LintPanel, standing, useLint } from './lint';
import { goToBlank, loadMacros, macroBefore, macros, typeInto } from './macros';
import { SignDialog, withMore } from './signing';
import { Templates } from './templates';

type Names = readonly (keyof Sections)[];

/** What is written: a report, or another version of one that is signed. */
export type Writing = 'report' | 'addendum' | 'correction' | 'retraction';
const sectionsOf: Record<Writing, Names> = { report: reportSections, addendum: addendumSections, correction: correctionSections, retraction: retractionSections };

/** Writes the report: its sections, kept on the server as they grow. */
export function Editor({ workitem, study, writing, onSigned }: { workitem: string; study: StudySummary; writing: Writing; onSigned: (r: Report) => void }) {
  const keeper = keeperOf(workitem, () => new DraftKeeper(workitem, api, lang.peek()));
  const names = sectionsOf[writing];
  const [signing, setSigning] = useState(false);
  const [marking, setMarking] = useState(false);
  const found = useLint(keeper);
  const open = standing(found, keeper);
  const [error, setError] = useState('');
  const load = () => {
    setError('');
    keeper.load().catch((e: unknown) => setError(problemText(e)));
  };
  useEffect(load, [keeper]);
  // Without them names stay as they were typed.
  useEffect(() => void loadMacros().catch(() => undefined), []);
  if (!keeper.loaded.value) {
    return error ? (
      <Banner tone="danger" action={<Button small onClick={load}>{t('retry')}</Button>}>
        {error}
      </Banner>
    ) : (
      <div class="editor-loading">
        <Spinner /> {t('loading')}
      </div>
    );
  }
  return (
    <form
      class="editor"
      onSubmit={(e) => {
        e.preventDefault();
        setSigning(true);
      }}
      onKeyDown={(e) => {
        if (e.key !== 'F2') return;
        e.preventDefault();
        goToBlank(e.currentTarget);
      }}
    >
      {writing === 'addendum' || writing === 'retraction' ? null : <Templates keeper={keeper} study={study} />}
      <Assist keeper={keeper} />
      {names.map((name) => (
        <Section key={name} keeper={keeper} name={name} />
      ))}
      {writing === 'report' || writing === 'correction' ? <More keeper={keeper} /> : null}
      {writing === 'retraction' ? null : (
        <CriticalMarkRow keeper={keeper} asking={marking} onAsk={() => setMarking(true)} onClose={() => setMarking(false)} suggestion={found.find((f) => f.rule === 'critical')?.quote ?? ''} />
      )}
      {writing === 'retraction' ? null : (
        <label class="check">
          <input type="checkbox" checked={!!keeper.marks.value.teaching} data-act="teaching" onChange={(e) => keeper.mark({ ...keeper.marks.value, teaching: e.currentTarget.checked })} /> {t('teaching.mark')}
        </label>
      )}
      <LintPanel found={found} keeper={keeper} onCritical={() => setMarking(true)} />
      {keeper.merged.value > 0 ? (
        <Banner tone="accent" icon="info" action={<Button small kind="quiet" icon="close" label={t('close')} onClick={() => (keeper.merged.value = 0)} />}>
          {t('draft.merged', { n: keeper.merged.value })}
        </Banner>
      ) : null}
      {keeper.state.value === 'refused' ? <Banner tone="danger">{t('draft.refused', { why: codeText(keeper.problem.value) })}</Banner> : null}
      <div class="editor-foot">
        <SaveMark keeper={keeper} />
        {open.length > 0 ? <Chip tone="warn">{t('lint.count', { n: open.length })}</Chip> : null}
        <Button kind="primary" type="submit" icon="check" disabled={keeper.empty.value} act="sign">
          {t('sign.open')}
        </Button>
      </div>
      {keeper.theirs.value ? <Conflict keeper={keeper} names={names} /> : null}
      {signing ? <SignDialog keeper={keeper} names={names} open={open} onClose={() => setSigning(false)} onSigned={onSigned} /> : null}
    </form>
  );
}

function More({ keeper }: { keeper: DraftKeeper }) {
  const [open] = useState(moreSections.some((n) => (keeper.sections.value[n] ?? '') !== ''));
  return (
    <details class="more-sections" open={open}>
      <summary data-act="more-sections">{t('section.more')}</summary>
      {moreSections.map((name) => (
        <Section key={name} keeper={keeper} name={name} />
      ))}
    </details>
  );
}

function Section({ keeper, name }: { keeper: DraftKeeper; name: keyof Sections }) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const text = keeper.sections.value[name] ?? '';
  useEffect(() => fitHeight(ref.current), [text]);
  useEffect(() => {
    // Its width changes with the panel, and on a phone it starts out hidden.
    const el = ref.current!;
    let width = 0;
    const watch = new ResizeObserver(() => {
      if (el.clientWidth === width) return;
      width = el.clientWidth;
      fitHeight(el);
    });
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  return (
    <label class={`section ${name}`}>
      <span>{t(`section.${name}`)}</span>
      <textarea
        ref={ref}
        value={text}
        rows={name === 'findings' ? 9 : name === 'addendum' ? 6 : 3}
        data-section={name}
        spellcheck={false}
        onInput={(e) => keeper.edit(name, e.currentTarget.value)}
        onBlur={() => void (keeper.unsaved && keeper.flush())}
        onKeyDown={(e) => {
          if (e.key === 'Escape' && !e.isComposing) {
            e.currentTarget.blur();
            document.querySelector<HTMLElement>('.canvas')?.focus();
          }
          const field = e.currentTarget;
          const macro = e.key === 'Tab' && !e.shiftKey && !e.isComposing && field.selectionStart === field.selectionEnd ? macroBefore(field.value, field.selectionStart, macros.value ?? []) : null;
          if (macro) {
            e.preventDefault();
            typeInto(field, macro.text, macro.from, field.selectionStart);
          }
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && !e.isComposing) e.currentTarget.form?.requestSubmit();
        }}
      />
    </label>
  );
}

// A field as tall as its text.
function fitHeight(el: HTMLTextAreaElement | null) {
  if (!el || el.clientWidth === 0) return;
  el.style.height = 'auto';
  el.style.height = `${el.scrollHeight + 2}px`;
}

function SaveMark({ keeper }: { keeper: DraftKeeper }) {
  const s = keeper.state.value;
  const at = keeper.savedAt.value;
  const text = s === 'clean' ? (at ? t('draft.saved', { at: clock(at) }) : t('draft.new')) : t(`draft.${s}`);
  return (
    <span class={`save-mark ${s}`} role="status" data-draft={s}>
      {s === 'saving' ? <Spinner /> : <span class="save-dot" />}
      {text}
    </span>
  );
}

function Conflict({ keeper, names }: { keeper: DraftKeeper; names: Names }) {
  const theirs = keeper.theirs.value!;
  const mine = keeper.sections.value;
  return (
    <Dialog
      title={t('conflict.title')}
      wide
      name="conflict"
      actions={
        <>
          <Button onClick={() => keeper.resolve('theirs')} act="keep-theirs">
            {t('conflict.theirs')}
          </Button>
          <Button kind="primary" onClick={() => keeper.resolve('mine')} act="keep-mine">
            {t('conflict.mine')}
          </Button>
        </>
      }
    >
      <p>{t('conflict.lead')}</p>
      <div class="compare">
        <Side title={t('conflict.here')} sections={mine} names={names} />
        <Side title={t('conflict.there', { at: clock(theirs.savedAt) })} sections={theirs.sections} names={names} />
      </div>
    </Dialog>
  );
}

function Side({ title, sections, names }: { title: string; sections: Sections; names: Names }) {
  return (
    <div>
      <h3>{title}</h3>
      {withMore(names, sections).map((n) => (
        <section key={n}>
          <h4>{t(`section.${n}`)}</h4>
          <p class="report-text">{sections[n] || '–'}</p>
        </section>
      ))}
    </div>
  );
}
