import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Named } from '../api/types';
import { lang, named, t } from '../i18n';
import { api, may } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { problemText } from '../ui/problem';
import { Closures } from './closures';
import { SelectField, TextField } from './fields';
import { Waiting } from './listing';
import { gaps, hours, mondayOf, plusDays, tokyo, type Shift, type Span } from './week';
import { w } from './words';

interface Row {
  reader: Named;
  panels: string[];
  duty: 'reading' | 'on-call' | 'absent' | '';
  reading: Span[];
  onCall: Span[];
  always: boolean;
  exceptions: Shift[];
}
interface Roster {
  days: { day: string; holiday: string; closed: boolean }[];
  readers: Row[];
}

/** Who reads when: a week of every reader, with what is laid over it. */
export function Shifts() {
  const [from, setFrom] = useState(mondayOf(Date.now()));
  const [closing, setClosing] = useState(false);
  const [editing, setEditing] = useState<Shift | null>(null);
  const loaded = useLoad(() => api.json<Roster>('/roster', { query: { from, days: 7 } }), [], [from]);
  useLive((_, kind) => kind === 'workitem', loaded.reload);
  const change = may('workitem.assign');
  return (
    <>
      <div class="page-head">
        <h1>{t('coord.shifts')}</h1>
        <span class="head-actions">
          <Button icon="back" label={w('shift.prev')} onClick={() => setFrom(plusDays(from, -7))} act="week-before" />
          <Button onClick={() => setFrom(mondayOf(Date.now()))}>{w('shift.today')}</Button>
          <Button icon="next" label={w('shift.next')} onClick={() => setFrom(plusDays(from, 7))} act="week-after" />
          {change ? (
            <Button onClick={() => setClosing(true)} act="closures">
              {w('shift.closures')}
            </Button>
          ) : null}
          {change ? (
            <Button kind="primary" onClick={() => setEditing({ id: '', reader: loaded.data?.readers[0]?.reader.id ?? '', kind: 'reading', from: `${from}T09:00:00+09:00`, to: `${from}T12:00:00+09:00` })} act="shift-add">
              {w('shift.add')}
            </Button>
          ) : null}
        </span>
      </div>
      <p class="muted">{w('shift.lead')}</p>
      <Waiting loaded={loaded}>{(d) => <Week roster={d} onPick={change ? setEditing : undefined} />}</Waiting>
      {closing ? (
        <Closures
          onClose={() => setClosing(false)}
          onDone={() => {
            setClosing(false);
            loaded.reload();
          }}
        />
      ) : null}
      {editing ? (
        <ShiftDialog
          shift={editing}
          readers={loaded.data?.readers ?? []}
          onClose={() => setEditing(null)}
          onDone={() => {
            setEditing(null);
            loaded.reload();
          }}
        />
      ) : null}
    </>
  );
}

function Week({ roster, onPick }: { roster: Roster; onPick?: ((s: Shift) => void) | undefined }) {
  const monday = roster.days[0]!.day;
  const start = Date.parse(`${monday}T00:00:00+09:00`);
  const length = roster.days.length * 86_400_000;
  const at = (time: string) => ((Date.parse(time) - start) / length) * 100;
  const empty = gaps(roster.readers, start, length);
  const missing = Math.round(empty.reduce((n, [a, b]) => n + (b - a), 0) / 3_600_000);
  const weekday = new Intl.DateTimeFormat(lang.value === 'ja' ? 'ja-JP' : 'en-GB', { weekday: 'short', day: 'numeric', month: 'numeric', timeZone: 'Asia/Tokyo' });
  const today = tokyo(now.value);
  const box = useRef<HTMLDivElement>(null);
  // Where the week is wider than the screen, it is shown from today on.
  useLayoutEffect(() => {
    if (box.current) box.current.scrollLeft = box.current.querySelector<HTMLElement>('.roster-day.today')?.offsetLeft ?? 0;
  }, [monday]);
  const bar = (s: Span, kind: string, key: string) => {
    const a = Math.max(0, at(s.from));
    const b = Math.min(100, at(s.to));
    return b > a ? <span key={key} class={`shift ${kind}`} style={{ left: `${a}%`, width: `${b - a}%` }} title={hours(s)} /> : null;
  };
  return (
    <>
      <Banner tone={missing > 0 ? 'warn' : 'ok'} icon={missing > 0 ? 'warn' : 'check'}>
        {missing > 0 ? w('shift.gaps', { n: missing }) : w('shift.full')}
      </Banner>
      <div class="roster" ref={box} role="region" tabIndex={0} aria-label={t('coord.shifts')}>
        <div class="roster-head">
          <span class="roster-name" />
          <span class="roster-track">
            {roster.days.map((d) => (
              <span key={d.day} class={`roster-day${d.closed ? ' closed' : ''}${d.day === today ? ' today' : ''}`}>
                {weekday.format(Date.parse(`${d.day}T00:00:00+09:00`))}
                {d.holiday ? <small>{lang.value === 'ja' ? d.holiday : w('shift.closed')}</small> : d.closed ? <small>{w('shift.closed')}</small> : null}
              </span>
            ))}
          </span>
        </div>
        {roster.readers.map((r) => (
          <div key={r.reader.id} class="roster-row" data-roster={r.reader.id}>
            <span class="roster-name">
              <strong>{named(r.reader)}</strong>
              <Chip tone={r.duty === 'reading' ? 'ok' : r.duty === 'on-call' ? 'strong' : r.duty === 'absent' ? 'warn' : 'neutral'}>{w(`duty.${r.duty}`)}</Chip>
            </span>
            <span
              class="roster-track"
              onClick={(e) => {
                if (!onPick || (e.target as Element).closest('button')) return;
                const box = e.currentTarget.getBoundingClientRect();
                const hour = Math.floor(((e.clientX - box.left) / box.width) * roster.days.length * 24);
                const begin = start + hour * 3_600_000;
                onPick({ id: '', reader: r.reader.id, kind: 'reading', from: new Date(begin).toISOString(), to: new Date(begin + 4 * 3_600_000).toISOString() });
              }}
            >
              {roster.days.map((d, n) => (
                <span key={d.day} class={`roster-cell${d.closed ? ' closed' : ''}`} style={{ left: `${(n / roster.days.length) * 100}%`, width: `${100 / roster.days.length}%` }} />
              ))}
              {r.onCall.map((s, n) => bar(s, 'on-call', `c${n}`))}
              {r.always ? <span class="shift reading faint" style={{ left: 0, width: '100%' }} title={w('shift.always')} /> : null}
              {r.reading.map((s, n) => bar(s, 'reading', `r${n}`))}
              {r.exceptions.map((s) => {
                const a = Math.max(0, at(s.from));
                const b = Math.min(100, at(s.to));
                return (
                  <button
                    key={s.id}
                    type="button"
                    class={`shift exception ${s.kind}`}
                    style={{ left: `${a}%`, width: `${Math.max(b - a, 0.6)}%` }}
                    title={`${w(`shift.${s.kind}`)} ${hours(s)}`}
                    aria-label={`${named(r.reader)} ${w(`shift.${s.kind}`)} ${hours(s)}`}
                    data-shift={s.kind}
                    onClick={() => onPick?.(s)}
                  >
                    <span>{w(`shift.${s.kind}`)}</span>
                  </button>
                );
              })}
            </span>
          </div>
        ))}
        <div class="roster-row cover">
          <span class="roster-name muted">{w('shift.cover')}</span>
          <span class="roster-track">
            <span class="shift covered" style={{ left: 0, width: '100%' }} />
            {empty.map(([a, b]) => (
              <span key={a} class="shift gap" style={{ left: `${((a - start) / length) * 100}%`, width: `${((b - a) / length) * 100}%` }} title={`${w('shift.gap')} ${hours({ from: new Date(a).toISOString(), to: new Date(b).toISOString() })}`} />
            ))}
            {now.value >= start && now.value < start + length ? <span class="roster-now" style={{ left: `${((now.value - start) / length) * 100}%` }} /> : null}
          </span>
        </div>
      </div>
      <ul class="legend" aria-hidden="true">
        {(['reading', 'on-call', 'absent'] as const).map((k) => (
          <li key={k}>
            <span class={`shift exception ${k}`} /> {w(`shift.${k}`)}
          </li>
        ))}
        <li>
          <span class="shift gap" /> {w('shift.gap')}
        </li>
      </ul>
    </>
  );
}

function local(iso: string): string {
  return new Date(Date.parse(iso) + 9 * 3_600_000).toISOString().slice(0, 16);
}

function ShiftDialog({ shift, readers, onClose, onDone }: { shift: Shift; readers: Row[]; onClose: () => void; onDone: () => void }) {
  const [s, setS] = useState({ ...shift, from: local(shift.from), to: local(shift.to) });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const run = async (f: () => Promise<unknown>) => {
    setBusy(true);
    setError('');
    try {
      await f();
      onDone();
    } catch (e) {
      setError(problemText(e));
      setBusy(false);
    }
  };
  const made = !!shift.id;
  return (
    <Dialog
      title={made ? w('shift.exception') : w('shift.add')}
      name="shift"
      onClose={onClose}
      actions={
        made ? (
          <Button kind="danger" busy={busy} onClick={() => void run(() => api.json('/shifts/cancel', { method: 'POST', body: { id: shift.id } }))} act="shift-cancel">
            {w('shift.cancel')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('cancel')}</Button>
            <Button
              kind="primary"
              busy={busy}
              disabled={!s.reader || !(s.to > s.from)}
              onClick={() => void run(() => api.json('/shifts', { method: 'POST', body: { reader: s.reader, kind: s.kind, from: `${s.from}:00+09:00`, to: `${s.to}:00+09:00` } }))}
              act="shift-save"
            >
              {w('add')}
            </Button>
          </>
        )
      }
    >
      {error ? <Banner tone="danger">{error}</Banner> : null}
      {made ? (
        <p>
          {named(readers.find((r) => r.reader.id === shift.reader)?.reader)} <Chip>{w(`shift.${shift.kind}`)}</Chip> {hours(shift)}
        </p>
      ) : (
        <>
          <SelectField name="shift-reader" label={t('col.reader')} value={s.reader} onChange={(reader) => setS({ ...s, reader })} options={readers.map((r) => ({ id: r.reader.id, text: named(r.reader) }))} />
          <SelectField name="shift-kind" label={w('shift.kind')} value={s.kind} onChange={(kind) => setS({ ...s, kind: kind as Shift['kind'] })} options={(['reading', 'on-call', 'absent'] as const).map((k) => ({ id: k, text: w(`shift.${k}`) }))} />
          <TextField name="shift-from" type="datetime-local" label={w('shift.from')} value={s.from} onInput={(from) => setS({ ...s, from })} />
          <TextField name="shift-to" type="datetime-local" label={w('shift.to')} value={s.to} onInput={(to) => setS({ ...s, to })} />
        </>
      )}
    </Dialog>
  );
}
