// Another specialist's or hospital's opinion: several are asked at once, each in a
// private room; the first yes closes the others. Then it is decided whether the
// patient moves.
import { useEffect, useState } from 'preact/hooks';
import type { Candidate, Consult, Room } from '../api/types';
import { instant, named, t } from '../i18n';
import { href } from '../route';
import { api, may, me } from '../session';
import { Blank, Button, Chip, LinkButton } from '../ui/controls';
import { useLoad } from '../ui/load';
import { say } from '../ui/toast';
import { refusal, w, type Word } from './words';

const most = 20; // asked at once: worklist/room

type Act = (f: () => Promise<unknown>) => Promise<void>;

function useAct(reload: () => void): [Act, boolean] {
  const [busy, setBusy] = useState(false);
  const act: Act = async (f) => {
    setBusy(true);
    try {
      await f();
    } catch (e) {
      say(refusal(e), true);
    }
    setBusy(false);
    reload();
  };
  return [act, busy];
}

/** The yes or no of who was asked, above their private room. */
export function Answer({ room, reload }: { room: Room; reload: () => void }) {
  const [act, busy] = useAct(reload);
  const asked = room.private;
  const waiting = asked?.state === 'asked';
  // Whose room was closed by another's yes may not be told any more: it is asked.
  useEffect(() => {
    if (!waiting) return;
    const id = setInterval(reload, 15_000);
    return () => clearInterval(id);
  }, [waiting]);
  if (!asked) return null;
  const images = (
    <LinkButton small href={href('study', room.studyId)} act="consult-images">
      {w('consult.images')}
    </LinkButton>
  );
  if (asked.candidate.id !== me.value?.userId || asked.state !== 'asked') {
    return (
      <p class="consult-state" data-consult={asked.state}>
        {named(asked.candidate)} <Chip tone={asked.state === 'accepted' ? 'ok' : 'neutral'}>{w(`consult.${asked.state}` as Word)}</Chip> {images}
      </p>
    );
  }
  return (
    <div class="consult-answer" data-consult="asked">
      <p>{w('consult.youAreAsked')}</p>
      <div class="room-actions">
        <Button small kind="primary" icon="check" busy={busy} act="consult-accept" onClick={() => void act(() => api.answerConsult(room.id, true))}>
          {w('consult.accept')}
        </Button>
        <Button small busy={busy} act="consult-decline" onClick={() => void act(() => api.answerConsult(room.id, false))}>
          {w('consult.decline')}
        </Button>
        {images}
      </div>
    </div>
  );
}

/** The questions about a study, and the way to another. */
export function Consults({ room, reload, onOpen }: { room: Room; reload: () => void; onOpen: (room: string) => void }) {
  const [asking, setAsking] = useState(false);
  const pending = room.consults.some((c) => c.state === 'open' || (c.state === 'accepted' && !c.transfer));
  const [shown, setShown] = useState(pending);
  useEffect(() => {
    if (pending) setShown(true); // what is settled stays as it is until its reader folds it
  }, [pending]);
  if (room.private || (room.consults.length === 0 && !may('room.invite'))) return null;
  return (
    <details class="consults" open={shown} onToggle={(e) => setShown(e.currentTarget.open)} data-consults>
      <summary>{w('consult.title', { n: room.consults.length })}</summary>
      {room.consults.map((c) => (
        <One key={c.id} consult={c} room={room} reload={reload} onOpen={onOpen} />
      ))}
      {asking ? (
        <Ask room={room} onDone={() => (setAsking(false), reload())} onCancel={() => setAsking(false)} />
      ) : may('room.invite') ? (
        <div class="room-actions">
          <Button small icon="person" act="consult-ask" onClick={() => setAsking(true)}>
            {w('consult.ask')}
          </Button>
          <InviteRole room={room} reload={reload} />
        </div>
      ) : null}
    </details>
  );
}

function One({ consult: c, room, reload, onOpen }: { consult: Consult; room: Room; reload: () => void; onOpen: (room: string) => void }) {
  const [act, busy] = useAct(reload);
  const [note, setNote] = useState('');
  const decide = may('room.invite');
  return (
    <section class="consult" data-consult={c.state}>
      <p class="said-by">
        <b>{named(c.askedBy)}</b> <time dateTime={c.createdAt}>{instant(c.createdAt)}</time> <Chip tone={c.state === 'accepted' ? 'ok' : c.state === 'open' ? 'warn' : 'neutral'}>{w(c.state === 'open' ? 'consult.stateOpen' : `consult.${c.state}`)}</Chip>
      </p>
      <p class="consult-question" dir="auto">
        {c.question}
      </p>
      <ul class="consult-asked">
        {c.asked.map((a) => (
          <li key={a.room}>
            <span>{named(a.candidate)}</span> <span class="muted">{w(`consult.${a.state}` as Word)}</span>
            {c.askedBy.id === me.value?.userId ? (
              <button type="button" class="link" onClick={() => onOpen(a.room)}>
                {w('consult.open')}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {c.transfer ? (
        <p class="consult-decision" data-transfer={c.transfer}>
          <Chip tone={c.transfer === 'now' ? 'danger' : 'ok'}>{w(`transfer.${c.transfer}` as Word)}</Chip> {c.transferBy ? named(c.transferBy) : ''} {c.transferNote}
        </p>
      ) : null}
      {decide && c.state === 'open' ? (
        <Button small kind="quiet" busy={busy} act="consult-withdraw" onClick={() => void act(() => api.decideConsult(room.id, { consult: c.id, withdraw: true }))}>
          {w('consult.withdraw')}
        </Button>
      ) : null}
      {decide && c.state === 'accepted' && !c.transfer ? (
        <fieldset class="consult-decide">
          <legend>{w('transfer.title')}</legend>
          <input value={note} maxLength={1000} aria-label={w('transfer.note')} placeholder={w('transfer.note')} onInput={(e) => setNote(e.currentTarget.value)} />
          <div class="room-actions">
            {(['now', 'later', 'stay'] as const).map((transfer) => (
              <Button key={transfer} small kind={transfer === 'now' ? 'danger' : 'plain'} busy={busy} act={`transfer-${transfer}`} onClick={() => void act(() => api.decideConsult(room.id, { consult: c.id, transfer, note }))}>
                {w(`transfer.${transfer}` as Word)}
              </Button>
            ))}
          </div>
        </fieldset>
      ) : null}
    </section>
  );
}

function Ask({ room, onDone, onCancel }: { room: Room; onDone: () => void; onCancel: () => void }) {
  const loaded = useLoad(() => api.candidates(room.id), [room.id]);
  const [chosen, setChosen] = useState<string[]>([]);
  const [filter, setFilter] = useState('');
  const [question, setQuestion] = useState('');
  const [act, busy] = useAct(onDone);
  if (!loaded.data) return loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} />;
  const fits = (m: Candidate) => `${m.name} ${m.nameEn} ${t(`role.${m.role}`)} ${m.facility ?? ''} ${m.specialties.join(' ')}`.toLowerCase().includes(filter.trim().toLowerCase());
  const toggle = (id: string) => setChosen(chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id].slice(0, most));
  return (
    <form
      class="consult-ask"
      onSubmit={(e) => {
        e.preventDefault();
        if (chosen.length && question.trim()) void act(() => api.askConsult(room.id, question, chosen));
      }}
    >
      <input type="search" value={filter} aria-label={w('consult.find')} placeholder={w('consult.find')} onInput={(e) => setFilter(e.currentTarget.value)} />
      <ul class="consult-people" aria-label={w('consult.whom')}>
        {loaded.data.filter((m) => chosen.includes(m.id) || fits(m)).map((m) => (
          <li key={m.id}>
            <label class="check">
              <input type="checkbox" data-candidate={m.id} checked={chosen.includes(m.id)} onChange={() => toggle(m.id)} /> {named(m)}{' '}
              <span class="muted">
                {m.specialties.join(', ') || t(`role.${m.role}`)} {m.facility ?? ''}
              </span>
              {m.duty ? <Chip tone={m.duty === 'reading' ? 'ok' : m.duty === 'on-call' ? 'warn' : 'neutral'}>{w(`duty.${m.duty}`)}</Chip> : null}
            </label>
          </li>
        ))}
      </ul>
      <textarea rows={2} maxLength={4000} required value={question} aria-label={w('consult.question')} placeholder={w('consult.question')} data-consult-question onInput={(e) => setQuestion(e.currentTarget.value)} />
      <div class="room-actions">
        <Button small kind="primary" type="submit" busy={busy} disabled={!chosen.length || !question.trim()} act="consult-send">
          {w('consult.send', { n: chosen.length })}
        </Button>
        <Button small kind="quiet" onClick={onCancel}>
          {w('consult.cancel')}
        </Button>
      </div>
    </form>
  );
}

const professions = ['technologist', 'ordering_doctor', 'ward', 'pharmacist'] as const;

/** Asks everybody of a profession at the hospital into the room of its study. */
function InviteRole({ room, reload }: { room: Room; reload: () => void }) {
  const [act] = useAct(reload);
  return (
    <select
      class="small"
      value=""
      aria-label={w('invite.role')}
      data-invite-role
      onChange={(e) => {
        const role = e.currentTarget.value;
        e.currentTarget.value = '';
        if (role) void act(() => api.inviteRole(room.id, role));
      }}
    >
      <option value="">{w('invite.role')}</option>
      {professions.map((r) => (
        <option key={r} value={r}>
          {t(`role.${r}`)}
        </option>
      ))}
    </select>
  );
}
