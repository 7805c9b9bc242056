import { useState } from 'preact/hooks';
import type { Study } from '../../api/types';
import { Button } from '../../ui/controls';
import { Dialog } from '../../ui/dialog';
import { sayProblem } from '../../ui/problem';
import type { HangingRule } from '../hanging';
import type { Stage } from '../stage';
import type { Choice } from '../../ui/choice';
import { w } from './words';

/** The reader's own rules. A new one is made of what hangs now. */
export function HangingDialog({ stage, study, choice, onClose }: { stage: Stage; study: Study; choice: Choice<HangingRule[]>; onClose: () => void }) {
  const rules = choice.value.value ?? [];
  const [name, setName] = useState('');
  const save = (change: (now: HangingRule[]) => HangingRule[]) => void choice.save((now) => change(now ?? [])).catch(sayProblem);
  const add = () => {
    const { rows, columns } = stage.grid.value;
    const rule: HangingRule = {
      id: crypto.randomUUID(),
      name: name.trim() || `${(study.modalities ?? []).join('/')} ${study.bodyPart} ${rows}×${columns}`.trim(),
      modality: study.modalities?.[0] ?? '',
      bodyPart: study.bodyPart,
      laterality: '',
      prior: stage.panes.value.some((v) => stage.priorOf(v.active.value)) ? true : null,
      rows,
      columns,
      panes: stage.panes.value.map((v) => ({ from: stage.priorOf(v.active.value) ? 'prior' : 'current', series: v.current.value?.description ?? '' })),
    };
    save((now) => [rule, ...now]);
    setName('');
  };
  const set = (id: string, part: Partial<HangingRule>) => save((now) => now.map((r) => (r.id === id ? { ...r, ...part } : r)));
  return (
    <Dialog title={w('hanging.title')} onClose={onClose} wide name="hanging">
      <p>{w('hanging.lead')}</p>
      <form
        class="hanging-new"
        onSubmit={(e) => {
          e.preventDefault();
          add();
        }}
      >
        <label class="field">
          <span>{w('hanging.name')}</span>
          <input value={name} maxLength={80} onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <Button kind="primary" type="submit" act="hanging-add">
          {w('hanging.add')}
        </Button>
      </form>
      <ul class="hangings">
        {rules.map((r, i) => (
          <li key={r.id} data-hanging={r.id}>
            <b>{r.name}</b>
            <label>
              {w('hanging.modality')} <input size={4} value={r.modality} onChange={(e) => set(r.id, { modality: e.currentTarget.value.trim().toUpperCase() })} />
            </label>
            <label>
              {w('hanging.bodyPart')} <input size={9} value={r.bodyPart} onChange={(e) => set(r.id, { bodyPart: e.currentTarget.value.trim() })} />
            </label>
            <label>
              {w('hanging.laterality')}{' '}
              <select value={r.laterality} onChange={(e) => set(r.id, { laterality: e.currentTarget.value as HangingRule['laterality'] })}>
                <option value="">{w('hanging.any')}</option>
                <option value="R">R</option>
                <option value="L">L</option>
              </select>
            </label>
            <label>
              {w('hanging.prior')}{' '}
              <select value={String(r.prior)} onChange={(e) => set(r.id, { prior: e.currentTarget.value === 'null' ? null : e.currentTarget.value === 'true' })}>
                <option value="null">{w('hanging.any')}</option>
                <option value="true">{w('hanging.with')}</option>
                <option value="false">{w('hanging.without')}</option>
              </select>
            </label>
            <span class="hanging-panes">
              {r.rows}×{r.columns}: {r.panes.map((p) => `${p.from === 'prior' ? w('prior.mark') + ' ' : ''}${p.series || w('hanging.next')}`).join(' | ')}
            </span>
            <span>
              <Button small kind="quiet" disabled={i === 0} label={w('hanging.up')} onClick={() => save((now) => swap(now, i))}>
                ↑
              </Button>
              <Button small kind="quiet" icon="close" label={w('hanging.remove')} onClick={() => save((now) => now.filter((x) => x.id !== r.id))} />
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function swap<T>(list: T[], i: number): T[] {
  const out = [...list];
  [out[i - 1], out[i]] = [out[i]!, out[i - 1]!];
  return out;
}
