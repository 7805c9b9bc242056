import { useState } from 'preact/hooks';
import { ApiError } from '../api/error';
import { t } from '../i18n';
import { Banner, Blank, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { problemText } from '../ui/problem';
import { say } from '../ui/toast';
import { apply, plan, type Change, type Part } from './site';
import { w, wOr } from './words';

/** What a change to the directory would do, line by line, before it does. */
export function ChangeDialog({ change, onClose, onDone }: { change: Part; onClose: () => void; onDone: () => void }) {
  const planned = useLoad(async () => {
    try {
      return { changes: (await plan(change)).changes, bad: [] as string[] };
    } catch (e) {
      if (e instanceof ApiError && e.code === 'site_file') return { changes: [] as Change[], bad: e.detail.split('\n') };
      throw e;
    }
  }, [change.text]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [passwords, setPasswords] = useState<{ login: string; password: string }[]>([]);
  const d = planned.data;
  const go = async () => {
    setBusy(true);
    setError('');
    try {
      const done = await apply(change);
      say(w('change.applied'));
      if (done.passwords.length > 0) setPasswords(done.passwords);
      else onDone();
    } catch (e) {
      setError(e instanceof ApiError && e.detail ? `${problemText(e)} ${e.detail}` : problemText(e));
    }
    setBusy(false);
  };
  if (passwords.length > 0) {
    return (
      <Dialog title={w('change.applied')} name="passwords" wide actions={<Button kind="primary" onClick={onDone} act="passwords-done">{w('done')}</Button>}>
        <p>{w('change.passwords')}</p>
        <dl class="facts">
          {passwords.map((p) => (
            <div key={p.login} class="fact" data-password={p.login}>
              <dt>{p.login}</dt>
              <dd>
                <code class="secret">{p.password}</code>
              </dd>
            </div>
          ))}
        </dl>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={w('change.title')}
      name="change"
      wide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} disabled={!d || d.changes.length === 0} onClick={() => void go()} act="change-apply">
            {w('change.apply')}
          </Button>
        </>
      }
    >
      {error || planned.error ? <Banner tone="danger">{error || planned.error}</Banner> : null}
      {!d ? planned.error ? null : <Blank busy title={t('loading')} /> : null}
      {d && d.bad.length > 0 ? (
        <>
          <p class="danger-text">{w('change.bad')}</p>
          <ul class="change-bad">
            {d.bad.map((line, n) => (
              <li key={n}>{line}</li>
            ))}
          </ul>
        </>
      ) : null}
      {d && d.bad.length === 0 ? <p class="muted">{d.changes.length > 0 ? w('change.lead') : w('change.nothing')}</p> : null}
      {d ? <Changes list={d.changes} /> : null}
    </Dialog>
  );
}

export function Changes({ list }: { list: Change[] }) {
  return (
    <ul class="changes">
      {list.map((c, n) => (
        <li key={n} data-change={`${c.op} ${c.kind} ${c.name}`} class={c.op === '+' ? 'added' : c.op === '-' ? 'removed' : 'changed'}>
          <span class="change-op" aria-hidden="true">
            {c.op === '~' ? '±' : c.op === '-' ? '−' : '+'}
          </span>
          <div>
            <strong>
              {wOr(`kind.${c.kind}`, c.kind)} {c.name}
            </strong>
            {c.text ? <p>{c.text}</p> : null}
          </div>
        </li>
      ))}
    </ul>
  );
}
