import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Answers, Template, TemplateItem } from '../api/types';
import { t } from '../i18n';
import { Button } from '../ui/controls';
import { asked, restNormal, rewrite } from './answers';
import type { DraftKeeper } from './draft';

// Options are chosen by these, in their order.
const optionKeys = '123456789abcdefghijklmopqrstuvwxyz';

/** The fields of a template. Each writes its line into the report as it is answered. */
export function Form({ keeper, template }: { keeper: DraftKeeper; template: Template }) {
  const answers = keeper.answers.value;
  const rows = template.items.filter((i) => asked(template, i, answers));
  const [at, setAt] = useState(rows[0]?.id ?? '');
  const wanted = useRef('');
  const list = useRef<HTMLDivElement>(null);
  // Before the next key can come: a digit meant for the next question must never be added to a size.
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const id = wanted.current;
    wanted.current = '';
    const row = list.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(id)}"]`);
    (row?.querySelector<HTMLElement>('input') ?? row)?.focus();
  });
  const set = (next: Answers) => keeper.answer(next, rewrite(template, keeper.answers.value, next, keeper.sections.value), template.id, template.language);
  const goTo = (id: string) => {
    wanted.current = id;
    setAt(id);
  };
  /** After an answer the next question may be one that it asks for. */
  const on = (from: string, step: number, now: Answers) => {
    const all = template.items.filter((i) => asked(template, i, now));
    const next = all[all.findIndex((i) => i.id === from) + step];
    if (next) goTo(next.id);
    else if (step > 0) document.querySelector<HTMLElement>('textarea[data-section=impression]')?.focus();
  };
  const choose = (item: TemplateItem, option: string) => {
    const given = answers[item.id] ?? [];
    if (item.kind === 'many') {
      set({ ...answers, [item.id]: given.includes(option) ? given.filter((x) => x !== option) : [...given, option] });
      return;
    }
    const next = { ...answers, [item.id]: [option] };
    if (given[0] === option) delete next[item.id];
    set(next);
    if (given[0] !== option) on(item.id, 1, next);
  };
  const onKey = (e: KeyboardEvent, item: TemplateItem) => {
    if (e.isComposing || e.altKey) return;
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) return;
    const typing = e.target instanceof HTMLInputElement;
    const act = () => {
      e.preventDefault();
      e.stopPropagation();
    };
    if (e.key === 'Escape') {
      act();
      document.querySelector<HTMLElement>('.canvas')?.focus();
      return;
    }
    if (e.key === 'Enter' || e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      act();
      // Passed over by Enter, nothing chosen is an answer: none of them.
      const next = e.key === 'Enter' && item.kind === 'many' && !answers[item.id] && item.none ? { ...answers, [item.id]: [] } : answers;
      if (next !== answers) set(next);
      on(item.id, e.key === 'ArrowUp' ? -1 : 1, next);
      return;
    }
    if (typing || e.ctrlKey || e.metaKey) return;
    if (e.key === 'N') {
      act();
      set(restNormal(template, answers));
      return;
    }
    if (e.key === '0' && item.normal) {
      act();
      if (answers[item.id]?.[0] !== item.normal) choose(item, item.normal);
      else on(item.id, 1, answers);
      return;
    }
    const option = item.options?.[optionKeys.indexOf(e.key)];
    if (e.key.length === 1 && option) {
      act();
      choose(item, option.id);
    }
  };
  return (
    <div class="form" ref={list} role="group" aria-label={template.name} data-form={template.id}>
      <div class="form-head">
        <Button small icon="check" onClick={() => set(restNormal(template, answers))} act="form-normal" title={`${t('form.normal')} (Shift+N)`}>
          {t('form.normal')}
        </Button>
        <span class="muted">{t('form.keys')}</span>
      </div>
      {rows.map((item) => (
        <FormRow key={item.id} item={item} given={answers[item.id]} current={at === item.id} onFocus={() => setAt(item.id)} onKey={(e) => onKey(e, item)} onChoose={(o) => choose(item, o)} onType={(v) => set({ ...answers, [item.id]: [v] })} />
      ))}
    </div>
  );
}

interface RowProps {
  item: TemplateItem;
  given: string[] | undefined;
  current: boolean;
  onFocus: () => void;
  onKey: (e: KeyboardEvent) => void;
  onChoose: (option: string) => void;
  onType: (value: string) => void;
}

function FormRow({ item, given, current, onFocus, onKey, onChoose, onType }: RowProps) {
  const options = item.options ?? [];
  const many = item.kind === 'many';
  const value = given?.[0] ?? '';
  const amount = Number(value.replace(/[０-９．]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)));
  const beyond = item.kind === 'number' && value !== '' && (Number.isNaN(amount) || (item.min !== undefined && amount < item.min) || (item.max !== undefined && amount > item.max));
  if (options.length === 0)
    return (
      <label class={`form-row${item.when ? ' further' : ''}`} data-item={item.id}>
        <span>{item.label}</span>
        <span class="form-value">
          <input value={value} inputMode={item.kind === 'number' ? 'decimal' : undefined} aria-invalid={beyond} maxLength={400} onFocus={onFocus} onKeyDown={onKey} onInput={(e) => onType(e.currentTarget.value)} />
          {item.unit ? <span class="muted">{item.unit}</span> : null}
          {beyond ? <span class="form-beyond">{t('form.range', { min: item.min ?? '–', max: item.max ?? '–' })}</span> : null}
        </span>
      </label>
    );
  return (
    <div class={`form-row${item.when ? ' further' : ''}`} data-item={item.id} role={many ? 'group' : 'radiogroup'} aria-label={item.label} tabIndex={current ? 0 : -1} onFocus={onFocus} onKeyDown={onKey}>
      <span>{item.label}</span>
      <span class="form-options">
        {options.map((o, n) => (
          <button key={o.id} type="button" role={many ? 'checkbox' : 'radio'} tabIndex={-1} aria-checked={!!given?.includes(o.id)} data-option={o.id} onClick={() => onChoose(o.id)}>
            <kbd>{optionKeys[n]}</kbd>
            {o.label}
          </button>
        ))}
      </span>
    </div>
  );
}
