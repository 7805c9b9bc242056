import { useEffect, useState } from 'preact/hooks';
import { named } from '../i18n';
import { awaited, me } from '../session';
import { Button } from '../ui/controls';
import { Icon } from '../ui/icon';
import { useLive } from '../ui/load';
import type { Stage } from '../viewport/stage';
import { here, Together } from './look';
import { w } from './words';
import './room.css';

/** Above the images: who looks along, who leads. Nothing while nobody does. */
export function LookBar({ stage, study }: { stage: Stage; study: string }) {
  const [together] = useState(() => new Together(stage, study));
  useLive((e, kind) => kind === 'room' && e.studyId === study, () => void together.check());
  useEffect(() => {
    here.value = together;
    if (awaited.peek() === study) {
      awaited.value = '';
      void together.join();
    } else void together.check();
    const leaving = () => together.stop();
    addEventListener('pagehide', leaving);
    return () => {
      removeEventListener('pagehide', leaving);
      together.stop();
      if (here.peek() === together) here.value = null;
    };
  }, [together]);
  // The leader is somewhere as soon as there is a pane to be there in.
  const placing = stage.active.value.placing.value;
  const placed = placing && `${placing.columns} ${placing.rows}`;
  const states = stage.bench.value?.states.list.value;
  useEffect(() => together.arrive(), [placed, states, together]);
  const look = together.look.value;
  if (!look) return null;
  const own = me.value?.userId;
  const joined = together.joined.value;
  // Who leads is named already.
  const others = look.members.filter((m) => m.id !== own && m.id !== look.leader.id);
  return (
    <div class={`lookbar${joined ? ' joined' : ''}`} role="status" data-look={joined ? (together.leads ? 'leads' : 'follows') : 'open'}>
      <Icon name="eye" />
      <span class="lookbar-text">
        {!joined ? w('look.open', { name: named(look.leader) }) : together.leads ? w('look.leads') : w('look.follows', { name: named(look.leader) })}
        {joined && (others.length || together.leads) ? <span class="muted"> {others.length ? w('look.with', { names: others.map((m) => named(m)).join(', ') }) : w('look.alone')}</span> : null}
        {together.elsewhere.value ? <span class="warn-text"> {w('look.elsewhere')}</span> : null}
      </span>
      {!joined ? (
        <Button small kind="primary" onClick={() => void together.join()} act="look-join">
          {w('look.join')}
        </Button>
      ) : (
        <>
          {together.leads
            ? others.map((m) => (
                <Button key={m.id} small onClick={() => void together.lead(m.id)} act="look-hand">
                  {w('look.hand', { name: named(m) })}
                </Button>
              ))
            : own && (
                <Button small onClick={() => void together.lead(own)} act="look-lead">
                  {w('look.lead')}
                </Button>
              )}
          <Button small kind="quiet" icon="close" onClick={() => void together.leave()} act="look-leave">
            {w('look.leave')}
          </Button>
        </>
      )}
    </div>
  );
}
