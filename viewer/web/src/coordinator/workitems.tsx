import { useState } from 'preact/hooks';
import type { Panel, Priority, Workitem } from '../api/types';
import { ago, named, t } from '../i18n';
import { go, href } from '../route';
import { api } from '../session';
import { Banner, Blank, Button, SearchBox, Tabs } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { OnsetChip } from '../ui/onsetchip';
import { problemText } from '../ui/problem';
import { Modalities, PatientName, PriorityChip, StatusChip, TimeLeftCell } from '../ui/study';
import { say } from '../ui/toast';
import { useTyped } from '../ui/typed';
import { Detail } from '../hospital/detail';
import { Reasons } from '../reading/reasons';
import { KindChip } from '../reading/versions';
import { Offer } from '../worklist/offer';
import { isLate, isOpen, readWorkitems } from './data';

type Filter = 'open' | 'late' | 'reading' | 'done' | 'all';

export function Workitems({ selected }: { selected: string }) {
  const [filter, setFilter] = useState<Filter>('open');
  const [q, setQ] = useState('');
  const [why, setWhy] = useState<Workitem | null>(null);
  const [moving, setMoving] = useState<Workitem | null>(null);
  const asked = useTyped(q);
  const loaded = useLoad((stop) => readWorkitems(stop, asked), [], [asked]);
  useLive(() => true, loaded.reload);
  const all = loaded.data?.items ?? [];
  const pick: Record<Filter, (w: Workitem) => boolean> = {
    open: isOpen,
    late: (w) => isLate(w, now.value),
    reading: (w) => w.state === 'IN PROGRESS',
    done: (w) => w.state === 'COMPLETED' || w.state === 'CANCELED',
    all: () => true,
  };
  const shown = all.filter(pick[filter]);
  return (
    <main id="content" tabIndex={-1} class={`list-page split${selected ? ' with-detail' : ''}`}>
      <div class="split-list">
        <div class="list-head">
          <h1>{t('coord.workitems')}</h1>
          <Tabs label={t('coord.workitems')} value={filter} onChange={setFilter} tabs={(Object.keys(pick) as Filter[]).map((f) => ({ id: f, text: t(`work.${f}`), count: all.filter(pick[f]).length }))} />
          <SearchBox id="work-search" value={q} onInput={setQ} label={t('worklist.search')} />
        </div>
        {loaded.error ? <Banner tone="danger">{loaded.error}</Banner> : null}
        {!loaded.data ? (
          loaded.error ? null : (
            <Blank busy title={t('loading')} />
          )
        ) : shown.length === 0 ? (
          <Blank icon="check" title={asked ? t('worklist.noMatch') : t('work.none')} />
        ) : (
          <div class="table-box">
            <table class="list workitems">
              <caption class="sr">{t('coord.workitems')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('col.priority')}</th>
                  <th scope="col">{t('col.left')}</th>
                  <th scope="col">{t('col.status')}</th>
                  <th scope="col">{t('col.patient')}</th>
                  <th scope="col">{t('col.modality')}</th>
                  <th scope="col">{t('col.description')}</th>
                  <th scope="col">{t('col.hospital')}</th>
                  <th scope="col">{t('col.panel')}</th>
                  <th scope="col">{t('col.reader')}</th>
                  <th scope="col">{t('col.age')}</th>
                  <th scope="col">
                    <span class="sr">{t('col.action')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map((w) => (
                  <Row key={w.id} item={w} selected={w.study.id === selected} onWhy={() => setWhy(w)} onMove={() => setMoving(w)} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
      {selected ? <Detail key={selected} id={selected} onClose={() => go('workitems')} onChange={loaded.reload} /> : null}
      {why ? <Reasons item={why} onClose={() => setWhy(null)} /> : null}
      {moving ? (
        <Reassign
          item={moving}
          onClose={() => setMoving(null)}
          onDone={() => {
            setMoving(null);
            say(t('reassign.done'));
            loaded.reload();
          }}
        />
      ) : null}
    </main>
  );
}

function Row({ item, selected, onWhy, onMove }: { item: Workitem; selected: boolean; onWhy: () => void; onMove: () => void }) {
  const s = item.study;
  return (
    <tr
      class={`${selected ? 'selected' : ''} p-${item.priority.toLowerCase()}`}
      data-item={item.id}
      data-state={item.state}
      onClick={(e) => {
        if (!(e.target as Element).closest('a, button')) go('workitems', s.id);
      }}
    >
      <td class="c-priority">
        <PriorityChip priority={item.priority} />
      </td>
      <td class="c-left">
        <TimeLeftCell item={item} />
        <OnsetChip onset={item.onset} />
      </td>
      <td class="c-status">
        <StatusChip item={item} mine={false} />
        <Offer item={item} />
      </td>
      <td class="c-patient">
        <a class="patient-link" href={href('workitems', s.id)}>
          <PatientName study={s} />
        </a>
      </td>
      <td class="c-modality">
        <strong>
          <Modalities study={s} />
        </strong>
        <span class="sub">{s.bodyPart}</span>
      </td>
      <td class="c-description">
        {item.kind === 'addendum' ? <KindChip kind="addendum" /> : null} {s.description || '–'}
      </td>
      <td class="c-hospital">{named(s.facility)}</td>
      <td class="c-panel">{named(item.panel)}</td>
      <td class="c-reader">{item.claimedBy ? named(item.claimedBy) : <span class="muted">–</span>}</td>
      <td class="c-age">{ago(item.createdAt, now.value)}</td>
      <td class="c-action">
        <span class="actions">
          <Button small kind="quiet" icon="route" label={t('why.open')} onClick={onWhy} act="why" />
          {isOpen(item) ? (
            <Button small onClick={onMove} act="reassign">
              {t('reassign.open')}
            </Button>
          ) : null}
        </span>
      </td>
    </tr>
  );
}

const priorities: Priority[] = ['STAT', 'URGENT', 'ROUTINE'];

function Reassign({ item, onClose, onDone }: { item: Workitem; onClose: () => void; onDone: () => void }) {
  const panels = useLoad<Panel[]>(() => api.panels(), []);
  const [panel, setPanel] = useState(item.panel?.id ?? '');
  const [priority, setPriority] = useState<Priority>(item.priority);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const save = async () => {
    setBusy(true);
    setError('');
    try {
      await api.reassign(item.id, panel, priority);
      onDone();
    } catch (e) {
      setError(problemText(e));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('reassign.title')}
      name="reassign"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} disabled={!panel || (panel === item.panel?.id && priority === item.priority)} onClick={() => void save()} act="reassign-confirm">
            {t('reassign.confirm')}
          </Button>
        </>
      }
    >
      <p class="reassign-who">
        <PatientName study={item.study} /> <Modalities study={item.study} /> {item.study.description}
      </p>
      {item.claimedBy ? <Banner tone="warn">{t('reassign.claimed', { name: named(item.claimedBy) })}</Banner> : null}
      {error || panels.error ? <Banner tone="danger">{error || panels.error}</Banner> : null}
      <label class="field">
        <span>{t('col.panel')}</span>
        <select value={panel} data-act="reassign-panel" onChange={(e) => setPanel(e.currentTarget.value)}>
          {(panels.data ?? (item.panel ? [item.panel] : [])).map((p) => (
            <option key={p.id} value={p.id}>
              {named(p)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t('col.priority')}</span>
        <select value={priority} data-act="reassign-priority" onChange={(e) => setPriority(e.currentTarget.value as Priority)}>
          {priorities.map((p) => (
            <option key={p} value={p}>
              {t(`priority.${p}`)}
            </option>
          ))}
        </select>
      </label>
    </Dialog>
  );
}
