import { useEffect, useState } from 'preact/hooks';
import type { ListFilter } from '../api/types';
import { t } from '../i18n';
import { leave } from '../ui/controls';
import { ListBar, useShared } from './lists';
import { ListSettings } from './listsettings';
import './more';
import { learnSettings } from './settings';
import './tools.css';

/** What narrows the list: since when, modality, priority, and the lists with names. */
export function Tools({ filter, onFilter, onPick }: { filter: ListFilter; onFilter: (f: Partial<ListFilter>) => void; onPick: (f: ListFilter) => void }) {
  const [managing, setManaging] = useState(false);
  const shared = useShared();
  useEffect(() => void learnSettings(), []);
  return (
    <>
      <div class="list-tools" onKeyDown={(e) => e.target instanceof HTMLSelectElement && leave(e)}>
        <select class="small" name="filter-since" aria-label={t('list.since')} value={filter.since ?? ''} onChange={(e) => onFilter({ since: e.currentTarget.value as NonNullable<ListFilter['since']> })}>
          {(['', 'today', 'yesterday', '3d', '7d', '30d'] as const).map((x) => (
            <option key={x} value={x}>
              {t(`list.since.${x || 'any'}`)}
            </option>
          ))}
        </select>
        <select class="small" name="filter-modality" aria-label={t('col.modality')} value={filter.modality ?? ''} onChange={(e) => onFilter({ modality: e.currentTarget.value })}>
          {['', 'CT', 'MR', 'CR', 'DX', 'MG', 'US', 'XA', 'NM', 'PT'].map((m) => (
            <option key={m} value={m}>
              {m || t('list.anyModality')}
            </option>
          ))}
        </select>
        <select class="small" name="filter-priority" aria-label={t('col.priority')} value={filter.priority ?? ''} onChange={(e) => onFilter({ priority: e.currentTarget.value as NonNullable<ListFilter['priority']> })}>
          <option value="">{t('list.anyPriority')}</option>
          {(['STAT', 'URGENT', 'ROUTINE'] as const).map((p) => (
            <option key={p} value={p}>
              {t(`priority.${p}`)}
            </option>
          ))}
        </select>
        <ListBar filter={filter} shared={shared.data ?? []} onPick={onPick} onManage={() => setManaging(true)} />
      </div>
      {managing ? <ListSettings filter={filter} shared={shared} onClose={() => setManaging(false)} /> : null}
    </>
  );
}
