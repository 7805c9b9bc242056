import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Named } from '../api/types';
import { ago, instant, named, num, t } from '../i18n';
import { api, may } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { problemText, sayProblem } from '../ui/problem';
import { Modalities, PatientName } from '../ui/study';
import { say } from '../ui/toast';
import type { Copy, Deletion, StoreState } from './store.types';
import { w, type Word } from './store.words';
import '../account/account.css';

/** How the store is, and which studies are to leave it. */
export function Store() {
  const loaded = useLoad(async (signal) => {
    const [store, deletions] = await Promise.all([
      api.json<StoreState>('/store', { signal }),
      may('deletion.decide') ? api.json<Deletion[]>('/deletions', { signal }) : Promise.resolve<Deletion[]>([]),
    ]);
    return { store, deletions };
  }, []);
  useLive((_, kind) => kind === 'study', loaded.reload);
  if (!loaded.data) return loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} />;
  const { store, deletions } = loaded.data;
  return (
    <>
      <h1>{t('coord.store')}</h1>
      <p class="muted">{w('lead')}</p>
      <State store={store} />
      {may('deletion.decide') ? <Deletions list={deletions} reload={loaded.reload} /> : null}
    </>
  );
}

function State({ store }: { store: StoreState }) {
  const open = store.damages.filter((d) => !d.mendedAt);
  const copy = (kind: Copy['kind']) => store.copies.find((c) => c.kind === kind);
  return (
    <>
      <div class="stats">
        <Figure name={w('check')} value={store.scrub.endedAt ? ago(store.scrub.endedAt, now.value) : '–'} note={store.scrub.endedAt ? w('checked', { n: num(store.scrub.objects) }) : w('checkNone')} />
        <Figure name={w('damaged')} value={num(open.length)} bad={open.length > 0} />
        <CopyFigure name={w('backup')} copy={copy('backup')} />
        <CopyFigure name={w('mirror')} copy={copy('mirror')} />
      </div>
      <h2>{w('parked')}</h2>
      {store.parked.length === 0 ? <p class="muted">{w('parkedNone')}</p> : null}
      {store.parked.map((p) => (
        <Banner key={p.kind} tone="warn">
          {w(`parked.${p.kind}`, { n: num(p.count) })} <span class="muted">{w('since', { when: ago(p.since, now.value) })}</span>
        </Banner>
      ))}
      {store.damages.length > 0 ? (
        <>
          <h2>{w('damaged')}</h2>
          <ul class="rows">
            {store.damages.map((d) => (
              <li key={d.instanceId || d.messageId} data-damage={d.mendedAt ? 'mended' : 'open'}>
                <Chip tone={d.mendedAt ? 'ok' : 'danger'}>{d.mendedAt ? w('mended', { by: w(`by.${d.mendedBy}` as Word) }) : w('open')}</Chip>
                <strong>{named(d.facility)}</strong>
                <span>{w(d.missing ? 'missing' : 'changed')}</span>
                <span class="muted">{instant(d.foundAt)}</span>
                <code class="audit-detail">{d.instanceId || d.messageId}</code>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

function Figure({ name, value, note, bad }: { name: string; value: string; note?: string; bad?: boolean }) {
  return (
    <div class={`stat${bad ? ' bad' : ''}`}>
      <span class="stat-value">{value}</span>
      <span class="stat-name">{name}</span>
      {note ? <small class="muted">{note}</small> : null}
    </div>
  );
}

function CopyFigure({ name, copy }: { name: string; copy: Copy | undefined }) {
  if (!copy) return <Figure name={name} value="–" note={w('copyNone')} />;
  let note = w('copied', { n: num(copy.images), m: num(copy.copied) });
  if (copy.failed) note = copy.wholeAt ? w('copyFailed', { when: instant(copy.wholeAt) }) : w('copyFailedNone');
  else if (copy.damaged > 0) note = w('copyDamaged', { n: num(copy.damaged) });
  return <Figure name={name} value={ago(copy.at, now.value)} note={note} bad={copy.failed || copy.damaged > 0} />;
}

const tones: Record<Deletion['state'], 'neutral' | 'ok' | 'warn' | 'danger'> = {
  requested: 'warn',
  refused: 'neutral',
  trashed: 'danger',
  restored: 'ok',
  sweeping: 'neutral',
  swept: 'neutral',
};

function Deletions({ list, reload }: { list: Deletion[]; reload: () => void }) {
  const [agreeing, setAgreeing] = useState<Deletion | null>(null);
  const post = (d: Deletion, what: string, done?: Word) =>
    api.json(`/deletions/${d.id}/${what}`, { method: 'POST', body: {} }).then(() => {
      setAgreeing(null);
      if (done) say(w(done));
      reload();
    });
  return (
    <>
      <h2>{w('deletions')}</h2>
      {list.length === 0 ? <p class="muted">{w('none')}</p> : null}
      <ul class="rows">
        {list.map((d) => (
          <li key={d.id} data-deletion={d.state}>
            <Chip tone={tones[d.state]}>{w(`state.${d.state}`)}</Chip>
            {d.study ? (
              <strong>
                <PatientName study={d.study} /> <Modalities study={d.study} />
              </strong>
            ) : (
              <strong>{w('gone')}</strong>
            )}
            <span>{named(d.facility)}</span>
            <span class="reason">{d.reason}</span>
            <span class="muted">{history(d)}</span>
            {d.state === 'requested' ? (
              <span class="rows-end">
                {d.mine ? (
                  <small class="muted">{w('mine')}</small>
                ) : (
                  <Button small kind="danger" act="deletion-approve" onClick={() => setAgreeing(d)}>
                    {w('approve')}
                  </Button>
                )}
                <Button small act="deletion-refuse" onClick={() => void post(d, 'refuse').catch(sayProblem)}>
                  {w(d.mine ? 'withdraw' : 'refuse')}
                </Button>
              </span>
            ) : null}
            {d.state === 'trashed' ? (
              <Button small act="deletion-restore" onClick={() => void post(d, 'restore', 'restored').catch(sayProblem)}>
                {w('restore')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {agreeing ? <Agree deletion={agreeing} onClose={() => setAgreeing(null)} agree={() => post(agreeing, 'approve', 'approved')} /> : null}
    </>
  );
}

function history(d: Deletion): string {
  const by = (n: Named | null) => (n ? named(n) : '');
  const parts = [w('asked', { name: by(d.requestedBy), when: instant(d.requestedAt) })];
  if (d.decidedBy) parts.push(w('decided', { name: by(d.decidedBy), when: instant(d.decidedAt) }));
  if (d.state === 'trashed') parts.push(w('until', { when: instant(d.sweepAt) }));
  if (d.state === 'swept') parts.push(w('swept', { n: num(d.objects), when: instant(d.endedAt) }));
  if (d.state === 'restored') parts.push(w(!d.endedBy ? 'backSent' : d.endedBy.id === 'retention' ? 'backKept' : 'back', { when: instant(d.endedAt) }));
  return parts.join(' · ');
}

function Agree({ deletion, onClose, agree }: { deletion: Deletion; onClose: () => void; agree: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const actions: ComponentChildren = (
    <>
      <Button onClick={onClose}>{t('cancel')}</Button>
      <Button
        kind="danger"
        busy={busy}
        act="deletion-agree"
        onClick={() => {
          setBusy(true);
          agree().catch((e: unknown) => {
            setError(problemText(e));
            setBusy(false);
          });
        }}
      >
        {w('approve')}
      </Button>
    </>
  );
  return (
    <Dialog title={w('approveTitle')} name="deletion" onClose={onClose} actions={actions}>
      <p>
        {deletion.study ? <PatientName study={deletion.study} /> : null} <span class="muted">{named(deletion.facility)}</span>
      </p>
      <p class="reason">{deletion.reason}</p>
      <p>{w('approveLead')}</p>
      <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
    </Dialog>
  );
}
