import { computed, signal } from '@preact/signals';
import { Client } from './api/client';
import { errorCode } from './api/error';
import { Live, ownBuild } from './api/live';
import type { Me, Workitem } from './api/types';

/** Who is signed in: undefined until the server has said, null for nobody. */
export const me = signal<Me | null | undefined>(undefined);

/** The session ended under a page that is still open. What was typed stays there. */
export const expired = signal(false);

/** Why the first question to the server failed, when it did. */
export const bootError = signal('');

export const live = new Live();

/** The build of the page that the server has, where this page is of another; else ''. */
export const outdated = computed(() => (ownBuild && live.build.value !== ownBuild ? live.build.value : ''));
/** This page does not understand what the server says, or could not show it. */
export const broken = signal(false);

/** The study whose images somebody has begun to show. */
export const invited = signal('');
/** The study whose look is to be joined when its page opens. */
export const awaited = signal('');
live.subscribe(
  (e) => {
    if (e.kind === 'room.look_started' && e.studyId) invited.value = e.studyId;
  },
  () => undefined,
);

if (typeof document !== 'undefined') {
  const look = () => live.look(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', look);
  look();
}

export const api = new Client({
  onUnauthenticated: () => {
    if (me.value) expired.value = true;
  },
  onStrange: () => (broken.value = true),
  onReauthenticate: () => new Promise((resolve) => (proving.value = (ok) => ((proving.value = null), resolve(ok)))),
});

/** Whether an item that waits is offered to who is signed in, by name or with their panel. */
export function forMe(i: Workitem): boolean {
  const own = me.value?.userId;
  return !i.offeredTo || i.offeredTo.id === own || i.deputy?.id === own;
}

/** Somebody is to show again who they are: what to call when they have, or have not. */
export const proving = signal<((ok: boolean) => void) | null>(null);

const resumers = new Set<() => void>();

/** f is called when a session that had ended goes on. Returns the way out. */
export function onResume(f: () => void): () => void {
  resumers.add(f);
  return () => void resumers.delete(f);
}

export async function boot() {
  bootError.value = '';
  try {
    const who = await api.session();
    // A password without its second factor is a sign-in that was left half way.
    if (who.needs.includes('second_factor')) me.value = null;
    else enter(who);
  } catch (e) {
    const code = errorCode(e);
    if (code === 'unauthenticated') me.value = null;
    else bootError.value = code;
  }
}

/** who has signed in; another than before at the same desk starts afresh. */
export function signedIn(who: Me) {
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
  let elsewhere: string | undefined;
  try {
    elsewhere = (await api.signOut())?.logout;
  } catch {
    // The cookie may be gone already; the page forgets either way.
  }
  expired.value = false;
  me.value = null;
  location.hash = '#/';
  if (elsewhere) location.assign(elsewhere);
}

function enter(who: Me) {
  me.value = who;
  if (who.needs.length === 0) live.start();
}

/** Whether the role of who is signed in has a right: storage/identity/rights.go. */
export function may(right: string): boolean {
  return !!me.value?.rights.includes(right);
}
