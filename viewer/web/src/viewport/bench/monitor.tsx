import { useEffect, useState } from 'preact/hooks';
import { instant, num } from '../../i18n';
import { Button } from '../../ui/controls';
import { Dialog } from '../../ui/dialog';
import { sayProblem } from '../../ui/problem';
import type { Choice } from '../../ui/choice';
import { jndsBetween } from './gsdf';
import { w } from './words';

/** What a reader declares of the monitor they read on. */
export interface Monitor {
  name: string;
  /** cd/m² of black and white, as measured; 0 when they were not. */
  black: number;
  white: number;
  seenAt: string;
}

const steps = 18;
const grey = (level: number) => `rgb(${level} ${level} ${level})`;

/** Patches to see whether the monitor shows every grey, and what is declared of it. */
export function MonitorDialog({ choice, onClose }: { choice: Choice<Monitor[]>; onClose: () => void }) {
  const [name, setName] = useState('');
  const [black, setBlack] = useState('');
  const [white, setWhite] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => void choice.load().catch(sayProblem), []);
  const seen = jndsBetween(Number(black), Number(white));
  const declare = async () => {
    setBusy(true);
    try {
      const one: Monitor = { name: name.trim(), black: Number(black) || 0, white: Number(white) || 0, seenAt: new Date().toISOString() };
      await choice.save((now) => [one, ...(now ?? []).filter((m) => m.name !== one.name)].slice(0, 12));
    } catch (e) {
      sayProblem(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={w('monitor.title')} onClose={onClose} wide name="monitor">
      <p>{w('monitor.lead')}</p>
      <div class="gsdf" role="img" aria-label={w('monitor.patches')}>
        {Array.from({ length: steps }, (_, i) => {
          const level = Math.round((i * 255) / (steps - 1));
          const inner = level > 127 ? level - 6 : level + 6;
          return (
            <span key={i} style={{ background: grey(level) }}>
              <i style={{ background: grey(inner) }} />
            </span>
          );
        })}
      </div>
      <div class="gsdf ends" role="img" aria-label={w('monitor.ends')}>
        <span style={{ background: grey(0) }}>
          <i style={{ background: grey(13) }} />
        </span>
        <span style={{ background: grey(255) }}>
          <i style={{ background: grey(242) }} />
        </span>
      </div>
      <p class="muted">{w('monitor.how')}</p>
      <form
        class="hanging-new"
        onSubmit={(e) => {
          e.preventDefault();
          void declare();
        }}
      >
        <label class="field">
          <span>{w('monitor.name')}</span>
          <input name="monitor-name" required maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{w('monitor.black')}</span>
          <input type="number" step="any" min="0.05" value={black} onInput={(e) => setBlack(e.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{w('monitor.white')}</span>
          <input type="number" step="any" min="1" max="3993" value={white} onInput={(e) => setWhite(e.currentTarget.value)} />
        </label>
        <Button kind="primary" type="submit" busy={busy} act="monitor-declare">
          {w('monitor.declare')}
        </Button>
      </form>
      {seen === null ? null : <p data-jnds={seen}>{w('monitor.jnds', { n: num(seen), ratio: num(Number(white) / Number(black)) })}</p>}
      <ul class="hangings">
        {(choice.value.value ?? []).map((m) => (
          <li key={m.name} data-monitor={m.name}>
            <b>{m.name}</b> {m.white ? `${m.black}–${m.white} cd/m²` : ''} <span class="muted">{w('monitor.seen', { at: instant(m.seenAt) })}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
