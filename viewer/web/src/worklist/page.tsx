import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ListFilter, ListState, Workitem } from '../api/types';
import { t } from '../i18n';
import { go, href } from '../route';
import { api, forMe, me } from '../session';
import { Banner, Blank, Button, SearchBox, Tabs } from '../ui/controls';
import { useKeys } from '../ui/keys';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { sayProblem } from '../ui/problem';
import { TopBar } from '../ui/topbar';
import { ahead } from '../reading/ahead';
import { lazy } from '../ui/lazy';
import { useTyped } from '../ui/typed';
import { left, settings } from './chosen';
import { arranged, type Column } from './columns';
import { nextSort, Pages, visible } from './pages';

// The list itself waits for neither.
const Tools = lazy(() => import('./tools').then((m) => m.Tools), true);
const Lane = lazy(() => import('./lane').then((m) => m.Lane), true);
const TakeOver = lazy(() => import('./takeover').then((m) => m.TakeOver), true);

const tabs = ['open', 'unread', 'mine', 'sign', 'second', 'late', 'done'] as const satisfies ListState[];

const pageSize = 100;

export function Worklist() {
  const [filter, setFilterState] = useState<ListFilter>({ ...left.filter, q: '' });
  const [claiming, setClaiming] = useState('');
  const [selected, setSelected] = useState(left.selected);
  const [taking, setTaking] = useState<Workitem | null>(null);
  const [seen, setSeen] = useState({ from: 0, to: pageSize });
  const asked = { ...filter, q: useTyped(filter.q ?? '') };
  const list = useLoad((stop) => Pages.first((cursor, signal) => api.worklistOf(asked, cursor, pageSize, signal), stop), [filter.state], [asked]);
  const busy = useRef(false);
  useEffect(() => {
    Object.assign(left, { filter, selected });
  }, [filter, selected]);

  // One change of the pages at a time: a second would be about pages that are no more.
  // What is asked for meanwhile has its turn afterwards.
  const [turn, setTurn] = useState(0);
  const missed = useRef({ grow: false, refresh: false });
  const here = useRef(list.data);
  here.current = list.data;
  const update = async (change: 'grow' | 'refresh', f: (p: Pages) => Promise<Pages>) => {
    if (!list.data) return;
    if (busy.current) {
      missed.current[change] = true;
      return;
    }
    missed.current[change] = false;
    busy.current = true;
    const before = list.data;
    try {
      const next = await f(before);
      if (next !== before && here.current === before) list.set(next); // else another list is shown by now
    } catch (e) {
      sayProblem(e);
    } finally {
      busy.current = false;
      if (missed.current.grow || missed.current.refresh) setTurn((n) => n + 1);
    }
  };
  const refresh = () => void update('refresh', (p) => p.refresh(seen.from, seen.to));
  useLive((_, kind) => kind !== 'delivery', refresh);
  useEffect(() => {
    if (missed.current.refresh) refresh();
  }, [turn]);
  const items = list.data?.items ?? [];
  const more = list.data?.more ?? false;
  useEffect(() => {
    if (more && seen.to >= items.length - pageSize) void update('grow', (p) => p.grow());
    else missed.current.grow = false;
  }, [seen.to, items.length, more, turn]);

  const setFilter = (x: Partial<ListFilter>) => setFilterState({ ...filter, ...x });
  const chosen = () => items.find((i) => i.id === selected);
  const move = (step: number) => {
    const at = items.findIndex((i) => i.id === selected);
    const next = items[Math.max(0, Math.min(items.length - 1, at < 0 ? 0 : at + step))];
    if (next) setSelected(next.id);
  };
  const tab = (step: number) => setFilter({ state: tabs[(tabs.indexOf(filter.state as (typeof tabs)[number]) + step + tabs.length) % tabs.length]! });
  const open = (i: Workitem | undefined) => i && go('read', i.id);
  const claim = async (i: Workitem | undefined) => {
    if (!i || i.state !== 'SCHEDULED' || i.declined || claiming) return open(i);
    if (!forMe(i)) return setTaking(i);
    setClaiming(i.id);
    try {
      await api.claim(i.id);
      go('read', i.id);
    } catch (e) {
      sayProblem(e);
      list.reload();
    } finally {
      setClaiming('');
    }
  };
  useKeys({
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    j: () => move(1),
    k: () => move(-1),
    PageDown: () => move(15),
    PageUp: () => move(-15),
    Home: () => setSelected(items[0]?.id ?? ''),
    End: () => setSelected(items.at(-1)?.id ?? ''),
    Enter: () => open(chosen()),
    c: () => void claim(chosen()),
    t: () => {
      const i = chosen();
      if (i && mayTakeOver(i)) setTaking(i);
    },
    '[': () => tab(-1),
    ']': () => tab(1),
    '/': () => document.getElementById('worklist-search')?.focus(),
  });

  const [pointed, setPointed] = useState('');
  const likely = [pointed, selected].map((id) => id && items.find((i) => i.id === id)).filter((i) => !!i);
  const coming = [...new Set([...likely, ...items.slice(0, 4)])].slice(0, 4);
  useEffect(() => {
    // Not for every row the pointer passes over.
    const timer = setTimeout(() => ahead.expect(coming), 150);
    return () => clearTimeout(timer);
  }, [coming.map((i) => `${i.id} ${i.study.instances} ${i.study.state}`).join()]);

  const counts = list.data?.counts;
  return (
    <div class="page">
      <TopBar />
      <main id="content" tabIndex={-1} class="list-page worklist-page">
        <div class="list-head">
          <h1>{t('worklist.title')}</h1>
          <Tabs label={t('worklist.title')} value={filter.state} onChange={(state) => setFilter({ state })} tabs={tabs.map((id) => ({ id, text: t(`tab.${id}`), count: counts?.[id] }))} />
          <a href={href('reports')} data-act="reports">
            {t('archive.title')}
          </a>
          <SearchBox id="worklist-search" value={filter.q ?? ''} onInput={(q) => setFilter({ q })} label={t('worklist.search')} />
        </div>
        <Tools filter={filter} onFilter={setFilter} onPick={setFilterState} />
        <Lane onClaim={claim} />
        {list.error && list.data ? (
          <Banner tone="danger" action={<Button small onClick={list.reload}>{t('retry')}</Button>}>
            {list.error}
          </Banner>
        ) : null}
        {!list.data ? (
          list.error ? (
            <Blank icon="warn" title={list.error}>
              <Button onClick={list.reload}>{t('retry')}</Button>
            </Blank>
          ) : (
            <Skeleton />
          )
        ) : items.length === 0 ? (
          <Blank icon={asked.q ? 'search' : 'check'} title={t(!asked.q && !narrowed(filter) && (filter.state === 'open' || filter.state === 'mine' || filter.state === 'done') ? `worklist.empty.${filter.state}` : 'worklist.noMatch')} />
        ) : (
          <Table items={items} filter={filter} onFilter={setFilter} selected={selected} onSelect={setSelected} onPoint={setPointed} onClaim={(i) => void claim(i)} onTake={setTaking} claiming={claiming} onSeen={setSeen} more={more} />
        )}
      </main>
      {taking ? <TakeOver item={taking} onClose={() => setTaking(null)} /> : null}
    </div>
  );
}

function narrowed(f: ListFilter): boolean {
  return !!(f.since || f.modality || f.priority);
}

function mayTakeOver(i: Workitem): boolean {
  if (i.declined) return false;
  if (i.state === 'SCHEDULED') return !forMe(i);
  return i.state === 'IN PROGRESS' && i.claimedBy?.id !== me.value?.userId && !!i.heldUntil && Date.parse(i.heldUntil) < now.value;
}

interface TableProps {
  items: Workitem[];
  filter: ListFilter;
  onFilter: (f: Partial<ListFilter>) => void;
  selected: string;
  onSelect: (id: string) => void;
  onPoint: (id: string) => void;
  onClaim: (i: Workitem) => void;
  onTake: (i: Workitem) => void;
  claiming: string;
  onSeen: (s: { from: number; to: number }) => void;
  more: boolean;
}

// Rows that are far from what is seen are not there: empty rows as high as they
// would be keep the scroll bar true.
function Table({ items, filter, onFilter, selected, onSelect, onPoint, onClaim, onTake, claiming, onSeen, more }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
  const [row, setRow] = useState(46);
  const [span, setSpan] = useState({ from: 0, to: 60 });
  const shown = arranged(settings.value.columns);
  const sort = filter.sort ?? [];
  const look = () => {
    const el = box.current;
    if (!el) return;
    const outer = scrollerOf(el);
    const top = outer === el ? el.scrollTop : Math.max(0, outer.getBoundingClientRect().top - el.getBoundingClientRect().top);
    const next = visible(top, outer.clientHeight, row, items.length);
    if (next.from !== span.from || next.to !== span.to) {
      setSpan(next);
      onSeen(next);
    }
  };
  useLayoutEffect(() => {
    const first = box.current?.querySelector<HTMLElement>('tr[data-item]');
    const gap = first && getComputedStyle(first).display === 'grid' ? 8 : 0; // cards on a phone
    const height = (first?.getBoundingClientRect().height ?? row) + gap;
    if (Math.abs(height - row) > 1) setRow(height);
    look();
  });
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const page = el.closest('main') ?? el;
    const soon = () => requestAnimationFrame(look);
    el.addEventListener('scroll', soon, { passive: true });
    page.addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      el.removeEventListener('scroll', soon);
      page.removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  });
  // The selected row is brought into sight, also when it is not on the page yet.
  useEffect(() => {
    const el = box.current;
    if (!el || !selected) return;
    const there = el.querySelector(`tr[data-item="${selected}"]`);
    if (there) return there.scrollIntoView({ block: 'nearest' });
    const at = items.findIndex((i) => i.id === selected);
    if (at >= 0) scrollerOf(el).scrollTop = at * row;
  }, [selected]);
  return (
    <div class="table-box" ref={box}>
      <table class="list worklist" aria-rowcount={more ? -1 : items.length + 1}>
        <caption class="sr">{t('worklist.title')}</caption>
        <thead>
          <tr>
            {shown.map((c) => (
              <Head key={c.id} column={c} sort={sort} onSort={(again) => c.sort && onFilter({ sort: nextSort(sort, c.sort, again) })} />
            ))}
            <th scope="col">
              <span class="sr">{t('col.action')}</span>
            </th>
          </tr>
        </thead>
        <tbody onPointerOver={(e) => onPoint((e.target as Element).closest('tr')?.dataset['item'] ?? '')}>
          {span.from > 0 ? <tr class="room" aria-hidden="true" style={{ height: `${span.from * row}px` }} /> : null}
          {items.slice(span.from, span.to).map((i, n) => (
            <Row key={i.id} item={i} index={span.from + n} columns={shown} selected={i.id === selected} onSelect={() => onSelect(i.id)} onClaim={() => onClaim(i)} onTake={() => onTake(i)} busy={claiming === i.id} />
          ))}
          {span.to < items.length ? <tr class="room" aria-hidden="true" style={{ height: `${(items.length - span.to) * row}px` }} /> : null}
        </tbody>
      </table>
    </div>
  );
}

/** What scrolls: the box of the table, or the page around it. */
function scrollerOf(el: HTMLElement): HTMLElement {
  return getComputedStyle(el).overflowY !== 'visible' && el.scrollHeight > el.clientHeight + 1 ? el : (el.closest('main') ?? el);
}

function Head({ column: c, sort, onSort }: { column: Column; sort: NonNullable<ListFilter['sort']>; onSort: (again: boolean) => void }) {
  const n = sort.findIndex((k) => k.column === c.sort);
  const cls = `h-${c.id}${c.right ? ' right' : ''}`;
  if (!c.sort) {
    return (
      <th scope="col" class={cls}>
        {t(c.head)}
      </th>
    );
  }
  return (
    <th scope="col" class={cls} aria-sort={n < 0 ? undefined : sort[n]!.down ? 'descending' : 'ascending'}>
      <button type="button" data-sort={c.sort} onClick={(e) => onSort(e.shiftKey)}>
        {t(c.head)}
        {sort.length > 1 && n >= 0 ? <sup>{n + 1}</sup> : null}
      </button>
    </th>
  );
}

interface RowProps {
  item: Workitem;
  index: number;
  columns: Column[];
  selected: boolean;
  onSelect: () => void;
  onClaim: () => void;
  onTake: () => void;
  busy: boolean;
}

function Row({ item, index, columns: shown, selected, onSelect, onClaim, onTake, busy }: RowProps) {
  const mine = item.claimedBy?.id === me.value?.userId;
  return (
    <tr
      class={`${selected ? 'selected' : ''} p-${item.priority.toLowerCase()}`}
      aria-selected={selected}
      aria-rowindex={index + 2}
      data-item={item.id}
      data-modality={(item.study.modalities ?? []).join(' ')}
      onClick={(e) => {
        onSelect();
        if (!(e.target as Element).closest('a, button')) go('read', item.id);
      }}
    >
      {shown.map((c) => (
        <td key={c.id} class={`c-${c.id}${c.right ? ' right' : ''}`} title={c.title?.(item)}>
          {c.cell(item)}
        </td>
      ))}
      <td class="c-action">
        {mayTakeOver(item) ? (
          <Button small onClick={onTake} act="takeover">
            {t('list.takeOver')}
          </Button>
        ) : item.state === 'SCHEDULED' && !item.declined ? (
          <Button small kind="primary" busy={busy} onClick={onClaim} act="claim">
            {t('claim.short')}
          </Button>
        ) : (
          <a class="btn small" href={href('read', item.id)} data-act="open">
            {mine && item.state === 'IN PROGRESS' ? t('continue') : t('open')}
          </a>
        )}
      </td>
    </tr>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" role="status">
      <span class="sr">{t('loading')}</span>
      {Array.from({ length: 8 }, (_, n) => (
        <div key={n} aria-hidden="true" />
      ))}
    </div>
  );
}
