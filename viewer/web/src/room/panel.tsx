import { useEffect, useRef, useState } from 'preact/hooks';
import type { Message, Room } from '../api/types';
import { instant, named, t } from '../i18n';
import { api, me } from '../session';
import { Banner, Blank, Button } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { say } from '../ui/toast';
import { Answer, Consults } from './consult';
import { filmBytes, filmTypes, isFilm, shrink } from './picture';
import { here } from './look';
import { refusal, w } from './words';
import './room.css';

/** The conversation about a study, beside whatever page it was opened on. */
export function Panel({ id: first, onClose }: { id: string; onClose: () => void }) {
  const [id, setId] = useState(first); // a private room opens in place of the one it came from
  const loaded = useLoad(() => api.room(id), [id]);
  const room = loaded.data?.id === id ? loaded.data : undefined;
  useLive((e, kind) => kind === 'room' && e.studyId === (room?.studyId ?? id), loaded.reload);
  return (
    <aside
      class="room"
      aria-label={w('title')}
      data-room={id}
      onKeyDown={(e) => {
        // Letters typed here are not commands of the page below.
        e.stopPropagation();
        if (e.key === 'Escape') onClose();
      }}
    >
      <div class="panel-head">
        <h2>{w(room?.private ? 'consult.room' : 'title')}</h2>
        {id !== first ? (
          <Button small kind="quiet" icon="back" label={w('consult.back')} onClick={() => setId(first)} act="room-back" />
        ) : null}
        {here.value?.study === id && !here.value.look.value ? (
          <Button small icon="eye" onClick={() => (document.querySelector<HTMLElement>('[data-room-text]')?.focus(), void here.peek()?.join())} act="look-start">
            {w('look.start')}
          </Button>
        ) : null}
        <Button kind="quiet" small icon="close" label={t('close')} onClick={onClose} act="room-close" />
      </div>
      {room?.private && loaded.error ? (
        <Blank icon="check" title={w('consult.gone')} />
      ) : room ? (
        <Conversation key={room.id} room={room} reload={loaded.reload} onOpen={setId} />
      ) : loaded.error ? (
        <Blank icon="warn" title={loaded.error} />
      ) : (
        <Blank busy title={t('loading')} />
      )}
    </aside>
  );
}

function Conversation({ room, reload, onOpen }: { room: Room; reload: () => void; onOpen: (room: string) => void }) {
  const [earlier, setEarlier] = useState<{ messages: Message[]; more: boolean } | null>(null);
  const messages = [...(earlier?.messages ?? []), ...room.messages];
  const more = earlier ? earlier.more : room.more;
  const end = useRef<HTMLLIElement>(null);
  const last = room.messages.at(-1)?.id ?? '';
  const own = me.value?.userId;
  useEffect(() => end.current?.scrollIntoView({ block: 'end' }), [last]);
  useEffect(() => {
    if (room.messages.some((m) => m.author.id !== own && !m.readBy.some((r) => r.id === own))) api.readRoom(room.id, last).catch((e: unknown) => say(refusal(e), true));
  }, [last]);
  const older = async () => {
    try {
      const page = await api.room(room.id, messages[0]?.id);
      setEarlier({ messages: [...page.messages, ...(earlier?.messages ?? [])], more: page.more });
    } catch (e) {
      say(refusal(e), true);
    }
  };
  return (
    <>
      <div class="room-about">
        <p class="room-members" title={room.members.map((m) => named(m)).join(', ')}>
          {w('members', { n: room.members.length })} {room.members.map((m) => named(m)).join(', ')}
        </p>
        {messages.length > 0 ? (
          <a href={`/api/v1/rooms/${room.id}/export?format=zip`} download data-act="room-export">
            {w('export')}
          </a>
        ) : null}
      </div>
      <Answer room={room} reload={reload} />
      <Consults room={room} reload={reload} onOpen={onOpen} />
      <ol class="room-messages" aria-live="polite" tabIndex={0} aria-label={w('messages')}>
        {more ? (
          <li class="room-more">
            <Button small kind="quiet" onClick={() => void older()}>
              {w('earlier')}
            </Button>
          </li>
        ) : null}
        {messages.length === 0 ? <li class="room-empty">{w('empty')}</li> : null}
        {messages.map((m) => (
          <Said key={m.id} message={m} mine={m.author.id === own} />
        ))}
        <li ref={end} aria-hidden="true" />
      </ol>
      {room.private && room.private.state !== 'asked' && room.private.state !== 'accepted' ? null : <Write room={room} onSaid={reload} />}
    </>
  );
}

function Said({ message, mine }: { message: Message; mine: boolean }) {
  const { picture } = message;
  return (
    <li class={`said${mine ? ' mine' : ''}`} data-message={message.id}>
      <div class="said-by">
        <b>{named(message.author)}</b> <time dateTime={message.at}>{instant(message.at)}</time>
      </div>
      <div class="said-body">
        {picture?.mediaType === 'video/mp4' ? (
          <Film film={picture} />
        ) : picture ? (
          <a href={picture.url} target="_blank" rel="noopener noreferrer">
            <img src={picture.url} width={picture.width} height={picture.height} alt={w('picture')} loading="lazy" />
          </a>
        ) : null}
        {message.body ? <p dir="auto">{message.body}</p> : null}
        {message.mentions.length ? <p class="said-to">{w('to', { names: message.mentions.map((n) => named(n)).join(', ') })}</p> : null}
      </div>
      {mine && message.readBy.length ? <div class="said-read">{w('readBy', { names: message.readBy.map((n) => named(n)).join(', ') })}</div> : null}
    </li>
  );
}

/** A browser that cannot decode what the camera wrote gives the file instead. */
function Film({ film }: { film: NonNullable<Message['picture']> }) {
  const [cannot, setCannot] = useState(false);
  if (!cannot)
    return <video src={film.url} width={film.width} height={film.height} controls preload="metadata" playsInline aria-label={w('film')} onError={() => setCannot(true)} />;
  return (
    <p data-film="cannot">
      {w('film.cannot')}{' '}
      <a href={film.url} download="film.mp4">
        {w('film.save')}
      </a>
    </p>
  );
}

function Write({ room, onSaid }: { room: Room; onSaid: () => void }) {
  const [text, setText] = useState('');
  const [to, setTo] = useState('');
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState('');
  const [sending, setSending] = useState(false); // a film, which takes its time
  // The same ID until it is answered: sent twice, it is said once.
  const pending = useRef('');
  const file = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus({ preventScroll: true }), []);
  const attempt = async (f: () => Promise<unknown>) => {
    setBusy(true);
    setRefused('');
    try {
      await f();
      onSaid();
      return true;
    } catch (e) {
      say(refusal(e), true);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const send = async () => {
    if (!text.trim() || busy) return;
    pending.current ||= crypto.randomUUID();
    if (!(await attempt(() => api.sayIn(room.id, pending.current, text, to ? [to] : [])))) return;
    pending.current = '';
    setText('');
    setTo('');
    area.current?.focus();
  };
  const show = async (chosen: File | undefined) => {
    if (file.current) file.current.value = '';
    if (!chosen) return;
    const film = isFilm(chosen);
    if (film && chosen.size > filmBytes) return setRefused(w('error.too_large'));
    const small = film ? chosen : await shrink(chosen).catch(() => null);
    if (!small) return setRefused(w('error.room_picture'));
    setSending(film);
    await attempt(() => api.showIn(room.id, small));
    setSending(false);
  };
  return (
    <form
      class="room-write"
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
    >
      {refused ? <Banner tone="danger">{refused}</Banner> : null}
      {sending ? (
        <p class="muted" role="status">
          {w('film.sending')}
        </p>
      ) : null}
      <textarea
        ref={area}
        rows={2}
        value={text}
        maxLength={4000}
        aria-label={w('text')}
        placeholder={w('text')}
        data-room-text
        onInput={(e) => {
          pending.current = '';
          setText(e.currentTarget.value);
        }}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && !e.isComposing) {
            e.preventDefault();
            void send();
          }
        }}
      />
      <div class="room-actions">
        <select class="small" value={to} aria-label={w('mention')} onChange={(e) => setTo(e.currentTarget.value)}>
          <option value="">{w('everybody')}</option>
          {room.members
            .filter((m) => m.id !== me.value?.userId)
            .map((m) => (
              <option key={m.id} value={m.id}>
                {named(m)}
              </option>
            ))}
        </select>
        <input ref={file} class="sr" type="file" accept={`image/jpeg,image/png,${filmTypes}`} tabIndex={-1} aria-hidden="true" onChange={(e) => void show(e.currentTarget.files?.[0])} />
        <Button small kind="quiet" icon="insert" onClick={() => file.current?.click()} disabled={busy} act="room-picture">
          {w('addPicture')}
        </Button>
        <Button small kind="primary" icon="send" type="submit" busy={busy} disabled={!text.trim()} act="room-send">
          {w('send')}
        </Button>
      </div>
    </form>
  );
}
