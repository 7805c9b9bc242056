import './report.css';
import { useState } from 'preact/hooks';
import type { Workitem } from '../api/types';
import { t } from '../i18n';
import { api } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';

/** Gives a workitem back to its panel. The reason goes on record. */
export function ReleaseDialog({ item, onClose, onReleased }: { item: Workitem; onClose: () => void; onReleased: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const release = async () => {
    setBusy(true);
    setError('');
    try {
      await api.release(item.id, reason.trim());
      onReleased();
    } catch (e) {
      setError(problemText(e));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('release.title')}
      onClose={onClose}
      name="release"
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="danger" busy={busy} disabled={reason.trim() === ''} onClick={() => void release()} act="release-confirm">
            {t('release.confirm')}
          </Button>
        </>
      }
    >
      <p>{t('release.lead')}</p>
      {error ? <Banner tone="danger">{error}</Banner> : null}
      <div class="quick">
        {(['release.expertise', 'release.images', 'release.time'] as const).map((k) => (
          <Button key={k} small onClick={() => setReason(t(k))}>
            {t(k)}
          </Button>
        ))}
      </div>
      <label class="field">
        <span>{t('release.reason')}</span>
        <textarea rows={3} value={reason} data-act="release-reason" onInput={(e) => setReason(e.currentTarget.value)} />
      </label>
    </Dialog>
  );
}
