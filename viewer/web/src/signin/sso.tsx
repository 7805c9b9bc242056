// A hospital's own sign-on: there and back, or in another window while a page with
// unsaved text stays open.
import { useEffect, useState } from 'preact/hooks';
import type { Named } from '../api/types';
import { named, t } from '../i18n';
import { route } from '../route';
import { api, me, signedIn } from '../session';
import { Banner, Blank, Button } from '../ui/controls';
import { codeText, problemText } from '../ui/problem';

export interface Provider extends Named {
  facility: string;
}

/** The address at which a person signs in at the hospital. */
export async function signOnAt(provider: string, invitation = ''): Promise<string> {
  const { location: to } = await api.json<{ location: string }>(`/sso/${encodeURIComponent(provider)}`, { method: 'POST', body: { invitation } });
  return to;
}

/** Ways in by hospitals' sign-ons. again: the page stays, and another window goes. */
export function SignOns({ again }: { again?: boolean }) {
  const [list, setList] = useState<Provider[]>([]);
  const [away, setAway] = useState(false);
  const [error, setError] = useState('');
  useEffect(() => {
    api.json<Provider[]>('/sso').then(setList, () => undefined); // without them there is still a password
  }, []);
  useEffect(() => {
    if (!away) return;
    const look = () => void api.session().then(signedIn, () => undefined);
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [away]);
  const shown = again ? list.filter((p) => p.facility === me.value?.facility?.id) : list;
  if (shown.length === 0) return null;
  const go = async (p: Provider) => {
    setError('');
    const other = again ? open('', '_blank') : null; // before the first await, or the browser takes it for an advertisement
    try {
      const to = await signOnAt(p.id);
      if (!again) location.assign(to);
      else if (other) {
        other.location.href = to;
        setAway(true);
      }
    } catch (e) {
      other?.close();
      setError(problemText(e));
    }
  };
  return (
    <div class="signin-form" data-sso>
      <p class="signin-or">
        <span>{t('sso.or')}</span>
      </p>
      {shown.map((p) => (
        <Button key={p.id} icon="person" act={`sso-${p.id}`} onClick={() => void go(p)}>
          {named(p)}
        </Button>
      ))}
      {away ? <p aria-live="polite">{t('sso.away')}</p> : null}
      <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
    </div>
  );
}

/** A hospital's own link to its sign-on: #/sso/ID. */
export function SignOnLink() {
  const [error, setError] = useState('');
  useEffect(() => {
    signOnAt(route.value.id).then(
      (to) => location.replace(to),
      (e: unknown) => setError(problemText(e)),
    );
  }, []);
  return error ? <Blank icon="warn" title={error} /> : <Blank busy title={t('loading')} />;
}

/** What a sign-on that failed has to say, on the page of signing in. */
export function SignOnFailed() {
  const { page, id } = route.value;
  return page === 'sso-failed' ? <Banner tone="danger">{codeText(id)}</Banner> : null;
}
