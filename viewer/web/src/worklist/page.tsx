import { useEffect, useRef, useState } from 'preact/hooks';
import type { ListState, Workitem, Worklist as List } from '../api/types';
import { formatDate, formatTime } from '../format/dicom';
import { lang, named, num, sexAge, t } from '../i18n';
import { go, href } from '../route';
import { api, me } from '../session';
import { Banner, Blank, Button, SearchBox, Tabs, Thumb } from '../ui/controls';
import { useKeys } from '../ui/keys';
import { useLive, useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { Modalities, PatientName, PriorityChip, StatusChip, TimeLeftCell } from '../ui/study';
import { TopBar } from '../ui/topbar';
import { ahead } from '../reading/ahead';
import { KindChip } from '../reading/versions';
import { useTyped } from '../ui/typed';
import { given, nextOrder, sortItems, type Column, type Order } from './order';

type Tab = Exclude<ListState, 'all'>;

// How the list was left, for the way back from a study.
let kept: { tab: Tab; selected: string } = { tab: 'open', selected: '' };

const pageSize = 100;

export function Worklist() {
  const [tab, setTabState] = useState<Tab>(kept.tab);
  const [q, setQ] = useState('');
  const [order, setOrder] = useState<Order>(given);
  const [pages, setPages] = useState(1);
  const [claiming, setClaiming] = useState('');
  const [selected, setSelected] = useState(kept.selected);
  const asked = useTyped(q);
  const list = useLoad((stop) => readPages(tab, asked, pages, stop), [tab], [asked, pages]);
  useLive((_, kind) => kind !== 'delivery', list.reload);

  const setTab = (next: Tab) => {
    setTabState(next);
    setPages(1);
  };
  useEffect(() => {
    kept = { tab, selected };
  }, [tab, selected]);

  const shown = sortItems(list.data?.items ?? [], order, lang.value);
  const at = shown.findIndex((i) => i.id === selected);
  const move = (step: number) => {
    const next = shown[Math.max(0, Math.min(shown.length - 1, at < 0 ? 0 : at + step))];
    if (next) setSelected(next.id);
  };
  const open = (i: Workitem | undefined) => i && go('read', i.id);
  const claim = async (i: Workitem | undefined) => {
    if (!i || i.state !== 'SCHEDULED' || claiming) return open(i);
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
    Enter: () => open(shown[at]),
    c: () => void claim(shown[at]),
    '/': () => document.getElementById('worklist-search')?.focus(),
  });

  const [pointed, setPointed] = useState('');
  const likely = [pointed, selected].map((id) => shown.find((i) => i.id === id)).filter((i) => !!i);
  const next = [...new Set([...likely, ...shown])].slice(0, 4);
  useEffect(() => {
    // Not for every row the pointer passes over.
    const timer = setTimeout(() => ahead.expect(next), 150);
    return () => clearTimeout(timer);
  }, [next.map((i) => `${i.id} ${i.study.instances} ${i.study.state}`).join()]);

  const counts = list.data?.counts;
  return (
    <div class="page">
      <TopBar />
      <main id="content" tabIndex={-1} class="list-page">
        <div class="list-head">
          <h1>{t('worklist.title')}</h1>
          <Tabs
            label={t('worklist.title')}
            value={tab}
            onChange={setTab}
            tabs={[
              { id: 'open', text: t('tab.open'), count: counts?.open },
              { id: 'mine', text: t('tab.mine'), count: counts?.mine },
              { id: 'done', text: t('tab.done'), count: counts?.done },
            ]}
          />
          <SearchBox id="worklist-search" value={q} onInput={(text) => (setQ(text), setPages(1))} label={t('worklist.search')} />
        </div>
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
        ) : shown.length === 0 ? (
          <Blank icon={asked ? 'search' : 'check'} title={asked ? t('worklist.noMatch') : t(`worklist.empty.${tab}`)} />
        ) : (
          <Table items={shown} order={order} onOrder={(c) => setOrder(nextOrder(order, c))} selected={selected} onSelect={setSelected} onPoint={setPointed} onClaim={(i) => void claim(i)} claiming={claiming} />
        )}
        {list.data?.next ? (
          <div class="more">
            <Button busy={list.loading} onClick={() => setPages((n) => n + 1)}>
              {t('more')}
            </Button>
          </div>
        ) : null}
      </main>
    </div>
  );
}

async function readPages(state: ListState, q: string, pages: number, stop: AbortSignal): Promise<List> {
  let all = await api.worklist(state, q, '', pageSize, stop);
  for (let n = 1; n < pages && all.next; n++) {
    const more = await api.worklist(state, q, all.next, pageSize, stop);
    all = { ...more, items: [...all.items, ...more.items] };
  }
  return all;
}

interface TableProps {
  items: Workitem[];
  order: Order;
  onOrder: (c: Column) => void;
  selected: string;
  onSelect: (id: string) => void;
  onPoint: (id: string) => void;
  onClaim: (i: Workitem) => void;
  claiming: string;
}

function Table({ items, order, onOrder, selected, onSelect, onPoint, onClaim, claiming }: TableProps) {
  const head = (column: Column, text: string, cls = '') => (
    <th scope="col" class={cls} aria-sort={order.column === column ? (order.down ? 'descending' : 'ascending') : undefined}>
      <button type="button" onClick={() => onOrder(column)}>
        {text}
      </button>
    </th>
  );
  return (
    <div class="table-box">
      <table class="list worklist">
        <caption class="sr">{t('worklist.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('col.priority')}</th>
            {head('left', t('col.left'))}
            <th scope="col">{t('col.status')}</th>
            {head('patient', t('col.patient'))}
            <th scope="col">{t('col.id')}</th>
            <th scope="col">{t('col.sexAge')}</th>
            {head('modality', t('col.modality'))}
            <th scope="col">{t('col.description')}</th>
            {head('study', t('col.study'))}
            {head('images', t('col.images'), 'right')}
            {head('hospital', t('col.hospital'))}
            <th scope="col">{t('col.request')}</th>
            <th scope="col">
              <span class="sr">{t('col.action')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((i) => (
            <Row key={i.id} item={i} selected={i.id === selected} onSelect={() => onSelect(i.id)} onPoint={() => onPoint(i.id)} onClaim={() => onClaim(i)} busy={claiming === i.id} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ item, selected, onSelect, onPoint, onClaim, busy }: { item: Workitem; selected: boolean; onSelect: () => void; onPoint: () => void; onClaim: () => void; busy: boolean }) {
  const s = item.study;
  const mine = item.claimedBy?.id === me.value?.userId;
  const ref = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (selected) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <tr
      ref={ref}
      class={`${selected ? 'selected' : ''} p-${item.priority.toLowerCase()}`}
      aria-selected={selected}
      data-item={item.id}
      data-modality={(s.modalities ?? []).join(' ')}
      onPointerEnter={onPoint}
      onClick={(e) => {
        onSelect();
        if (!(e.target as Element).closest('a, button')) go('read', item.id);
      }}
    >
      <td class="c-priority">
        <PriorityChip priority={item.priority} />
      </td>
      <td class="c-left">
        <TimeLeftCell item={item} />
      </td>
      <td class="c-status">
        <StatusChip item={item} mine={mine} />
      </td>
      <td class="c-patient">
        <a class="patient-link" href={href('read', item.id)}>
          <Thumb src={s.thumbnail} />
          <PatientName study={s} />
        </a>
      </td>
      <td class="c-id">{s.patient.patientId}</td>
      <td class="c-sex">{sexAge(s.patient)}</td>
      <td class="c-modality">
        <strong>
          <Modalities study={s} />
        </strong>
        <span class="sub">{s.bodyPart}</span>
      </td>
      <td class="c-description" title={s.description}>
        {item.kind === 'addendum' ? <KindChip kind="addendum" /> : null} {s.description || '–'}
      </td>
      <td class="c-study">
        {formatDate(s.studyDate)}
        <span class="sub">{s.studyTime ? formatTime(s.studyTime) : ''}</span>
      </td>
      <td class="c-images right">
        {s.declared > s.instances ? t('images.of', { n: s.instances, of: s.declared }) : num(s.instances)}
        {s.reopened > 0 ? <span class="sub warn-text">{t('images.late')}</span> : null}
      </td>
      <td class="c-hospital">{named(s.facility)}</td>
      <td class="c-request" title={s.requestText}>
        <span class="excerpt">{s.requestText}</span>
      </td>
      <td class="c-action">
        {item.state === 'SCHEDULED' ? (
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
