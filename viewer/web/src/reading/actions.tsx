import './report.css';
import { useState } from 'preact/hooks';
import type { Workitem } from '../api/types';
import { t } from '../i18n';
import { api } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';

/** Gives a workitem back to its panel, or declines one that is offered. The reason goes on record. */
export function LeaveDialog({ item, how, onClose, onLeft }: { item: Workitem; how: 'release' | 'decline'; onClose: () => void; onLeft: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const leave = async () => {
    setBusy(true);
    setError('');
    try {
      await api.json(`/workitems/${item.id}/${how}`, { method: 'POST', body: { reason: reason.trim() } });
      onLeft();
    } catch (e) {
      setError(problemText(e));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t(`${how}.title`)}
      onClose={onClose}
      name={how}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="danger" busy={busy} disabled={reason.trim() === ''} onClick={() => void leave()} act={`${how}-confirm`}>
            {t(`${how}.confirm`)}
          </Button>
        </>
      }
    >
      <p>{t(`${how}.lead`)}</p>
      {error ? <Banner tone="danger">{error}</Banner> : null}
      <div class="quick">
        {(['release.expertise', how === 'release' ? 'release.images' : 'decline.conflict', 'release.time'] as const).map((k) => (
          <Button key={k} small onClick={() => setReason(t(k))}>
            {t(k)}
          </Button>
        ))}
      </div>
      <label class="field">
        <span>{t('release.reason')}</span>
        <textarea rows={3} maxLength={500} value={reason} data-act={`${how}-reason`} onInput={(e) => setReason(e.currentTarget.value)} />
      </label>
    </Dialog>
  );
}
