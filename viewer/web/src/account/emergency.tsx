import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { go } from '../route';
import { api } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';
import { say } from '../ui/toast';
import { w } from './words';
import './account.css';

/** Opens a patient of another hospital for an hour, with a reason that is reviewed. */
export function EmergencyDialog({ onClose }: { onClose: () => void }) {
  const [input, setInput] = useState({ facility: '', patientId: '', birthDate: '', reason: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const set = (k: keyof typeof input) => (e: Event) => setInput({ ...input, [k]: (e.currentTarget as HTMLInputElement).value });
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    try {
      const opened = await api.json<{ studies: string[] }>('/emergencies', { method: 'POST', body: { ...input, birthDate: input.birthDate.replaceAll('-', '') } });
      say(w('emergency.done'));
      onClose();
      if (opened.studies[0]) go('study', opened.studies[0]);
    } catch (err) {
      setError(problemText(err));
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('emergency.open')} name="emergency" onClose={onClose}>
      <form class="signin-form" onSubmit={(e) => void submit(e)}>
        <Banner tone="warn">{w('emergency.lead')}</Banner>
        <label class="field">
          <span>{w('emergency.facility')}</span>
          <input name="facility" required autocomplete="off" value={input.facility} onInput={set('facility')} />
        </label>
        <label class="field">
          <span>{w('emergency.patientId')}</span>
          <input name="patientId" required autocomplete="off" spellcheck={false} value={input.patientId} onInput={set('patientId')} />
        </label>
        <label class="field">
          <span>{w('emergency.birthDate')}</span>
          <input name="birthDate" type="date" required value={input.birthDate} onInput={set('birthDate')} />
        </label>
        <label class="field">
          <span>{w('emergency.reason')}</span>
          <textarea name="reason" required minLength={10} maxLength={1000} rows={3} value={input.reason} onInput={set('reason')} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <Button kind="danger" type="submit" busy={busy} act="emergency-confirm">
          {w('emergency.confirm')}
        </Button>
      </form>
    </Dialog>
  );
}
