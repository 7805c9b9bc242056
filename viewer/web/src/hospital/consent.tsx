import { useState } from 'preact/hooks';
import type { Named } from '../api/types';
import { instant, named, t } from '../i18n';
import { api } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { problemText } from '../ui/problem';
import { say } from '../ui/toast';
import { w } from './consent.words';
import '../account/account.css';

interface Entry {
  kind: 'given' | 'withdrawn';
  everywhere: boolean;
  facilities: Named[];
  images: boolean;
  reports: boolean;
  research: boolean;
  until: string | null;
  document: string;
  by: Named;
  at: string;
}

interface Register {
  inForce: boolean;
  history: Entry[];
  facilities: Named[];
}

/** What the patient has said about other hospitals, and the writing of it. */
export function Consent({ study }: { study: string }) {
  const loaded = useLoad(() => api.json<Register>(`/studies/${study}/consents`), [study]);
  const [asking, setAsking] = useState<'given' | 'withdrawn' | null>(null);
  const r = loaded.data;
  if (!r) return null;
  const done = () => {
    say(w('recorded'));
    setAsking(null);
    loaded.reload();
  };
  return (
    <section data-consent={r.inForce ? 'given' : 'none'}>
      <h3>
        {w('title')} <Chip tone={r.inForce ? 'ok' : 'neutral'}>{w(r.inForce ? 'inForce' : 'notInForce')}</Chip>
      </h3>
      {r.history[0] ? <Line entry={r.history[0]} /> : <p class="muted">{w('none')}</p>}
      <div class="rows-actions">
        <Button small act="consent-record" onClick={() => setAsking('given')}>
          {w(r.inForce ? 'renew' : 'record')}
        </Button>
        {r.inForce ? (
          <Button small kind="danger" act="consent-withdraw" onClick={() => setAsking('withdrawn')}>
            {w('withdraw')}
          </Button>
        ) : null}
      </div>
      {r.history.length > 1 ? (
        <details>
          <summary>{w('history', { n: r.history.length })}</summary>
          <ul class="rows">
            {r.history.map((e) => (
              <li key={e.at}>
                <Line entry={e} />
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {asking === 'given' ? <Give study={study} facilities={r.facilities} onClose={() => setAsking(null)} onDone={done} /> : null}
      {asking === 'withdrawn' ? <Withdraw study={study} onClose={() => setAsking(null)} onDone={done} /> : null}
    </section>
  );
}

function Line({ entry: e }: { entry: Entry }) {
  const what = [e.images ? w('images') : '', e.reports ? w('reports') : ''].filter(Boolean).join(' + ');
  const whom = e.everywhere ? w('everywhere') : e.facilities.map((f) => named(f)).join(', ');
  const said = [what && `${what} → ${whom}`, e.research ? w('research') : ''].filter(Boolean).join(' · ');
  return (
    <p class="consent-line">
      <strong>{w(e.kind)}</strong> {e.kind === 'given' ? said : null} {e.until ? w('untilDay', { day: instant(e.until) }) : null}{' '}
      <span class="muted">
        {instant(e.at)} {w('by', { name: named(e.by) })} {e.document}
      </span>
    </p>
  );
}

function useSend(study: string, onDone: () => void) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const send = (body: object) => {
    setBusy(true);
    setError('');
    api.json(`/studies/${study}/consents`, { method: 'POST', body }).then(onDone, (e: unknown) => {
      setError(problemText(e));
      setBusy(false);
    });
  };
  return { busy, error, send };
}

interface Asking {
  study: string;
  onClose: () => void;
  onDone: () => void;
}

function Give({ study, facilities, onClose, onDone }: Asking & { facilities: Named[] }) {
  const { busy, error, send } = useSend(study, onDone);
  const [input, setInput] = useState({ everywhere: false, chosen: [] as string[], images: true, reports: true, research: false, until: '', document: '' });
  const set = (change: Partial<typeof input>) => setInput({ ...input, ...change });
  const shows = input.images || input.reports;
  const incomplete = shows ? !(input.everywhere || input.chosen.length) : !input.research;
  return (
    <Dialog title={w('record')} name="consent" onClose={onClose}>
      <form
        class="signin-form"
        onSubmit={(e) => {
          e.preventDefault();
          send({
            kind: 'given',
            everywhere: shows && input.everywhere,
            facilities: !shows || input.everywhere ? [] : input.chosen,
            images: input.images,
            reports: input.reports,
            research: input.research,
            document: input.document.trim(),
            // The day counts to its end, where the page is.
            ...(input.until ? { until: new Date(`${input.until}T23:59:59`).toISOString() } : {}),
          });
        }}
      >
        <p>{w('lead')}</p>
        <fieldset class="field choices">
          <legend>{w('what')}</legend>
          {(['images', 'reports'] as const).map((k) => (
            <label key={k} class="check">
              <input type="checkbox" name={k} checked={input[k]} onInput={(e) => set({ [k]: e.currentTarget.checked })} />
              <span>{w(k)}</span>
            </label>
          ))}
        </fieldset>
        {shows ? (
          <fieldset class="field choices">
            <legend>{w('who')}</legend>
            <label class="check">
              <input type="checkbox" name="everywhere" checked={input.everywhere} onInput={(e) => set({ everywhere: e.currentTarget.checked })} />
              <span>{w('everywhere')}</span>
            </label>
            {input.everywhere
              ? null
              : facilities.map((f) => (
                  <label key={f.id} class="check">
                    <input
                      type="checkbox"
                      name="facility"
                      value={f.id}
                      checked={input.chosen.includes(f.id)}
                      onInput={(e) => set({ chosen: e.currentTarget.checked ? [...input.chosen, f.id] : input.chosen.filter((id) => id !== f.id) })}
                    />
                    <span>{named(f)}</span>
                  </label>
                ))}
          </fieldset>
        ) : null}
        <fieldset class="field choices">
          <legend>{w('use')}</legend>
          <label class="check">
            <input type="checkbox" name="research" checked={input.research} onInput={(e) => set({ research: e.currentTarget.checked })} />
            <span>{w('researchLong')}</span>
          </label>
        </fieldset>
        <label class="field">
          <span>{w('document')}</span>
          <input name="document" required maxLength={500} autocomplete="off" value={input.document} onInput={(e) => set({ document: e.currentTarget.value })} />
        </label>
        <label class="field">
          <span>{w('until')}</span>
          <input name="until" type="date" value={input.until} onInput={(e) => set({ until: e.currentTarget.value })} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <div class="rows-actions">
          <Button type="submit" kind="primary" busy={busy} disabled={incomplete} act="consent-confirm">
            {w('record')}
          </Button>
          <Button onClick={onClose}>{t('cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Withdraw({ study, onClose, onDone }: Asking) {
  const { busy, error, send } = useSend(study, onDone);
  const [document, setDocument] = useState('');
  return (
    <Dialog title={w('withdrawTitle')} name="consent-withdraw" onClose={onClose}>
      <form
        class="signin-form"
        onSubmit={(e) => {
          e.preventDefault();
          send({ kind: 'withdrawn', document: document.trim() });
        }}
      >
        <p>{w('withdrawLead')}</p>
        <label class="field">
          <span>{w('document')}</span>
          <input name="document" maxLength={500} autocomplete="off" value={document} onInput={(e) => setDocument(e.currentTarget.value)} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <div class="rows-actions">
          <Button type="submit" kind="danger" busy={busy} act="consent-withdraw-confirm">
            {w('withdraw')}
          </Button>
          <Button onClick={onClose}>{t('cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
