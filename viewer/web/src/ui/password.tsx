import { useRef, useState } from 'preact/hooks';
import { errorCode } from '../api/error';
import { t } from '../i18n';
import { api, me } from '../session';
import { Banner, Button } from './controls';
import { Dialog } from './dialog';
import { problemText } from './problem';
import { say } from './toast';

/** As the server has it without a second factor (storage/identity.MinPasswordLength). */
const shortest = 13;
const shortestBesideFactor = 8;

/** Another password for who is signed in. */
export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const submit = async (e: Event) => {
    e.preventDefault();
    if ([...next].length < shortestBesideFactor) return setError(t('error.weak_password'));
    if (next !== again) return setError(t('password.differ'));
    setBusy(true);
    setError('');
    try {
      await api.changePassword(current, next);
      say(t('password.done'));
      onClose();
    } catch (err) {
      setError(errorCode(err) === 'bad_password' ? t('password.wrong') : problemText(err));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('password.title')}
      onClose={onClose}
      name="password"
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} onClick={() => form.current?.requestSubmit()} act="password-confirm">
            {t('password.confirm')}
          </Button>
        </>
      }
    >
      <form ref={form} class="password-form" onSubmit={(e) => void submit(e)}>
        <input class="sr" type="text" name="username" autocomplete="username" tabIndex={-1} aria-hidden="true" readOnly value={me.value?.login ?? ''} />
        <Field name="current" label={t('password.current')} autocomplete="current-password" value={current} onInput={setCurrent} />
        <Field name="new" label={t('password.new')} autocomplete="new-password" value={next} onInput={setNext} hint={t('password.rule', { n: shortest })} />
        <Field name="again" label={t('password.again')} autocomplete="new-password" value={again} onInput={setAgain} />
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <p class="muted">{t('password.lead')}</p>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function Field({ name, label, autocomplete, value, onInput, hint }: { name: string; label: string; autocomplete: 'current-password' | 'new-password'; value: string; onInput: (v: string) => void; hint?: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input name={`password-${name}`} type="password" autofocus={name === 'current'} autocomplete={autocomplete} required value={value} onInput={(e) => onInput(e.currentTarget.value)} />
      {hint ? <small class="muted">{hint}</small> : null}
    </label>
  );
}
