import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { me, signIn, signOut } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';
import { LangSwitch, ThemeSwitch } from '../ui/topbar';

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
        <Form />
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
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    try {
      await signIn(login.trim(), password);
    } catch (err) {
      setError(problemText(err));
      setPassword('');
      setBusy(false);
    }
  };
  return (
    <form class="signin-form" onSubmit={(e) => void submit(e)}>
      <label class="field">
        <span>{t('signin.login')}</span>
        <input ref={fixed ? undefined : first} name="login" autocomplete="username" autocapitalize="none" spellcheck={false} required readOnly={!!fixed} value={login} onInput={(e) => setLogin(e.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t('signin.password')}</span>
        <input ref={fixed ? first : undefined} name="password" type="password" autocomplete="current-password" required value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
      </label>
      <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
      <Button kind="primary" type="submit" busy={busy} act="signin">
        {t('signin.submit')}
      </Button>
    </form>
  );
}
