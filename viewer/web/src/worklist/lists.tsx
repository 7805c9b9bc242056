import type { ListFilter } from '../api/types';
import { named, t } from '../i18n';
import { api } from '../session';
import { Button } from '../ui/controls';
import { useLoad, type Loaded } from '../ui/load';
import { settings } from './chosen';
import { sameFilter } from './filters';
import type { SharedList } from './settings';

export function useShared(): Loaded<SharedList[]> {
  return useLoad(() => api.json<SharedList[]>('/lists'), []);
}

/** The lists with names: one press shows one. */
export function ListBar({ filter, shared, onPick, onManage }: { filter: ListFilter; shared: SharedList[]; onPick: (f: ListFilter) => void; onManage: () => void }) {
  const all = [...settings.value.lists.map((l) => ({ ...l, key: `own ${l.name}`, panel: '' })), ...shared.map((l) => ({ ...l, key: l.id, panel: l.panel ? named(l.panel) : t('list.everybody') }))];
  return (
    <div class="named-lists" role="group" aria-label={t('list.named')}>
      {all.map((l) => (
        <Button key={l.key} small pressed={sameFilter(l.filter, filter)} onClick={() => onPick(l.filter)} title={l.panel ? t('list.sharedWith', { name: l.panel }) : l.name} act="named-list">
          {l.name}
        </Button>
      ))}
      <Button small kind="quiet" onClick={onManage} act="list-settings">
        {t('list.settings')}
      </Button>
    </div>
  );
}
