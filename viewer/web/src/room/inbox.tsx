// The asker's rooms, from any page: who was asked for an opinion finds the question
// here, and who was spoken to what was said.
import { useState } from 'preact/hooks';
import { patientNames } from '../format/dicom';
import { instant, t } from '../i18n';
import { api, may } from '../session';
import { Button } from '../ui/controls';
import { lazy } from '../ui/lazy';
import { useLive, useLoad } from '../ui/load';
import './inbox.css';

const Panel = lazy(() => import('./panel').then((m) => m.Panel));

export function Inbox() {
  const allowed = may('room.join');
  const [listed, setListed] = useState(false);
  const [opened, setOpened] = useState('');
  const rooms = useLoad(async () => (allowed ? (await api.rooms()).items : []), []);
  useLive((_, kind) => kind === 'room', rooms.reload);
  if (!allowed) return null;
  const items = rooms.data ?? [];
  const unread = items.reduce((n, r) => n + r.unread, 0);
  return (
    <div
      class="inbox"
      onKeyDown={(e) => {
        if (e.key === 'Escape') setListed(false);
      }}
    >
      <Button kind={unread ? 'primary' : 'quiet'} small icon="send" expanded={listed} label={t('inbox.open', { n: unread })} act="inbox" onClick={() => setListed(!listed)}>
        {unread ? String(unread) : ''}
      </Button>
      {listed ? (
        <ul class="inbox-list" aria-label={t('inbox.title')}>
          {items.length === 0 ? <li class="muted">{t('inbox.none')}</li> : null}
          {items.map((r) => (
            <li key={r.room}>
              <button
                type="button"
                data-inbox={r.room}
                onClick={() => {
                  setListed(false);
                  setOpened(r.room);
                }}
              >
                <b>{r.study ? patientNames(r.study.patient).main : ''}</b> {r.unread ? <span class="count">{r.unread}</span> : null}
                <span class="muted">
                  {r.study?.description ?? ''} {instant(r.lastAt)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {opened ? <Panel key={opened} id={opened} onClose={() => setOpened('')} /> : null}
    </div>
  );
}
