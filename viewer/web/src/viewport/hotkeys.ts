import { signal } from '@preact/signals';
import type { Bindings } from '../ui/keys';
import type { Command } from './commands';
import type { Stage } from './stage';

/** Keys the reader has chosen, by command; the others have those they come with. */
export const chosen = signal<Record<string, string[]>>({});

export function keysOf(c: Command): string[] {
  return chosen.value[c.id] ?? c.keys;
}

/** A key that the reader has given to one command is no longer another's. */
export function bindings(list: Command[], stage: Stage): Bindings {
  const out: Bindings = {};
  for (const own of [false, true]) {
    for (const c of list) {
      if (Object.hasOwn(chosen.value, c.id) !== own) continue;
      for (const key of keysOf(c)) out[key] = () => c.run(stage);
    }
  }
  return out;
}
