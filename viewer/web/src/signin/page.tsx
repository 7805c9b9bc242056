import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { cancelled, hasPasskeys } from '../account/passkey';
import type { Me } from '../api/types';
import { api, me, signedIn, signOut } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';
import { LangSwitch, ThemeSwitch } from '../ui/topbar';
import { SignOnFailed, SignOns } from './sso';
import './signin.css';

export function SignIn() {
  return (
    <main id="content" class="signin" tabIndex={-1}>
      <div class="signin-switches">
        <LangSwitch />
        <ThemeSwitch />
      </div>
      <div class="signin-card">
        <div class="signin-brand">
          <img src="/favicon.svg" width="44" height="44" alt="" />
          <div>
            <h1>Dokuei</h1>
            <p>{t('brand.line')}</p>
          </div>
        </div>
        <SignOnFailed />
        <Form />
        <SignOns />
      </div>
      <p class="signin-foot">{t('signin.foot')}</p>
    </main>
  );
}

/** The session ended while a page was open: sign in over it, with everything kept. */
export function SignInAgain() {
  return (
    <Dialog title={t('signin.again')} name="signin-again">
      <p>{t('signin.againLead')}</p>
      <Form fixed={me.value?.login ?? ''} />
      <SignOns again />
      <p class="signin-other">
        <button type="button" class="link" onClick={() => void signOut()}>
          {t('signin.other')}
        </button>
      </p>
    </Dialog>
  );
}

function Form({ fixed }: { fixed?: string }) {
  const [login, setLogin] = useState(fixed ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState<string | null>(null); // null: not asked for yet
  const [busy, setBusy] = useState('');
  const [error, setError] = useState('');
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), [code === null]);
  const run = async (what: string, f: () => Promise<Me>) => {
    setBusy(what);
    setError('');
    try {
      const who = await f();
      if (who.needs.includes('second_factor')) setCode('');
      else signedIn(who);
    } catch (err) {
      if (!cancelled(err)) setError(problemText(err));
      if (what === 'password') setPassword('');
      else if (what === 'code') setCode('');
    }
    setBusy('');
  };
  const submit = (e: Event) => {
    e.preventDefault();
    if (code === null) void run('password', () => api.signIn(login.trim(), password));
    else void run('code', () => api.json<Me>('/session/factor', { method: 'POST', body: { code } }));
  };
  const bad = <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>;
  const passkey = (
    <Button kind={code === null ? 'primary' : 'plain'} icon="key" busy={busy === 'passkey'} act="signin-passkey" onClick={() => void run('passkey', () => import('../account/webauthn').then((m) => m.askPasskey()))}>
      {t('signin.passkey')}
    </Button>
  );
  if (code !== null) {
    return (
      <form class="signin-form" onSubmit={submit}>
        <p>{t('factor.lead')}</p>
        <label class="field">
          <span>{t('factor.code')}</span>
          <input ref={first} name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck={false} required value={code} onInput={(e) => setCode(e.currentTarget.value)} />
          <small class="muted">{t('factor.recovery')}</small>
        </label>
        {bad}
        <Button kind="primary" type="submit" busy={busy === 'code'} act="factor">
          {t('factor.submit')}
        </Button>
        {hasPasskeys() ? passkey : null}
      </form>
    );
  }
  return (
    <form class="signin-form" onSubmit={submit}>
      {hasPasskeys() ? (
        <>
          {passkey}
          <p class="signin-or">
            <span>{t('signin.or')}</span>
          </p>
        </>
      ) : null}
      <label class="field">
        <span>{t('signin.login')}</span>
        <input ref={fixed ? undefined : first} name="login" autocomplete="username webauthn" autocapitalize="none" spellcheck={false} required readOnly={!!fixed} value={login} onInput={(e) => setLogin(e.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t('signin.password')}</span>
        <input ref={fixed ? first : undefined} name="password" type="password" autocomplete="current-password" required value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
      </label>
      {bad}
      <Button kind={hasPasskeys() ? 'plain' : 'primary'} type="submit" busy={busy === 'password'} act="signin">
        {t('signin.submit')}
      </Button>
    </form>
  );
}
