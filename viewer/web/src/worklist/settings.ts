import type { Named } from '../api/types';
import { Choice } from '../ui/choice';
import { preset, settings, type NamedList, type Settings } from './chosen';

export interface SharedList extends NamedList {
  id: string;
  /** Whose readers see it; null: everybody. */
  panel: Named | null;
  by: Named;
  mine: boolean;
}

const kept = new Choice<Partial<Settings>>('worklist');
let asked: Promise<void> | null = null;

/** Reads what the person has chosen, once a session. */
export function learnSettings(): Promise<void> {
  asked ??= kept.load().then(
    () => {
      settings.value = { ...preset, ...kept.value.value };
    },
    () => {
      asked = null; // asked again with the next page; until then the usual
    },
  );
  return asked;
}

/** Shows a choice at once and saves it: over what another page has chosen meanwhile, and after what was chosen here before. */
export async function choose(change: Partial<Settings>): Promise<void> {
  settings.value = { ...settings.value, ...change };
  await kept.save((now) => ({ ...now, ...change }));
}
