import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { api, me, proving } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';
import { cancelled, hasPasskeys } from './passkey';
import { askPasskey } from './webauthn';
import { w } from './words';

/** Who sits there shows it again, before a signature or a change of rights. */
export function Prove() {
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState('');
  const [error, setError] = useState('');
  const run = async (what: string, f: () => Promise<unknown>) => {
    setBusy(what);
    setError('');
    try {
      await f();
      proving.value?.(true);
    } catch (e) {
      if (!cancelled(e)) setError(problemText(e));
      setPassword('');
      setBusy('');
    }
  };
  return (
    <Dialog title={w('prove.title')} name="prove" onClose={() => proving.value?.(false)}>
      <form
        class="signin-form"
        onSubmit={(e) => {
          e.preventDefault();
          const typed = /^[0-9 ]{6,7}$/.test(password) ? { code: password } : { password };
          void run('password', () => api.json('/session/proof', { method: 'POST', body: typed }));
        }}
      >
        <p>{w('prove.lead')}</p>
        {hasPasskeys() ? (
          <Button kind="primary" icon="key" busy={busy === 'passkey'} act="prove-passkey" onClick={() => void run('passkey', askPasskey)}>
            {t('signin.passkey')}
          </Button>
        ) : null}
        <input class="sr" type="text" name="username" autocomplete="username" tabIndex={-1} aria-hidden="true" readOnly value={me.value?.login ?? ''} />
        <label class="field">
          <span>{w('prove.password')}</span>
          <input name="proof" type="password" autocomplete="current-password" required value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <Button kind={hasPasskeys() ? 'plain' : 'primary'} type="submit" busy={busy === 'password'} act="prove">
          {w('prove.submit')}
        </Button>
      </form>
    </Dialog>
  );
}
