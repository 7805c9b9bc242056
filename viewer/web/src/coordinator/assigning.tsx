import { useState } from 'preact/hooks';
import type { Named, Panel, Priority, Workitem } from '../api/types';
import { named, t } from '../i18n';
import { api } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { codeText, problemText } from '../ui/problem';
import { Modalities, PatientName } from '../ui/study';
import { say } from '../ui/toast';
import { SelectField, TextField } from './fields';
import { w } from './words';

/** A reader with what is on the desk: viewer/api/desk.go. */
export interface Desk {
  reader: Named;
  panels: string[];
  duty: 'reading' | 'on-call' | 'absent' | '';
  open: number;
  lastHour: number;
  month: number;
  capacity: number;
}

/** Gives items to a reader or a panel: one click for each reader who is there, the least busy first. */
export function Assign({ items, panels, readers, onClose, onDone }: { items: Workitem[]; panels: Panel[]; readers: Desk[]; onClose: () => void; onDone: () => void }) {
  const home = items[0]?.panel?.id ?? '';
  const [panel, setPanel] = useState(home);
  const [priority, setPriority] = useState<'' | Priority>('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState('');
  const [error, setError] = useState('');
  const rank = { reading: 0, 'on-call': 1, '': 2, absent: 3 };
  const seated = readers.filter((r) => r.panels.includes(panel)).sort((a, b) => rank[a.duty] - rank[b.duty] || a.open - b.open || a.month - b.month);
  const give = async (reader: string) => {
    setBusy(reader || 'panel');
    setError('');
    try {
      const { results } = await api.json<{ results: { id: string; code?: string }[] }>('/workitems/assign', {
        method: 'POST',
        body: { items: items.map((i) => i.id), panel, priority, reader, reason },
      });
      const failed = results.filter((r) => r.code);
      if (failed.length < results.length) say(w('desk.moved', { n: results.length - failed.length }));
      if (failed.length > 0) {
        setError(w('desk.failed', { n: failed.length, why: codeText(failed[0]!.code!) }));
        setBusy('');
        return;
      }
      onDone();
    } catch (e) {
      setError(problemText(e));
      setBusy('');
    }
  };
  return (
    <Dialog
      title={w('desk.giveTo', { n: items.length })}
      name="assign"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button disabled={!panel || (panel === home && !priority)} busy={busy === 'panel'} onClick={() => void give('')} act="assign-panel">
            {w('desk.panel')}
          </Button>
        </>
      }
    >
      {items.length === 1 ? (
        <p class="reassign-who">
          <PatientName study={items[0]!.study} /> <Modalities study={items[0]!.study} /> {items[0]!.study.description}
        </p>
      ) : null}
      {items.some((i) => i.claimedBy) ? <Banner tone="warn">{t('reassign.claimed', { name: named(items.find((i) => i.claimedBy)!.claimedBy) })}</Banner> : null}
      {error ? <Banner tone="danger">{error}</Banner> : null}
      <TextField name="assign-reason" label={w('desk.reason')} value={reason} onInput={setReason} max={500} />
      <div class="form-grid">
        <SelectField name="assign-panel" label={t('col.panel')} value={panel} onChange={setPanel} options={panels.map((p) => ({ id: p.id, text: named(p) }))} />
        <SelectField
          name="assign-priority"
          label={t('col.priority')}
          value={priority}
          onChange={(p) => setPriority(p as '' | Priority)}
          options={[{ id: '', text: '–' }, ...(['STAT', 'URGENT', 'ROUTINE'] as const).map((p) => ({ id: p, text: t(`priority.${p}`) }))]}
        />
      </div>
      <h3>{w('desk.reader')}</h3>
      <ul class="picks">
        {seated.map((r) => (
          <li key={r.reader.id}>
            <button type="button" disabled={!!busy} data-assign={r.reader.id} onClick={() => void give(r.reader.id)}>
              <span>
                <span class={`duty ${r.duty || 'off'}`} /> <strong>{named(r.reader)}</strong> <span class="muted">{w(`duty.${r.duty}`)}</span>
              </span>
              <span class="muted">{w('desk.load', { open: r.open, hour: r.lastHour, capacity: r.capacity, month: r.month })}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
