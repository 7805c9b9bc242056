import { me, onResume } from '../session';
import type { DraftKeeper } from './draft';

// Drafts of this page's life. One that is not saved yet is kept when the reader
// goes back to the list, and is there on return. What makes one comes with the
// editor; the page before it only has to know of those there are.
const keepers = new Map<string, DraftKeeper>();

export function keeperOf(workitem: string, make: () => DraftKeeper): DraftKeeper {
  let k = keepers.get(workitem);
  if (!k) {
    k = make();
    keepers.set(workitem, k);
  }
  return k;
}

export async function letGo(workitem: string) {
  const k = keepers.get(workitem);
  if (!k) return;
  if (!k.unsaved || (await k.flush())) {
    k.stop();
    keepers.delete(workitem);
  }
}

export function forget(workitem: string) {
  keepers.get(workitem)?.stop();
  keepers.delete(workitem);
}

/** Whether something written is not on the server. */
export function unsaved(): boolean {
  return [...keepers.values()].some((k) => k.unsaved);
}

export async function flushAll() {
  await Promise.all([...keepers.values()].map((k) => k.flush()));
}

onResume(() => {
  for (const k of keepers.values()) k.resume();
});

if (typeof addEventListener === 'function') {
  addEventListener('online', () => {
    for (const k of keepers.values()) k.resume();
  });
  addEventListener('beforeunload', (e) => {
    if (unsaved()) e.preventDefault();
  });
}

// Nobody signed in: what another person typed is not for the next one.
me.subscribe((who) => {
  if (who !== null) return;
  for (const k of keepers.values()) k.stop();
  keepers.clear();
});
