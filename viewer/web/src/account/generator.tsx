import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { api } from '../session';
import { Banner, Blank, Button } from '../ui/controls';
import { problemText } from '../ui/problem';
import { w } from './words';

interface Secret {
  secret: string;
  qr: string;
}

/** Sets a code generator up. onDone gets the recovery codes. */
export function GeneratorSetup({ onDone }: { onDone: (recovery: string[]) => void }) {
  const [made, setMade] = useState<Secret | null>(null);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  useEffect(() => {
    api.json<Secret>('/account/generator', { method: 'POST', body: {} }).then(setMade, (e: unknown) => setError(problemText(e)));
  }, []);
  if (!made) return error ? <Banner tone="danger">{error}</Banner> : <Blank busy title={t('loading')} />;
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    try {
      onDone((await api.json<{ recovery: string[] }>('/account/generator/confirm', { method: 'POST', body: { code } })).recovery);
    } catch (err) {
      setError(problemText(err));
      setCode('');
      setBusy(false);
    }
  };
  return (
    <form class="signin-form generator" onSubmit={(e) => void submit(e)}>
      <p>{w('generator.lead')}</p>
      <img class="qr" src={made.qr} width="200" height="200" alt={w('generator.qr')} />
      <p class="muted">
        {w('generator.secret')} <code class="secret">{made.secret.replace(/(.{4})/g, '$1 ').trim()}</code>
      </p>
      <label class="field">
        <span>{t('factor.code')}</span>
        <input name="generator-code" inputMode="numeric" autocomplete="one-time-code" required value={code} onInput={(e) => setCode(e.currentTarget.value)} />
      </label>
      <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
      <Button kind="primary" type="submit" busy={busy} act="generator-confirm">
        {w('generator.confirm')}
      </Button>
    </form>
  );
}

/** Codes that are shown once. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  return (
    <div class="recovery">
      <p>{w('recovery.lead')}</p>
      <ol>
        {codes.map((c) => (
          <li key={c}>
            <code>{c}</code>
          </li>
        ))}
      </ol>
    </div>
  );
}
