import { useState } from 'preact/hooks';
import type { Workitem } from '../api/types';
import { named, t } from '../i18n';
import { go } from '../route';
import { api } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';
import { Modalities, PatientName } from '../ui/study';
import { Offer } from './offer';

/** Takes what another is offered or has held for too long. The reason is recorded. */
export function TakeOver({ item, onClose, onTaken }: { item: Workitem; onClose: () => void; onTaken?: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const take = async () => {
    setBusy(true);
    try {
      const mine = await api.takeOver(item.id, reason.trim());
      onClose();
      onTaken?.();
      go('read', mine.id);
    } catch (e) {
      setError(problemText(e));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('list.takeOver')}
      name="takeover"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} disabled={!reason.trim()} onClick={() => void take()} act="takeover-confirm">
            {t('list.takeOver')}
          </Button>
        </>
      }
    >
      <p class="reassign-who">
        <PatientName study={item.study} /> <Modalities study={item.study} /> {item.study.description}
      </p>
      <p>{item.offeredTo ? <Offer item={item} /> : t('list.heldLong', { name: named(item.claimedBy) })}</p>
      {error ? <Banner tone="danger">{error}</Banner> : null}
      <label class="field">
        <span>{t('list.reason')}</span>
        <input name="takeover-reason" maxLength={500} value={reason} autocomplete="off" onInput={(e) => setReason(e.currentTarget.value)} />
      </label>
    </Dialog>
  );
}
