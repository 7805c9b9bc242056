import { useState } from 'preact/hooks';
import { instant, named, t } from '../i18n';
import { api, may } from '../session';
import { Banner, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { problemText, sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import type { Keeping as State } from '../coordinator/store.types';
import { w, type Word } from '../coordinator/store.words';
import '../account/account.css';

type Asked = 'ask' | 'hold';

/** Until when a study is kept; asking for its deletion, and legal hold. */
export function Keeping({ study }: { study: string }) {
  const loaded = useLoad(() => api.json<State>(`/studies/${study}/retention`), [study]);
  const [asking, setAsking] = useState<Asked | null>(null);
  useLive((e) => e.studyId === study, loaded.reload);
  const k = loaded.data;
  if (!k) return null;
  const past = k.reason !== 'receiving' && (!k.until || Date.parse(k.until) <= now.value);
  const release = () =>
    api.json(`/studies/${study}/hold`, { method: 'DELETE' }).then(() => {
      say(w('releaseDone'));
      loaded.reload();
    }, sayProblem);
  return (
    <section data-keeping={k.hold ? 'held' : past ? 'past' : 'kept'}>
      <h3>{w('keeping')}</h3>
      <p class="muted">{past ? w('keep.none') : w(`keep.${k.reason}`, { when: instant(k.until) })}</p>
      {k.hold ? (
        <Banner tone="accent">
          {w('held', { reason: k.hold.reason })} <span class="muted">{w('heldBy', { name: named(k.hold.placedBy), when: instant(k.hold.placedAt) })}</span>
        </Banner>
      ) : null}
      {k.deletion ? <Banner tone="warn">{w('pending')}</Banner> : null}
      <div class="rows-actions">
        {may('deletion.request') && past && !k.hold && !k.deletion ? (
          <Button small kind="danger" act="deletion-ask" onClick={() => setAsking('ask')}>
            {w('ask')}
          </Button>
        ) : null}
        {may('study.hold') ? (
          k.hold ? (
            <Button small act="hold-release" onClick={() => void release()}>
              {w('release')}
            </Button>
          ) : (
            <Button small act="hold" onClick={() => setAsking('hold')}>
              {w('hold')}
            </Button>
          )
        ) : null}
      </div>
      {asking ? (
        <Ask
          what={asking}
          study={study}
          onClose={() => setAsking(null)}
          onDone={() => {
            say(w(`${asking}Done` as Word));
            setAsking(null);
            loaded.reload();
          }}
        />
      ) : null}
    </section>
  );
}

function Ask({ what, study, onClose, onDone }: { what: Asked; study: string; onClose: () => void; onDone: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  return (
    <Dialog title={w(`${what}Title`)} name={what} onClose={onClose}>
      <form
        class="signin-form"
        onSubmit={(e) => {
          e.preventDefault();
          setBusy(true);
          setError('');
          api.json(`/studies/${study}/${what === 'ask' ? 'deletion' : 'hold'}`, { method: 'POST', body: { reason: reason.trim() } }).then(onDone, (e: unknown) => {
            setError(problemText(e));
            setBusy(false);
          });
        }}
      >
        <p>{w(`${what}Lead`)}</p>
        <label class="field">
          <span>{w('reason')}</span>
          <textarea name="reason" rows={3} required minLength={10} maxLength={1000} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <div class="rows-actions">
          <Button type="submit" kind={what === 'ask' ? 'danger' : 'primary'} busy={busy} act={`${what}-confirm`}>
            {w(what)}
          </Button>
          <Button onClick={onClose}>{t('cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
