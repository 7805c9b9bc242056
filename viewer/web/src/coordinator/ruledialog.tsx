import { useState } from 'preact/hooks';
import type { Panel, Priority } from '../api/types';
import { named, ruleName, t } from '../i18n';
import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { ChoiceField, Group, ListField, SelectField, TextField } from './fields';
import { splitCodes, splitWords, type SiteAction, type SiteCondition, type SiteRule } from './site';
import { w } from './words';

const priorities: Priority[] = ['STAT', 'URGENT', 'ROUTINE'];

interface Props {
  rule: SiteRule;
  isNew: boolean;
  names: string[];
  panels: Panel[];
  facilities: { id: string; name: string; nameEn?: string }[];
  onClose: () => void;
  onSave: (r: SiteRule) => void;
  onRemove?: (() => void) | undefined;
}

/** One rule. What is saved here is on the page only, until it is applied. */
export function RuleDialog({ rule, isNew, names, panels, facilities, onClose, onSave, onRemove }: Props) {
  const [r, setR] = useState(rule);
  const last = rule.name === 'fallback';
  const when = r.when ?? {};
  const setWhen = (c: Partial<SiteCondition>) => setR({ ...r, when: { ...when, ...c } });
  const setThen = (a: Partial<SiteAction>) => setR({ ...r, then: { ...r.then, ...a } });
  const age = (end: 'min' | 'max', text: string) => {
    const { [end]: _, ...rest } = when.age ?? {};
    setWhen({ age: text === '' ? rest : { ...rest, [end]: Number(text) } });
  };
  const priors = r.then.priors;
  const setPriors = (p: Partial<NonNullable<SiteAction['priors']>>) => {
    const next = { most: 3, ...priors, from: '', ...(priors ? { from: priors.from } : null), ...p };
    setThen({ priors: next.from.trim() ? next : undefined });
  };
  const taken = names.includes(r.name.trim());
  return (
    <Dialog
      title={last ? ruleName('fallback') : isNew ? w('rules.add') : w('rules.edit')}
      name="rule"
      wide
      onClose={onClose}
      actions={
        <>
          {onRemove ? (
            <Button kind="quiet" onClick={onRemove} act="rule-remove">
              {w('remove')}
            </Button>
          ) : null}
          <span class="spring" />
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={!r.name.trim() || taken || !r.then.within || (!r.then.panel && !r.then.hold)} onClick={() => onSave({ ...r, name: r.name.trim() })} act="rule-save">
            {w('done')}
          </Button>
        </>
      }
    >
      {last ? null : (
        <>
          <div class="form-grid">
            <TextField name="rule-name" label={w('rules.name')} value={r.name} onInput={(name) => setR({ ...r, name })} required max={100} />
            <TextField name="rule-from" type="date" label={w('rules.from')} value={r.from ?? ''} onInput={(from) => setR({ ...r, from })} />
            <TextField name="rule-until" type="date" label={w('rules.until')} value={r.until ?? ''} onInput={(until) => setR({ ...r, until })} />
          </div>
          <Group title={w('rules.when')}>
            <ListField name="rule-modality" label={w('rules.modality')} value={when.modality} onChange={(modality) => setWhen({ modality })} split={(s) => splitCodes(s.toUpperCase())} hint="CT, MR" />
            <ListField name="rule-body" label={w('rules.bodyPart')} value={when.body_part} onChange={(body_part) => setWhen({ body_part })} split={(s) => splitWords(s.toUpperCase())} hint="HEAD, CHEST" />
            <ListField name="rule-words" label={w('rules.words')} value={when.words} onChange={(words) => setWhen({ words })} split={splitWords} hint={w('rules.commas')} />
            <TextField name="rule-age-min" type="number" label={w('rules.ageMin')} value={String(when.age?.min ?? '')} onInput={(v) => age('min', v)} />
            <TextField name="rule-age-max" type="number" label={w('rules.ageMax')} value={String(when.age?.max ?? '')} onInput={(v) => age('max', v)} />
            <SelectField
              name="rule-sex"
              label={w('rules.sex')}
              value={when.sex?.[0] ?? ''}
              onChange={(s) => setWhen({ sex: s ? [s] : [] })}
              options={[{ id: '', text: w('any') }, ...(['M', 'F', 'O'] as const).map((s) => ({ id: s, text: t(`sex.${s}`) }))]}
            />
            <ChoiceField name="rule-facility" label={t('col.hospital')} value={when.facility ?? []} onChange={(facility) => setWhen({ facility })} options={facilities.map((f) => ({ id: f.id, text: named(f) }))} />
            <ChoiceField name="rule-asks" label={w('rules.priority')} value={when.priority ?? []} onChange={(p) => setWhen({ priority: p as Priority[] })} options={priorities.map((p) => ({ id: p, text: t(`priority.${p}`) }))} />
            <label class="field whole">
              <span>{w('rules.if')}</span>
              <textarea name="rule-if" rows={2} class="code" spellcheck={false} value={r.if ?? ''} onInput={(e) => setR({ ...r, if: e.currentTarget.value })} />
              <small class="muted">{w('rules.ifHint')}</small>
            </label>
          </Group>
        </>
      )}
      <Group title={w('rules.then')}>
        <SelectField name="rule-panel" label={t('col.panel')} value={r.then.panel} onChange={(panel) => setThen({ panel })} options={[{ id: '', text: '–' }, ...panels.map((p) => ({ id: p.id, text: named(p) }))]} />
        <SelectField
          name="rule-priority"
          label={w('rules.setPriority')}
          value={r.then.priority ?? ''}
          onChange={(p) => setThen({ priority: p as Priority | '' })}
          options={[{ id: '', text: w('rules.asRequested') }, ...priorities.map((p) => ({ id: p, text: t(`priority.${p}`) }))]}
        />
        <TextField name="rule-within" label={w('rules.within')} value={r.then.within} onInput={(within) => setThen({ within })} hint={w('rules.withinHint')} required />
        <SelectField
          name="rule-assign"
          label={w('rules.assign')}
          value={r.then.assign || 'offer'}
          onChange={(a) => setThen({ assign: a === 'offer' ? '' : (a as 'direct' | 'deputy') })}
          options={(['offer', 'direct', 'deputy'] as const).map((a) => ({ id: a, text: w(`assign.${a}`) }))}
        />
        <TextField name="rule-alone" label={w('rules.alone')} value={r.then.alone ?? ''} onInput={(alone) => setThen({ alone })} hint={w('rules.aloneHint')} />
        <SelectField
          name="rule-task"
          label={w('rules.task')}
          value={r.then.task ?? ''}
          onChange={(task) => setThen({ task: task as '' | 'double' | 'opinion' })}
          options={[{ id: '', text: w('task.') }, ...(['double', 'opinion'] as const).map((x) => ({ id: x, text: w(`task.${x}`) }))]}
        />
        <ListField name="rule-requires" label={w('rules.requires')} hint={w('rules.requiresHint')} value={r.then.requires} onChange={(requires) => setThen({ requires })} split={splitWords} />
        <ListField name="rule-forward" label={w('rules.forward')} hint={w('rules.forwardHint')} value={r.then.forward} onChange={(forward) => setThen({ forward })} split={(s) => s.split(/[\s,、]+/).filter(Boolean)} />
        <TextField name="rule-priors" label={w('rules.priors')} hint={w('rules.priorsHint')} value={priors?.from ?? ''} onInput={(from) => setPriors({ from })} />
        {priors ? (
          <>
            <TextField name="rule-priors-most" type="number" label={w('rules.priorsMost')} value={String(priors.most)} onInput={(v) => setPriors({ most: Number(v) })} />
            <TextField name="rule-priors-months" type="number" label={w('rules.priorsMonths')} hint={w('rules.priorsMonthsHint')} value={String(priors.months ?? '')} onInput={(v) => setPriors({ months: v ? Number(v) : undefined })} />
          </>
        ) : null}
        <label class="check">
          <input type="checkbox" name="rule-hold" checked={!!r.then.hold} onChange={(e) => setThen({ hold: e.currentTarget.checked })} /> {w('rules.hold')}
        </label>
      </Group>
    </Dialog>
  );
}
