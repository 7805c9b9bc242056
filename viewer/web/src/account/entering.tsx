// The steps between the first credential and the desk: an own password, a second
// factor, and before all of them an invitation.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Me } from '../api/types';
import { named, t } from '../i18n';
import { route } from '../route';
import { api, me, signedIn, signOut } from '../session';
import { type Provider, signOnAt } from '../signin/sso';
import { Banner, Blank, Button } from '../ui/controls';
import { problemText } from '../ui/problem';
import { LangSwitch, ThemeSwitch } from '../ui/topbar';
import { GeneratorSetup, RecoveryCodes } from './generator';
import { cancelled, hasPasskeys } from './passkey';
import { makePasskey } from './webauthn';
import { w } from './words';
import './account.css';

function Card({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main id="content" class="signin" tabIndex={-1}>
      <div class="signin-switches">
        <LangSwitch />
        <ThemeSwitch />
      </div>
      <div class="signin-card wide">
        <h1 class="entering-title">{title}</h1>
        {children}
      </div>
    </main>
  );
}

export function Entering() {
  const need = me.value?.needs[0];
  return (
    <Card title={w(need === 'password' ? 'entering.password' : 'entering.enrol')}>
      {need === 'password' ? <OwnPassword /> : <Enrol />}
      <p class="signin-other">
        <button type="button" class="link" onClick={() => void signOut()}>
          {t('signout')}
        </button>
      </p>
    </Card>
  );
}

function OwnPassword() {
  const [current, setCurrent] = useState('');
  const form = usePassword(async (next) => {
    await api.changePassword(current, next);
    signedIn(await api.session());
  });
  return (
    <form class="signin-form" onSubmit={form.submit}>
      <p>{w('entering.passwordLead')}</p>
      <input class="sr" type="text" name="username" autocomplete="username" tabIndex={-1} aria-hidden="true" readOnly value={me.value?.login ?? ''} />
      <label class="field">
        <span>{t('password.current')}</span>
        <input name="password-current" type="password" autocomplete="current-password" required value={current} onInput={(e) => setCurrent(e.currentTarget.value)} />
      </label>
      {form.fields}
    </form>
  );
}

/** A new password, typed twice. */
function usePassword(send: (next: string) => Promise<void>) {
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const submit = (e: Event) => {
    e.preventDefault();
    if (next !== again) return setError(t('password.differ'));
    setBusy(true);
    setError('');
    send(next).catch((err: unknown) => {
      setError(problemText(err));
      setBusy(false);
    });
  };
  const fields = (
    <>
      <label class="field">
        <span>{t('password.new')}</span>
        <input name="password-new" type="password" autocomplete="new-password" required value={next} onInput={(e) => setNext(e.currentTarget.value)} />
        <small class="muted">{t('password.rule', { n: 13 })}</small>
      </label>
      <label class="field">
        <span>{t('password.again')}</span>
        <input name="password-again" type="password" autocomplete="new-password" required value={again} onInput={(e) => setAgain(e.currentTarget.value)} />
      </label>
      <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
      <Button kind="primary" type="submit" busy={busy} act="password-confirm">
        {w('entering.goOn')}
      </Button>
    </>
  );
  return { submit, fields };
}

function Enrol() {
  const [way, setWay] = useState<'' | 'generator'>(hasPasskeys() ? '' : 'generator');
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  if (recovery) {
    return (
      <>
        <RecoveryCodes codes={recovery} />
        <Button kind="primary" act="recovery-kept" onClick={() => void api.session().then(signedIn)}>
          {w('recovery.kept')}
        </Button>
      </>
    );
  }
  if (way === 'generator') return <GeneratorSetup onDone={setRecovery} />;
  const passkey = async () => {
    setBusy(true);
    setError('');
    try {
      signedIn(await makePasskey(navigator.platform || 'passkey'));
    } catch (e) {
      if (!cancelled(e)) setError(problemText(e));
      setBusy(false);
    }
  };
  return (
    <div class="signin-form">
      <p>{w('entering.enrolLead')}</p>
      <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
      <Button kind="primary" icon="key" busy={busy} act="enrol-passkey" onClick={() => void passkey()}>
        {w('passkey.make')}
      </Button>
      <Button act="enrol-generator" onClick={() => setWay('generator')}>
        {w('generator.set')}
      </Button>
    </div>
  );
}

interface Invited {
  login: string;
  name: string;
  nameEn: string;
  sso: Provider[];
}

/** The page behind the link of an invitation. The secret stays behind the #. */
export function Invitation() {
  const secret = route.value.id;
  const [who, setWho] = useState<Invited | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    api.json<Invited>('/invitation', { method: 'POST', body: { invitation: secret } }).then(setWho, (e: unknown) => setError(problemText(e)));
  }, []);
  const form = usePassword(async (password) => {
    const entered = await api.began(api.json<Me>('/invitation/accept', { method: 'POST', body: { invitation: secret, password } }));
    location.hash = '#/';
    signedIn(entered);
  });
  return (
    <Card title={w('invitation.title')}>
      {error ? <Banner tone="danger">{error}</Banner> : null}
      {!who && !error ? <Blank busy title={t('loading')} /> : null}
      {who ? <p>{w(who.sso.length > 0 ? 'invitation.leadSSO' : 'invitation.lead', { name: named(who) })}</p> : null}
      {who && who.sso.length > 0 ? (
        <div class="signin-form">
          {who.sso.map((p) => (
            <Button
              key={p.id}
              kind="primary"
              icon="person"
              act={`sso-${p.id}`}
              onClick={() =>
                void signOnAt(p.id, secret).then(
                  (to) => location.assign(to),
                  (e: unknown) => setError(problemText(e)),
                )
              }
            >
              {w('invitation.sso', { name: named(p) })}
            </Button>
          ))}
          <p class="signin-or">
            <span>{w('invitation.orPassword')}</span>
          </p>
        </div>
      ) : null}
      {who ? (
        <form class="signin-form" onSubmit={form.submit}>
          <label class="field">
            <span>{t('signin.login')}</span>
            <input name="login" autocomplete="username" readOnly value={who.login} />
          </label>
          {form.fields}
        </form>
      ) : null}
    </Card>
  );
}
