import { useState } from 'preact/hooks';
import { Button } from '../../ui/controls';
import { Dialog } from '../../ui/dialog';
import { keyName } from '../../ui/keys';
import { sayProblem } from '../../ui/problem';
import type { Command } from '../commands';
import { chosen, keysOf } from '../hotkeys';
import type { Choice } from '../../ui/choice';
import { labelOf } from './help';
import { keyText } from './keytext';
import { w } from './words';

const modifiers = ['Shift', 'Control', 'Alt', 'Meta'];

/** Every command with its keys, to be given others. */
export function HotkeyDialog({ commands, choice, onClose }: { commands: Command[]; choice: Choice<Record<string, string[]>>; onClose: () => void }) {
  const [asking, setAsking] = useState('');
  const save = (change: (now: Record<string, string[]>) => Record<string, string[]>) =>
    choice.save((now) => change(now ?? {})).then(() => (chosen.value = choice.value.value ?? {}), sayProblem);
  const take = (c: Command, key: string) => {
    setAsking('');
    void save((now) => {
      const next = { ...now, [c.id]: [key] };
      // What another command had by choice is no longer its.
      for (const [id, keys] of Object.entries(next)) if (id !== c.id && keys.includes(key)) next[id] = keys.filter((k) => k !== key);
      return next;
    });
  };
  return (
    <Dialog
      title={w('hotkeys.title')}
      onClose={onClose}
      wide
      name="hotkeys"
      actions={
        <Button act="hotkeys-reset" onClick={() => void save(() => ({}))}>
          {w('hotkeys.reset')}
        </Button>
      }
    >
      <p>{w('hotkeys.lead')}</p>
      <ul class="hotkeys">
        {commands.map((c) => (
          <li key={c.id}>
            <span>{labelOf(c)}</span>
            <button
              type="button"
              class="btn small"
              data-hotkey={c.id}
              aria-label={`${labelOf(c)}: ${keysOf(c).map(keyText).join(' ')}`}
              aria-pressed={asking === c.id}
              onClick={() => setAsking(c.id)}
              onBlur={() => setAsking('')}
              onKeyDown={(e) => {
                if (asking !== c.id || modifiers.includes(e.key) || e.key === 'Tab') return;
                e.preventDefault();
                e.stopPropagation();
                take(c, keyName(e));
              }}
            >
              {asking === c.id ? w('hotkeys.press') : keysOf(c).map(keyText).join(' ') || '–'}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
