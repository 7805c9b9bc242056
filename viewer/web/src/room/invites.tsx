import { useEffect, useState } from 'preact/hooks';
import { named, t } from '../i18n';
import { go, route } from '../route';
import { api, awaited, me } from '../session';
import { Button } from '../ui/controls';
import { Icon } from '../ui/icon';
import { here, type Look } from './look';
import { w } from './words';
import './room.css';

/** Somebody shows images of a study and asks along. Whose images they are is said only where they are. */
export function Invites({ study, onClose }: { study: string; onClose: () => void }) {
  const [look, setLook] = useState<Look | null>(null);
  useEffect(() => {
    let over = false;
    api.json<Look | null>(`/rooms/${study}/look`).then(
      (l) => {
        if (over) return;
        if (l && !l.members.some((m) => m.id === me.value?.userId)) setLook(l);
        else onClose();
      },
      onClose, // not for me
    );
    return () => {
      over = true;
    };
  }, [study]);
  if (!look || here.value?.joined.value) return null;
  const join = () => {
    onClose();
    if (here.peek()?.study === study) return void here.peek()!.join();
    awaited.value = study;
    if (route.peek().page === 'study' && route.peek().id === study) return;
    go('study', study);
  };
  return (
    <div class="invite" role="alertdialog" aria-label={w('look.title')} data-invite={study}>
      <Icon name="eye" />
      <span>{w('look.invite', { name: named(look.leader) })}</span>
      <Button small kind="primary" onClick={join} act="invite-join">
        {w('look.join')}
      </Button>
      <Button small kind="quiet" icon="close" label={t('close')} onClick={onClose} act="invite-close" />
    </div>
  );
}
