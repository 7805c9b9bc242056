import { useState } from 'preact/hooks';
import type { Delivery, Named } from '../api/types';
import { ago, instant, named, t } from '../i18n';
import { href } from '../route';
import { api } from '../session';
import { Blank, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { sayProblem } from '../ui/problem';
import { Refusal } from '../ui/refusal';
import { say } from '../ui/toast';
import { Waiting } from './listing';
import { w } from './words';

interface Letter extends Delivery {
  destinationId: string;
  facility: Named;
  studyId: string;
  createdAt: string;
  givenUpBy: Named | null;
  why: string;
}
interface Pile {
  destinationId: string;
  destination: string;
  facility: Named;
  way: string;
  active: boolean;
  n: number;
  since: string;
}
interface Shelf {
  items: Letter[];
  more: boolean;
  piles: Pile[];
}

const post = <T,>(path: string, body: object) => api.json<T>(path, { method: 'POST', body });

/** Every delivery that failed, of every study and destination: sent again, or given up with a reason. */
export function Parked() {
  const [state, setState] = useState<'failed' | 'given-up'>('failed');
  const [after, setAfter] = useState<Letter[]>([]);
  const [giving, setGiving] = useState<Letter | null>(null);
  const loaded = useLoad(() => api.json<Shelf>(`/deliveries?state=${state}`), [state]);
  const again = () => {
    setAfter([]);
    loaded.reload();
  };
  useLive((_, kind) => kind === 'delivery', again);
  const act = (what: Promise<unknown>) => void what.then(again, sayProblem);
  const retryAll = (destination: string) => act(post<{ n: number }>('/deliveries/retry', { destination }).then(({ n }) => say(w('park.retried', { n }))));
  const more = async (last: string) => {
    try {
      const page = await api.json<Shelf>(`/deliveries?state=${state}&after=${last}`);
      setAfter([...after, ...page.items]);
      if (!page.more) loaded.data!.more = false;
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <>
      <h1>{w('park.title')}</h1>
      <p class="muted">{w('park.lead')}</p>
      <div class="head-actions">
        {(['failed', 'given-up'] as const).map((s) => (
          <Button
            key={s}
            small
            pressed={s === state}
            act={`parked-${s}`}
            onClick={() => {
              setAfter([]);
              setState(s);
            }}
          >
            {w(s === 'failed' ? 'park.waiting' : 'park.given')}
          </Button>
        ))}
        {state === 'failed' && (loaded.data?.piles.length ?? 0) > 1 ? (
          <Button small kind="primary" onClick={() => retryAll('')} act="retry-all">
            {w('park.all')}
          </Button>
        ) : null}
      </div>
      <Waiting loaded={loaded}>
        {(d) => {
          const list = [...d.items, ...after];
          if (list.length === 0) return <Blank icon="check" title={w(state === 'failed' ? 'park.none' : 'park.noneGiven')} />;
          return (
            <>
              {d.piles.map((p) => (
                <section key={p.destinationId} class="card pile" data-pile={p.n}>
                  <header>
                    <strong>
                      {named(p.facility)} → {p.destination}
                    </strong>
                    <span class="muted">{p.way}</span>
                    <Chip tone={state === 'failed' ? 'danger' : 'neutral'}>{w('park.count', { n: p.n })}</Chip>
                    <span class="muted">{w('park.since', { when: ago(p.since, now.value) })}</span>
                    {p.active ? null : <Chip tone="warn">{w('park.gone')}</Chip>}
                    {state === 'failed' && p.active ? (
                      <Button small onClick={() => retryAll(p.destinationId)} act="retry-pile">
                        {w('park.pile')}
                      </Button>
                    ) : null}
                  </header>
                  <ul class="rows">
                    {list
                      .filter((x) => x.destinationId === p.destinationId)
                      .map((x) => (
                        <li key={x.id} data-parked={x.id}>
                          <strong>{x.object.toUpperCase()}</strong>
                          <span class="muted">
                            {w('park.signed')} {instant(x.createdAt)} · {t('delivery.attempts', { n: x.attempts })}
                          </span>
                          {x.refused ? <Chip tone="danger">{t('delivery.refused')}</Chip> : null}
                          <span class="reason">{x.givenUpBy ? w('park.by', { who: named(x.givenUpBy), why: x.why }) : <Refusal of={x} />}</span>
                          <a class="btn small" href={href('workitems', x.studyId)}>
                            {w('park.study')}
                          </a>
                          <Button small onClick={() => act(api.retryDelivery(x.id))} act="retry">
                            {t('delivery.retry')}
                          </Button>
                          {state === 'failed' ? (
                            <Button small onClick={() => setGiving(x)} act="give-up">
                              {w('park.giveUp')}
                            </Button>
                          ) : null}
                        </li>
                      ))}
                  </ul>
                </section>
              ))}
              {d.more ? (
                <Button onClick={() => void more(list[list.length - 1]!.id)} act="parked-more">
                  {w('park.more')}
                </Button>
              ) : null}
            </>
          );
        }}
      </Waiting>
      {giving ? <GiveUp letter={giving} onClose={() => setGiving(null)} onDone={again} /> : null}
    </>
  );
}

function GiveUp({ letter, onClose, onDone }: { letter: Letter; onClose: () => void; onDone: () => void }) {
  const [why, setWhy] = useState('');
  const send = async () => {
    try {
      await post(`/deliveries/${letter.id}/giveup`, { why });
      onClose();
      onDone();
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <Dialog
      title={`${w('park.giveUp')}: ${letter.object.toUpperCase()} → ${letter.destination}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="danger" disabled={why.trim() === ''} onClick={() => void send()} act="give-up-now">
            {w('park.giveUp')}
          </Button>
        </>
      }
    >
      <label class="field">
        <span>{w('park.why')}</span>
        <textarea name="why" rows={3} maxLength={500} value={why} onInput={(e) => setWhy(e.currentTarget.value)} />
      </label>
      <p class="muted">{w('park.whyNote')}</p>
    </Dialog>
  );
}
