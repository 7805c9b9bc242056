import { useState } from 'preact/hooks';
import type { ListFilter } from '../api/types';
import { named, t } from '../i18n';
import { api, may, me } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import type { Loaded } from '../ui/load';
import { useMoved } from '../ui/moved';
import { problemText, sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { settings } from './chosen';
import { arranged, columns } from './columns';
import { choose, type SharedList } from './settings';

/** Columns, the present list under a name, and what becomes after a signature. */
export function ListSettings({ filter, shared, onClose }: { filter: ListFilter; shared: Loaded<SharedList[]>; onClose: () => void }) {
  const [name, setName] = useState('');
  const [share, setShare] = useState('');
  const [error, setError] = useState('');
  const s = settings.value;
  const panels = me.value?.panels ?? [];
  const anybody = may('workitem.assign');
  const keep = async () => {
    setError('');
    try {
      if (share === '') await choose({ lists: [...s.lists.filter((l) => l.name !== name.trim()), { name: name.trim(), filter }] });
      else {
        await api.json('/lists', { method: 'POST', body: { name: name.trim(), panel: share === '*' ? '' : share, filter } });
        shared.reload();
      }
      say(t('list.kept'));
      setName('');
    } catch (e) {
      setError(problemText(e));
    }
  };
  const drop = async (l: SharedList) => {
    try {
      await api.json(`/lists/${encodeURIComponent(l.id)}`, { method: 'DELETE' });
      shared.reload();
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <Dialog title={t('list.settings')} name="list-settings" onClose={onClose}>
      {error ? <Banner tone="danger">{error}</Banner> : null}
      <ColumnChoice />
      <label class="check">
        <input type="checkbox" name="auto-next" checked={s.autoNext} onChange={(e) => void choose({ autoNext: e.currentTarget.checked }).catch(sayProblem)} /> {t('list.autoNext')}
      </label>
      <form
        class="list-save"
        onSubmit={(e) => {
          e.preventDefault();
          void keep();
        }}
      >
        <label class="field">
          <span>{t('list.save')}</span>
          <input name="list-name" maxLength={60} required value={name} autocomplete="off" onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{t('list.for')}</span>
          <select name="list-share" value={share} onChange={(e) => setShare(e.currentTarget.value)}>
            <option value="">{t('list.forMe')}</option>
            {panels.map((p) => (
              <option key={p.id} value={p.id}>
                {named(p)}
              </option>
            ))}
            {anybody ? <option value="*">{t('list.everybody')}</option> : null}
          </select>
        </label>
        <Button type="submit" kind="primary" disabled={!name.trim()} act="list-save">
          {t('list.keep')}
        </Button>
      </form>
      <ul class="rows list-rows">
        {s.lists.map((l) => (
          <li key={l.name}>
            <span class="grow">{l.name}</span>
            <Button small kind="quiet" onClick={() => void choose({ lists: s.lists.filter((x) => x !== l) }).catch(sayProblem)}>
              {t('list.remove')}
            </Button>
          </li>
        ))}
        {(shared.data ?? []).map((l) => (
          <li key={l.id}>
            <span class="grow">
              {l.name} <Chip>{l.panel ? named(l.panel) : t('list.everybody')}</Chip> <span class="muted">{named(l.by)}</span>
            </span>
            {l.mine || anybody ? (
              <Button small kind="quiet" onClick={() => void drop(l)}>
                {t('list.remove')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Which columns there are, those that are shown first and in their order. */
function ColumnChoice() {
  const { list, follow } = useMoved<HTMLUListElement>();
  const ids = settings.value.columns;
  const shown = arranged(ids);
  const set = (columns: string[]) => void choose({ columns }).catch(sayProblem);
  const move = (n: number, step: -1 | 1) => {
    const next = shown.map((c) => c.id);
    const [id] = next.splice(n, 1);
    next.splice(n + step, 0, id!);
    follow(n + step, step < 0 ? 'column-before' : 'column-after');
    set(next);
  };
  return (
    <fieldset class="columns-choice">
      <legend>{t('list.columns')}</legend>
      <p class="muted">{t('list.sortHint')}</p>
      <ul ref={list}>
        {[...shown, ...columns.value.filter((c) => !shown.includes(c))].map((c, n) => (
          <li key={c.id} data-column={c.id}>
            <label class="check">
              <input
                type="checkbox"
                name="column"
                value={c.id}
                checked={n < shown.length}
                disabled={c.id === 'patient'}
                onChange={(e) => set(e.currentTarget.checked ? [...ids, c.id] : ids.filter((id) => id !== c.id))}
              />{' '}
              {t(c.head)}
            </label>
            {n < shown.length ? (
              <>
                <Button small kind="quiet" label={t('list.before', { name: t(c.head) })} disabled={n === 0} onClick={() => move(n, -1)} act="column-before">
                  ↑
                </Button>
                <Button small kind="quiet" label={t('list.after', { name: t(c.head) })} disabled={n === shown.length - 1} onClick={() => move(n, 1)} act="column-after">
                  ↓
                </Button>
              </>
            ) : null}
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
