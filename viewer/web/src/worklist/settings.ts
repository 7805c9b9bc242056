import type { Named } from '../api/types';
import { errorCode } from '../api/error';
import { api } from '../session';
import { preset, settings, type NamedList, type Settings } from './chosen';

export interface SharedList extends NamedList {
  id: string;
  /** Whose readers see it; null: everybody. */
  panel: Named | null;
  by: Named;
  mine: boolean;
}

let revision = 0;
let asked: Promise<void> | null = null;

/** Reads what the person has chosen, once a session. */
export function learnSettings(): Promise<void> {
  asked ??= api.preference<Partial<Settings>>('worklist').then(
    (p) => {
      revision = p.revision;
      settings.value = { ...preset, ...p.value };
    },
    () => {
      asked = null; // asked again with the next page; until then the usual
    },
  );
  return asked;
}

export async function choose(change: Partial<Settings>): Promise<void> {
  settings.value = { ...settings.value, ...change };
  try {
    revision = (await api.savePreference('worklist', revision, settings.value)).revision;
  } catch (e) {
    if (errorCode(e) !== 'stale_preference') throw e;
    // Chosen on another page meanwhile: what is changed here is laid over that.
    const now = await api.preference<Partial<Settings>>('worklist');
    settings.value = { ...preset, ...now.value, ...change };
    revision = (await api.savePreference('worklist', now.revision, settings.value)).revision;
  }
}
