import { useState } from 'preact/hooks';
import type { Named } from '../api/types';
import { instant, named, t } from '../i18n';
import { api } from '../session';
import { Banner, Blank, Button, Chip, type Tone } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { problemText, sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { w } from '../hospital/consent.words';
import '../account/account.css';

interface LinkPatient {
  id: string;
  facility: Named;
  name: string;
  ideographic: string;
  phonetic: string;
  patientId: string;
  birthDate: string;
  sex: string;
}

type State = 'proposed' | 'confirmed' | 'rejected' | 'ended';

interface Link {
  id: string;
  patients: LinkPatient[];
  state: State;
  reason: string;
  proposedBy: Named;
  proposedAt: string;
  mine: boolean;
}

const tones: Record<State, Tone> = { proposed: 'warn', confirmed: 'ok', rejected: 'neutral', ended: 'neutral' };

/** Which patients of two hospitals are one person: what waits for a second person first. */
export function Links() {
  const loaded = useLoad(() => api.json<Link[]>('/links'), []);
  return (
    <>
      <h1>{w('links')}</h1>
      <p class="muted">{w('linksLead')}</p>
      {!loaded.data ? loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} /> : null}
      {loaded.data?.length === 0 ? <Blank icon="check" title={w('linksNone')} /> : null}
      <LinkRows links={loaded.data ?? []} reload={loaded.reload} />
    </>
  );
}

function LinkRows({ links, reload }: { links: Link[]; reload: () => void }) {
  const [ending, setEnding] = useState('');
  const judge = (id: string, verdict: string) =>
    api.json(`/links/${id}/review`, { method: 'POST', body: { verdict } }).then(() => {
      say(w('done'));
      reload();
    }, sayProblem);
  return (
    <>
    <ul class="rows">
      {links.map((l) => (
        <li key={l.id} data-link={l.state}>
          <Chip tone={tones[l.state]}>{w(l.state)}</Chip>
          {l.patients.map((p) => (
            <Who key={p.id} patient={p} />
          ))}
          <span class="reason">{l.reason}</span>
          <span class="muted">
            {instant(l.proposedAt)} {w('proposedBy', { name: named(l.proposedBy) })}
          </span>
          {l.state === 'proposed' ? (
            <span class="rows-end">
              {l.mine ? (
                <span class="muted">{w('waiting')}</span>
              ) : (
                <Button small kind="primary" act="link-confirm" onClick={() => void judge(l.id, 'confirmed')}>
                  {w('confirm')}
                </Button>
              )}
              <Button small act="link-reject" onClick={() => void judge(l.id, 'rejected')}>
                {w('reject')}
              </Button>
            </span>
          ) : null}
          {l.state === 'confirmed' ? (
            <Button small kind="danger" act="link-end" onClick={() => setEnding(l.id)}>
              {w('end')}
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
      {ending ? (
        <Reason
          title={w('end')}
          label={w('endReason')}
          send={(reason) => api.json(`/links/${ending}/end`, { method: 'POST', body: { reason } })}
          onClose={() => setEnding('')}
          onDone={() => {
            setEnding('');
            reload();
          }}
        />
      ) : null}
    </>
  );
}

function Who({ patient: p }: { patient: LinkPatient }) {
  return (
    <span>
      <strong>{(p.ideographic || p.name).replace(/\^+/g, ' ').trim()}</strong> <code>{p.patientId}</code> {p.birthDate.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')} <span class="muted">{named(p.facility)}</span>
    </span>
  );
}

/** The links of the patient of a study, and who of other hospitals might be the same. */
export function StudyLinks({ study }: { study: string }) {
  const loaded = useLoad(() => api.json<{ patient: LinkPatient; links: Link[]; candidates: LinkPatient[] }>(`/studies/${study}/links`), [study]);
  const [asking, setAsking] = useState<LinkPatient | null>(null);
  const d = loaded.data;
  if (!d) return null;
  return (
    <section data-links={d.links.length}>
      <h3>{w('links')}</h3>
      {d.links.length ? <LinkRows links={d.links} reload={loaded.reload} /> : null}
      <p class="muted">{w(d.candidates.length ? 'candidates' : 'candidatesNone')}</p>
      <ul class="rows">
        {d.candidates.map((c) => (
          <li key={c.id} data-candidate={c.patientId}>
            <Who patient={c} />
            <Button small act="link-propose" onClick={() => setAsking(c)}>
              {w('same')}
            </Button>
          </li>
        ))}
      </ul>
      {asking ? (
        <Reason
          title={w('propose')}
          label={w('reason')}
          send={(reason) => api.json('/links', { method: 'POST', body: { patient: d.patient.id, other: asking.id, reason } })}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            loaded.reload();
          }}
        />
      ) : null}
    </section>
  );
}

interface ReasonProps {
  title: string;
  label: string;
  send: (reason: string) => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

function Reason({ title, label, send, onClose, onDone }: ReasonProps) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  return (
    <Dialog title={title} name="link" onClose={onClose}>
      <form
        class="signin-form"
        onSubmit={(e) => {
          e.preventDefault();
          setBusy(true);
          setError('');
          send(reason.trim()).then(
            () => {
              say(w('done'));
              onDone();
            },
            (e: unknown) => {
              setError(problemText(e));
              setBusy(false);
            },
          );
        }}
      >
        <p>{w('linksLead')}</p>
        <label class="field">
          <span>{label}</span>
          <textarea name="reason" rows={3} required minLength={5} maxLength={500} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <div class="rows-actions">
          <Button type="submit" kind="primary" busy={busy} act="link-send">
            {title}
          </Button>
          <Button onClick={onClose}>{t('cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
