import { useState } from 'preact/hooks';
import type { Order } from '../api/types';
import { Group, SelectField, TextField } from '../coordinator/fields';
import { ApiError } from '../api/error';
import { t } from '../i18n';
import { go } from '../route';
import { api } from '../session';
import { Banner, Blank, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { problemText } from '../ui/problem';
import { say } from '../ui/toast';
import { blank, bodyOf, inputOf, type OrderInput } from './orderinput';
import { OrderState } from './orders';
import { w, type Word } from './orders.words';
import '../coordinator/routing.css';

interface Code {
  modality: string;
  code: string;
  description: string;
}

const modalities = ['CT', 'MR', 'CR', 'DX', 'US', 'MG', 'XA', 'RF', 'NM', 'PT', 'ES', 'OT'];

/** An order that is written (id is new), looked at, changed or canceled. */
export function OrderForm({ id, onDone }: { id: string; onDone: () => void }) {
  const before = useLoad(() => (id === 'new' ? Promise.resolve(null) : api.json<Order>(`/orders/${id}`)), [id]);
  const codes = useLoad(() => api.json<Code[]>('/orders/codes'), []);
  if (before.error) return <Blank icon="warn" title={before.error} />;
  if (before.data === undefined || !codes.data) return <Blank busy title={t('loading')} />;
  return <Form before={before.data} codes={codes.data} onDone={onDone} />;
}

// An order is sent under a number of its own, so that one that is sent twice is one.
const number = () => `F${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36).padStart(2, '0')}`.toUpperCase().slice(0, 16);

function Form({ before, codes, onDone }: { before: Order | null; codes: Code[]; onDone: () => void }) {
  const [input, setInput] = useState<OrderInput>(() => (before ? inputOf(before) : blank(new Date())));
  const [anew, setAnew] = useState(false);
  const [placer] = useState(number);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [canceling, setCanceling] = useState(false);
  const past = !!before?.canceledAt && !anew;
  const set = (change: Partial<OrderInput>) => {
    setInput({ ...input, ...change });
    setError('');
  };
  const text = (name: keyof OrderInput, label: Word, more: object = {}) => <TextField name={name} label={w(label)} value={input[name]} onInput={(v) => set({ [name]: v })} readOnly={past} {...more} />;
  const area = (name: keyof OrderInput, label: Word, rows = 2) => (
    <label class="field whole">
      <span>{w(label)}</span>
      <textarea name={name} rows={rows} maxLength={4000} readOnly={past} value={input[name]} onInput={(e) => set({ [name]: e.currentTarget.value })} />
    </label>
  );
  const send = async (e: Event) => {
    e.preventDefault();
    if (!input.kanji.trim() && !input.kana.trim() && !input.roman.trim()) {
      setError(w('nameMissing'));
      return;
    }
    setBusy(true);
    setError('');
    const changes = before && !anew;
    try {
      await api.json(changes ? `/orders/${before.id}` : '/orders', { method: changes ? 'PUT' : 'POST', body: bodyOf(input, changes ? (before.placer ?? '') : placer) });
      say(w(changes ? 'changed' : 'saved'));
      onDone();
    } catch (err) {
      setError([problemText(err), err instanceof ApiError ? err.detail : ''].filter(Boolean).join(' '));
      setBusy(false);
    }
  };
  const picked = codes.findIndex((c) => c.modality === input.modality && c.code === input.code && c.description === input.description);
  return (
    <>
      <div class="list-head">
        <h1>{w(before && !anew ? 'edit' : 'write')}</h1>
        {before && !anew ? <OrderState order={before} /> : null}
      </div>
      {past ? (
        <Banner
          tone="warn"
          action={
            <Button small act="order-again" onClick={() => (setAnew(true), set({ accession: '' }))}>
              {w('again')}
            </Button>
          }
        >
          {w('past')}
        </Banner>
      ) : null}
      <form class="order-form" data-form="order" onSubmit={(e) => void send(e)}>
        <Group title={w('person')}>
          {text('patientId', 'patientId', { required: true, max: 64 })}
          {text('kanji', 'kanji', { max: 64, lang: 'ja', hint: w('nameHint') })}
          {text('kana', 'kana', { max: 64, lang: 'ja' })}
          {text('roman', 'roman', { max: 64, lang: 'en' })}
          {text('birth', 'birth', { type: 'date' })}
          <SelectField name="sex" label={w('sex')} value={input.sex} onChange={(sex) => set({ sex })} options={[{ id: '', text: w('unknown') }, ...(['M', 'F', 'O'] as const).map((s) => ({ id: s, text: w(s) }))]} />
        </Group>
        <Group title={w('exam')}>
          {codes.length > 0 ? (
            <SelectField
              name="pick"
              label={w('pick')}
              value={String(picked)}
              onChange={(v) => {
                const c = codes[Number(v)];
                if (c) set({ modality: c.modality, code: c.code, description: c.description });
              }}
              options={[{ id: '-1', text: w('pickNone') }, ...codes.map((c, n) => ({ id: String(n), text: `${c.modality} ${c.description}${c.code ? ` (${c.code})` : ''}` }))]}
            />
          ) : null}
          <SelectField name="modality" label={w('modality')} value={input.modality} onChange={(modality) => set({ modality })} options={[...new Set([...modalities, input.modality])].map((m) => ({ id: m, text: m }))} />
          {text('description', 'description', { required: true, max: 64 })}
          {text('code', 'code', { max: 32, pattern: '[0-9A-Z]{16}|[0-9A-Z]{32}', hint: w('codeHint') })}
          {text('day', 'day', { type: 'date', required: true })}
          <label class="field">
            <span>{w('time')}</span>
            <input name="time" type="time" required readOnly={past} value={input.time} onInput={(e) => set({ time: e.currentTarget.value })} />
          </label>
          <SelectField name="priority" label={w('priority')} value={input.priority} onChange={(priority) => set({ priority })} options={(['STAT', 'HIGH', 'ROUTINE', 'LOW'] as Word[]).concat(input.priority === 'MEDIUM' ? ['MEDIUM'] : []).map((p) => ({ id: p, text: w(p) }))} />
          {text('station', 'station', { max: 16 })}
          {text('accession', 'accession', { max: 16 })}
        </Group>
        <Group title={w('clinic')}>
          {area('question', 'question', 3)}
          {area('history', 'history')}
          {text('onset', 'onset', { type: 'datetime-local' })}
        </Group>
        <Group title={w('notes')}>
          {area('alerts', 'alerts', 1)}
          {area('contrast', 'contrast', 1)}
          {area('allergies', 'allergies', 1)}
        </Group>
        <Group title={w('who')}>
          {text('referrer', 'referrer', { max: 64 })}
          {area('others', 'others', 1)}
        </Group>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <div class="rows-actions">
          {past ? null : (
            <Button type="submit" kind="primary" busy={busy} act="order-save">
              {w('save')}
            </Button>
          )}
          <Button onClick={() => go('orders')}>{t('cancel')}</Button>
          {before && !before.canceledAt ? (
            <Button kind="danger" act="order-cancel" onClick={() => setCanceling(true)}>
              {w('cancelOrder')}
            </Button>
          ) : null}
        </div>
      </form>
      {canceling && before ? <Cancel order={before} onClose={() => setCanceling(false)} onDone={onDone} /> : null}
    </>
  );
}

function Cancel({ order, onClose, onDone }: { order: Order; onClose: () => void; onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const cancel = () => {
    setBusy(true);
    api.json(`/orders/${order.id}`, { method: 'DELETE' }).then(
      () => (say(w('canceledNow')), onDone()),
      (e: unknown) => (setError(problemText(e)), setBusy(false)),
    );
  };
  return (
    <Dialog
      title={w('cancelOrder')}
      name="order-cancel"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{w('keep')}</Button>
          <Button kind="danger" busy={busy} act="order-cancel-confirm" onClick={cancel}>
            {w('cancelOrder')}
          </Button>
        </>
      }
    >
      <p>{w('cancelLead')}</p>
      {error ? <Banner tone="danger">{error}</Banner> : null}
    </Dialog>
  );
}
