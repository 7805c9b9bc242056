import { useEffect, useRef, useState } from 'preact/hooks';
import type { StudySummary, Template } from '../api/types';
import { lang, t } from '../i18n';
import { api } from '../session';
import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import type { DraftKeeper } from './draft';
import { Form } from './form';
import { openForm } from './insert';
import { TextsDialog } from './texts';

// Templates made for this modality and body part come first; one's own before others as good.
function suits(x: Template, s: StudySummary): number {
  const m = (s.modalities ?? []).some((y) => x.modality.toUpperCase() === y.toUpperCase());
  const b = x.bodyPart.some((y) => y.toUpperCase() === (s.bodyPart ?? '').toUpperCase());
  return (m ? 2 : 0) + (b ? 3 : 0) + (!x.modality && x.bodyPart.length === 0 ? 1 : 0) + (x.own ? 0.5 : 0);
}

/** Chooses a template, and asks its questions. Nothing is written before an answer. */
export function Templates({ keeper, study }: { keeper: DraftKeeper; study: StudySummary }) {
  const [asking, setAsking] = useState<Template | null>(null);
  const [managing, setManaging] = useState(false);
  const [open, setOpen] = useState(Object.keys(keeper.answers.value).length > 0);
  const box = useRef<HTMLDivElement>(null);
  const templates = useLoad(() => api.templates(lang.value), [lang.value]);
  const sorted = [...(templates.data ?? [])].sort((a, b) => suits(b, study) - suits(a, study));
  const chosen = sorted.find((y) => y.id === keeper.template.value);
  const best = chosen ?? sorted[0];

  const choose = (x: Template) => {
    keeper.answer(x.id === keeper.template.value ? keeper.answers.value : {}, keeper.sections.value, x.id, keeper.empty.value ? x.language : keeper.writtenIn);
    setOpen(true);
  };
  useEffect(() => {
    const onOpen = () => {
      if (!best) return;
      if (best.items.length > 0) choose(best);
      requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('.form-row[tabindex="0"], .form-row input')?.focus());
    };
    addEventListener(openForm, onOpen);
    return () => removeEventListener(openForm, onOpen);
  });
  const use = (x: Template, how: 'replace' | 'append') => {
    const now = keeper.sections.value;
    const text = x.normal ?? x.sections;
    const join = (a: string | undefined, b: string | undefined) => (how === 'replace' || !a?.trim() ? (b ?? '') : b?.trim() ? `${a.trimEnd()}\n${b}` : a);
    const sections = { ...now };
    for (const n of ['history', 'technique', 'comparison', 'findings', 'impression', 'recommendation'] as const) sections[n] = join(now[n], text[n]);
    keeper.answer({}, sections, x.id, how === 'replace' || keeper.empty.value ? x.language : keeper.writtenIn);
    setAsking(null);
    setOpen(false);
  };
  return (
    <div class="template" ref={box}>
      <div class="template-line">
        <label>
          <span>{t('template.label')}</span>
          <select
            value={chosen?.id ?? ''}
            data-act="template"
            onChange={(e) => {
              const x = sorted.find((y) => y.id === e.currentTarget.value);
              if (x) choose(x);
            }}
          >
            <option value="">{templates.error ? t('template.error') : t('template.choose')}</option>
            {sorted.map((x) => (
              <option key={x.id} value={x.id}>
                {x.name}
              </option>
            ))}
          </select>
        </label>
        {chosen && chosen.items.length > 0 ? (
          <Button small kind="quiet" expanded={open} onClick={() => setOpen(!open)} act="form-open" title={`${t('form.open')} (Shift+T)`}>
            {t(open ? 'form.close' : 'form.open')}
          </Button>
        ) : null}
        {chosen ? (
          <Button small kind="quiet" onClick={() => (keeper.empty.value ? use(chosen, 'replace') : setAsking(chosen))} act="template-whole">
            {t('template.whole')}
          </Button>
        ) : null}
        <Button small kind="quiet" icon="pen" label={t('texts.title')} onClick={() => setManaging(true)} act="texts" />
      </div>
      {open && chosen && chosen.items.length > 0 ? <Form key={chosen.id} keeper={keeper} template={chosen} /> : null}
      {managing ? <TextsDialog keeper={keeper} templates={sorted} onChange={templates.reload} onClose={() => setManaging(false)} /> : null}
      {asking ? (
        <Dialog
          title={asking.name}
          onClose={() => setAsking(null)}
          actions={
            <>
              <Button onClick={() => setAsking(null)}>{t('cancel')}</Button>
              <Button onClick={() => use(asking, 'append')}>{t('template.append')}</Button>
              <Button kind="danger" onClick={() => use(asking, 'replace')}>
                {t('template.replace')}
              </Button>
            </>
          }
        >
          <p>{t('template.ask')}</p>
        </Dialog>
      ) : null}
    </div>
  );
}
