import './renew.css';
import { useEffect, useState } from 'preact/hooks';
import { t } from './i18n';
import { flushAll, unsaved } from './reading/keepers';
import { route } from './route';
import { api, broken, me, outdated } from './session';
import { Button } from './ui/controls';

/** How long nobody may have touched a page before it is loaded again unasked. */
export const idleMs = 60_000;
const touches = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'];
const key = 'dokuei.renewed';

// Renew says that the server has another build of the page, or that the page does not
// understand its server. It is fetched while there is no need of it: after an upgrade
// nothing of this build can be fetched any more.
export function Renew() {
  const build = outdated.value;
  const due = build !== '' || broken.value;
  const [busy, setBusy] = useState(false);
  useEffect(() => (build ? whenIdle(() => renewUnasked(build)) : undefined), [build]);
  if (!due) return null;
  const go = async () => {
    setBusy(true);
    await Promise.all([flushAll(), api.prepare()]).catch(() => undefined);
    location.reload(); // of what is not saved the browser asks
    setBusy(false);
  };
  return (
    <div class="banner accent renew" role="status" data-renew={build || 'broken'}>
      <div class="banner-text">{t(build ? 'renew.title' : 'renew.broken')}</div>
      <Button kind="primary" small busy={busy} onClick={() => void go()} act="renew">
        {t('renew.reload')}
      </Button>
    </div>
  );
}

/** f is asked whenever nobody has touched the page for a while. Returns the way out. */
export function whenIdle(f: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (f(), wait()), idleMs);
  };
  wait();
  for (const e of touches) addEventListener(e, wait, { passive: true, capture: true });
  return () => {
    clearTimeout(timer);
    for (const e of touches) removeEventListener(e, wait, { capture: true });
  };
}

/** Whether a reader is at the worklist with nothing typed, chosen or unsaved. */
export function atRest(): boolean {
  const typed = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('textarea, input[type=search], input[type=text], input:not([type])')].some((f) => f.value !== '');
  return me.value?.desk === 'reading' && route.value.page === '' && !unsaved() && !typed && !document.querySelector('dialog[open]');
}

// Once for each build: of two servers that differ the page would go to and fro.
function renewUnasked(build: string) {
  if (!atRest()) return;
  try {
    if (sessionStorage.getItem(key) === build) return;
    sessionStorage.setItem(key, build);
  } catch {
    return; // nowhere to note it: the reader is asked
  }
  location.reload();
}
