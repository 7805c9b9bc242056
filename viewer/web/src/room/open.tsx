import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { api, may } from '../session';
import { Button } from '../ui/controls';
import { lazy } from '../ui/lazy';
import { useLive, useLoad } from '../ui/load';

const Panel = lazy(() => import('./panel').then((m) => m.Panel));

/** Opens the room of a study; says how much was said since the last look. */
export function RoomButton({ study }: { study: string }) {
  const allowed = may('room.join');
  const [open, setOpen] = useState(false);
  const rooms = useLoad(async () => (allowed ? (await api.rooms()).items : []), [study]);
  useLive((e, kind) => kind === 'room' && e.studyId === study, rooms.reload);
  if (!allowed) return null;
  const unread = rooms.data?.find((r) => r.room === study)?.unread ?? 0;
  return (
    <>
      <Button kind={unread ? 'primary' : 'plain'} small icon="send" expanded={open} onClick={() => setOpen(!open)} act="room">
        {unread ? t('room.openUnread', { n: unread }) : t('room.open')}
      </Button>
      {open ? <Panel id={study} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
