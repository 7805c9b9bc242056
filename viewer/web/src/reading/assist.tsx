import { useEffect, useRef, useState } from 'preact/hooks';
import type { Proposal, Sections } from '../api/types';
import { t } from '../i18n';
import { api, me } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import type { DraftKeeper } from './draft';
import { insertIntoReport } from './insert';

type Kind = 'dictation' | 'draft';

/** Notes that text of an engine has come in. It is unread until the reader says otherwise. */
function cameFrom(keeper: DraftKeeper, kind: Kind, source: string, text: string) {
  const others = (keeper.marks.value.origins ?? []).filter((o) => o.source !== source || o.kind !== kind);
  const before = (keeper.marks.value.origins ?? []).find((o) => o.source === source && o.kind === kind);
  keeper.mark({ ...keeper.marks.value, origins: [...others, { source, kind, text: before ? `${before.text}\n${text}` : text, seen: false }] });
}

/** The engines of the house, where it has any, and what of their text is unread. */
export function Assist({ keeper }: { keeper: DraftKeeper }) {
  const helps = me.value?.helps ?? [];
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const [busy, setBusy] = useState(false);
  const propose = async () => {
    setBusy(true);
    try {
      setProposal(await api.propose(keeper.workitem, keeper.sections.value, keeper.writtenIn));
    } catch (e) {
      sayProblem(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {helps.length > 0 ? (
        <div class="assist">
          {helps.includes('dictation') ? <Dictate keeper={keeper} /> : null}
          {helps.includes('drafting') ? (
            <Button small busy={busy} onClick={() => void propose()} act="propose">
              {t('assist.propose')}
            </Button>
          ) : null}
        </div>
      ) : null}
      {proposal ? <Proposed keeper={keeper} proposal={proposal} onClose={() => setProposal(null)} /> : null}
      <Unread keeper={keeper} />
    </>
  );
}

function Proposed({ keeper, proposal, onClose }: { keeper: DraftKeeper; proposal: Proposal; onClose: () => void }) {
  const take = (name: keyof Sections, text: string) => {
    const now = keeper.sections.value[name] ?? '';
    keeper.edit(name, now.trim() ? `${now.trimEnd()}\n${text}` : text);
    cameFrom(keeper, 'draft', proposal.source, text);
  };
  return (
    <section class="proposal" aria-label={t('assist.title')} data-proposal={proposal.source}>
      <header>
        <Chip tone="warn">{t('assist.title')}</Chip>
        <Button small kind="quiet" icon="close" label={t('assist.drop')} onClick={onClose} />
      </header>
      <p class="muted">{t('assist.from', { source: proposal.source })}</p>
      {(Object.entries(proposal.sections) as [keyof Sections, string][]).map(([name, text]) => (
        <div key={name}>
          <h4>{t(`section.${name}`)}</h4>
          <p class="report-text">{text}</p>
          <Button small onClick={() => take(name, text)} act={`take-${name}`}>
            {t('assist.take')}
          </Button>
        </div>
      ))}
    </section>
  );
}

function Unread({ keeper }: { keeper: DraftKeeper }) {
  const origins = keeper.marks.value.origins ?? [];
  const read = (source: string, kind: string) => keeper.mark({ ...keeper.marks.value, origins: origins.map((o) => (o.source === source && o.kind === kind ? { ...o, seen: true } : o)) });
  return (
    <>
      {origins
        .filter((o) => !o.seen)
        .map((o) => (
          <Banner
            key={`${o.kind} ${o.source}`}
            tone="warn"
            action={
              <Button small onClick={() => read(o.source, o.kind)} act="assist-seen">
                {t('assist.seen')}
              </Button>
            }
          >
            {t('assist.unseen', { source: o.source })}
          </Banner>
        ))}
    </>
  );
}

function Dictate({ keeper }: { keeper: DraftKeeper }) {
  const [state, setState] = useState<'idle' | 'recording' | 'writing'>('idle');
  const recorder = useRef<MediaRecorder | null>(null);
  // Left while it records: the microphone is let go.
  useEffect(() => () => recorder.current?.stream.getTracks().forEach((x) => x.stop()), []);
  const start = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const r = new MediaRecorder(stream);
      const parts: Blob[] = [];
      r.ondataavailable = (e) => parts.push(e.data);
      r.onstop = () => {
        for (const x of stream.getTracks()) x.stop();
        void write(new Blob(parts, { type: r.mimeType }));
      };
      recorder.current = r;
      r.start();
      setState('recording');
    } catch {
      say(t('assist.noMic'), true);
    }
  };
  const write = async (recording: Blob) => {
    setState('writing');
    try {
      const { text, source } = await api.dictate(keeper.workitem, recording, keeper.writtenIn);
      if (text) {
        insertIntoReport(text);
        cameFrom(keeper, 'dictation', source, text);
      }
    } catch (e) {
      sayProblem(e);
    } finally {
      setState('idle');
    }
  };
  return (
    <Button small kind={state === 'recording' ? 'danger' : 'plain'} busy={state === 'writing'} pressed={state === 'recording'} onClick={() => (state === 'recording' ? recorder.current?.stop() : void start())} act="dictate">
      {t(state === 'recording' ? 'assist.stop' : state === 'writing' ? 'assist.writing' : 'assist.dictate')}
    </Button>
  );
}
