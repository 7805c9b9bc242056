import { useState } from 'preact/hooks';
import type { StudyList, StudySummary } from '../api/types';
import { formatDate, formatTime } from '../format/dicom';
import { named, num, sexAge, t } from '../i18n';
import { go, href, route } from '../route';
import { api, may, me } from '../session';
import { Banner, Blank, Button, Chip, SearchBox, Tabs, Thumb } from '../ui/controls';
import { useKeys } from '../ui/keys';
import { useLive, useLoad } from '../ui/load';
import { Modalities, PatientName, StageChip, stageOf, type Stage } from '../ui/study';
import { KindChip } from '../reading/versions';
import { ReportSearch } from '../archive/search';
import { Board } from './board';
import { Expected } from './expected';
import { TopBar } from '../ui/topbar';
import { useTyped } from '../ui/typed';
import { Detail } from './detail';
import { Orders } from './orders';
import { w } from './orders.words';
import './hospital.css';

type Filter = 'all' | Stage;
const filters: Filter[] = ['all', 'receiving', 'waiting', 'reading', 'ready', 'received'];
const pageSize = 100;

export function Hospital() {
  const [q, setQ] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const [pages, setPages] = useState(1);
  const asked = useTyped(q);
  const list = useLoad((stop) => readStudies({ q: asked }, pages, stop), [], [asked, pages]);
  useLive(() => true, list.reload);
  const selected = route.value.page === 'sent' ? route.value.id : '';

  const found = list.data?.items ?? [];
  const shown = found.filter((s) => filter === 'all' || stageOf(s) === filter);
  const at = shown.findIndex((s) => s.id === selected);
  const move = (step: number) => {
    const next = shown[Math.max(0, Math.min(shown.length - 1, at < 0 ? 0 : at + step))];
    if (next) go('sent', next.id);
  };
  useKeys({ ArrowDown: () => move(1), ArrowUp: () => move(-1), j: () => move(1), k: () => move(-1), Escape: () => go(''), '/': () => document.getElementById('study-search')?.focus() });

  if (route.value.page === 'reports') {
    return (
      <div class="page">
        <TopBar>
          <HospitalNav at="reports" />
        </TopBar>
        <main id="content" tabIndex={-1} class="list-page">
          <h1>{t('archive.title')}</h1>
          <ReportSearch page="sent" />
        </main>
      </div>
    );
  }
  if (route.value.page === 'orders' && may('order.manage')) {
    return (
      <div class="page">
        <TopBar>
          <HospitalNav at="orders" />
        </TopBar>
        <main id="content" tabIndex={-1} class="list-page">
          <Orders />
        </main>
      </div>
    );
  }
  if (route.value.page === 'board') {
    return (
      <div class="page">
        <TopBar>
          <HospitalNav at="board" />
        </TopBar>
        <main id="content" tabIndex={-1} class="list-page">
          <Board page="sent" />
        </main>
      </div>
    );
  }
  return (
    <div class="page">
      <TopBar>
        <HospitalNav at="" />
      </TopBar>
      <main id="content" tabIndex={-1} class={`list-page split${selected ? ' with-detail' : ''}`}>
        <div class="split-list">
          <div class="list-head">
            <h1>
              {t('hospital.title')} <small>{named(me.value?.facility)}</small>
            </h1>
            <Tabs label={t('hospital.filter')} value={filter} onChange={setFilter} tabs={filters.map((f) => ({ id: f, text: t(`filter.${f}`), count: f === 'all' ? found.length : found.filter((s) => stageOf(s) === f).length }))} />
            <SearchBox id="study-search" value={q} onInput={(text) => (setQ(text), setPages(1))} label={t('hospital.search')} />
          </div>
          {list.error && list.data ? <Banner tone="danger">{list.error}</Banner> : null}
          {!list.data ? (
            list.error ? (
              <Blank icon="warn" title={list.error}>
                <Button onClick={list.reload}>{t('retry')}</Button>
              </Blank>
            ) : (
              <Blank busy title={t('loading')} />
            )
          ) : shown.length === 0 ? (
            <Blank icon={asked ? 'search' : 'send'} title={asked ? t('worklist.noMatch') : t('hospital.empty')} />
          ) : (
            <StudyTable items={shown} selected={selected} />
          )}
          {list.data?.next ? (
            <div class="more">
              <Button busy={list.loading} onClick={() => setPages((n) => n + 1)}>
                {t('more')}
              </Button>
            </div>
          ) : null}
        </div>
        {selected ? <Detail key={selected} id={selected} onClose={() => go('')} onChange={list.reload} /> : null}
      </main>
    </div>
  );
}

function HospitalNav({ at }: { at: string }) {
  return (
    <nav class="sections" aria-label={t('hospital.title')}>
      <a href={href('')} aria-current={at === '' ? 'page' : undefined}>
        {t('hospital.title')}
      </a>
      {may('order.manage') ? (
        <a href={href('orders')} aria-current={at === 'orders' ? 'page' : undefined} data-section="orders">
          {w('title')}
        </a>
      ) : null}
      <a href={href('board')} aria-current={at === 'board' ? 'page' : undefined} data-section="board">
        {t('loop.board')}
      </a>
      <a href={href('reports')} aria-current={at === 'reports' ? 'page' : undefined} data-section="reports">
        {t('archive.title')}
      </a>
    </nav>
  );
}

export async function readStudies(which: { q?: string; facility?: string }, pages: number, stop: AbortSignal): Promise<StudyList> {
  let all = await api.studies({ ...which, limit: pageSize }, stop);
  for (let n = 1; n < pages && all.next; n++) {
    const more = await api.studies({ ...which, limit: pageSize, cursor: all.next }, stop);
    all = { items: [...all.items, ...more.items], next: more.next };
  }
  return all;
}

function StudyTable({ items, selected }: { items: StudySummary[]; selected: string }) {
  return (
    <div class="table-box">
      <table class="list studies">
        <caption class="sr">{t('hospital.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('col.state')}</th>
            <th scope="col">{t('col.patient')}</th>
            <th scope="col">{t('col.id')}</th>
            <th scope="col">{t('col.sexAge')}</th>
            <th scope="col">{t('col.modality')}</th>
            <th scope="col">{t('col.description')}</th>
            <th scope="col">{t('col.study')}</th>
            <th scope="col" class="right">
              {t('col.images')}
            </th>
            <th scope="col">{t('hospital.expected')}</th>
            <th scope="col">{t('col.delivery')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((s) => (
            <tr key={s.id} class={s.id === selected ? 'selected' : ''} data-study={s.id} data-stage={stageOf(s)} data-modality={(s.modalities ?? []).join(' ')} aria-selected={s.id === selected} onClick={() => go('sent', s.id)}>
              <td class="c-status">
                <StageChip study={s} /> {s.reportState === 'addendum' || s.reportState === 'preliminary' || s.reportState === 'correction' || s.reportState === 'retraction' ? <KindChip kind={s.reportState} /> : null}
              </td>
              <td class="c-patient">
                <a class="patient-link" href={href('sent', s.id)}>
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
              <td class="c-description">{s.description || '–'}</td>
              <td class="c-study">
                {formatDate(s.studyDate)}
                <span class="sub">{s.studyTime ? formatTime(s.studyTime) : ''}</span>
              </td>
              <td class="c-images right">{s.declared > s.instances ? t('images.of', { n: s.instances, of: s.declared }) : num(s.instances)}</td>
              <td class="c-expected">
                <Expected study={s} />
              </td>
              <td class="c-delivery">
                <DeliveryChip study={s} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeliveryChip({ study }: { study: StudySummary }) {
  const { delivered, pending, failed } = study.deliveries;
  if (failed > 0) return <Chip tone="danger">{t('delivery.count.failed', { n: failed })}</Chip>;
  if (pending > 0) return <Chip tone="strong">{t('delivery.count.pending', { n: pending })}</Chip>;
  if (delivered > 0) return <Chip tone="ok">{t('delivery.count.delivered', { n: delivered })}</Chip>;
  return <span class="muted">–</span>;
}
