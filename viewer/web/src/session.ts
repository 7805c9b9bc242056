import { signal } from '@preact/signals';
import { Client } from './api/client';
import { errorCode } from './api/error';
import { Live } from './api/live';
import type { Me } from './api/types';

/** Who is signed in: undefined until the server has said, null for nobody. */
export const me = signal<Me | null | undefined>(undefined);

/** The session ended under a page that is still open. What was typed stays there. */
export const expired = signal(false);

/** Why the first question to the server failed, when it did. */
export const bootError = signal('');

export const live = new Live();

if (typeof document !== 'undefined') {
  const look = () => live.look(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', look);
  look();
}

export const api = new Client({
  onUnauthenticated: () => {
    if (me.value) expired.value = true;
  },
});

const resumers = new Set<() => void>();

/** f is called when a session that had ended goes on. Returns the way out. */
export function onResume(f: () => void): () => void {
  resumers.add(f);
  return () => void resumers.delete(f);
}

export async function boot() {
  bootError.value = '';
  try {
    enter(await api.session());
  } catch (e) {
    const code = errorCode(e);
    if (code === 'unauthenticated') me.value = null;
    else bootError.value = code;
  }
}

export async function signIn(login: string, password: string) {
  const who = await api.signIn(login, password);
  const before = me.value;
  if (before && before.userId !== who.userId) {
    // Somebody else at the same desk: nothing of the first may stay in memory.
    location.replace('#/');
    location.reload();
    return;
  }
  expired.value = false;
  enter(who);
  if (before) for (const f of resumers) f();
}

export async function signOut() {
  live.stop();
  try {
    await api.signOut();
  } catch {
    // The cookie may be gone already; the page forgets either way.
  }
  expired.value = false;
  me.value = null;
  location.hash = '#/';
}

function enter(who: Me) {
  me.value = who;
  live.start();
}

/** Whether the role of who is signed in has a right: storage/identity/rights.go. */
export function may(right: string): boolean {
  return !!me.value?.rights.includes(right);
}
