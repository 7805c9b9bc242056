import { useState } from 'preact/hooks';
import type { Named, Panel, Priority, Workitem } from '../api/types';
import { ago, named, num, t } from '../i18n';
import { href, route } from '../route';
import { api } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { useLive, useLoad, unhurried } from '../ui/load';
import { now } from '../ui/now';
import { OnsetChip } from '../ui/onsetchip';
import { Offer } from '../worklist/offer';
import { Modalities, PatientName, PriorityChip, StatusChip, TimeLeftCell } from '../ui/study';
import { Assign, type Desk } from './assigning';
import { Waiting } from './listing';
import { w } from './words';

interface Queue {
  panel: Named;
  priority: Priority;
  waiting: number;
  reading: number;
  late: number;
  escalated: number;
  oldest: string | null;
}

/** Every panel with what waits on it, every reader with what is on their desk. */
export function Desks() {
  const loaded = useLoad(async () => {
    const [board, panels] = await Promise.all([api.json<{ queues: Queue[]; readers: Desk[] }>('/board'), api.panels()]);
    return { ...board, panels };
  }, []);
  useLive((_, kind) => kind === 'workitem' || kind === 'report', loaded.reload, unhurried);
  const selected = route.value.id;
  return (
    <>
      <h1>{w('desk.title')}</h1>
      <Waiting loaded={loaded}>
        {(d) => (
          <>
            <div class="desks">
              {d.panels.map((p) => (
                <PanelCard key={p.id} panel={p} queues={d.queues.filter((q) => q.panel.id === p.id)} readers={d.readers.filter((r) => r.panels.includes(p.id))} selected={selected === p.id} />
              ))}
            </div>
            {selected ? <Items key={selected} panel={d.panels.find((p) => p.id === selected)} panels={d.panels} readers={d.readers} onChange={loaded.reload} /> : null}
          </>
        )}
      </Waiting>
    </>
  );
}

function PanelCard({ panel, queues, readers, selected }: { panel: Panel; queues: Queue[]; readers: Desk[]; selected: boolean }) {
  const sum = (of: (q: Queue) => number) => queues.reduce((n, q) => n + of(q), 0);
  const oldest = queues.flatMap((q) => (q.oldest ? [q.oldest] : [])).sort()[0];
  const late = sum((q) => q.late);
  const escalated = sum((q) => q.escalated);
  return (
    <section class={`card desk${selected ? ' selected' : ''}${escalated > 0 ? ' bad' : ''}`} data-desk={panel.id}>
      <h2>
        <a href={href('desks', panel.id)} aria-current={selected || undefined}>
          {named(panel)}
        </a>
      </h2>
      <p class="desk-sums">
        <strong>{num(sum((q) => q.waiting))}</strong> {w('desk.waiting')} <strong>{num(sum((q) => q.reading))}</strong> {w('desk.reading')}
        {late > 0 ? <Chip tone="danger">{`${num(late)} ${w('desk.late')}`}</Chip> : null}
        {escalated > 0 ? <Chip tone="danger">{`${num(escalated)} ${w('desk.escalated')}`}</Chip> : null}
      </p>
      <p class="chips">
        {queues.map((q) => (
          <span key={q.priority} class="desk-priority">
            <PriorityChip priority={q.priority} /> {num(q.waiting + q.reading)}
          </span>
        ))}
        {oldest ? (
          <span class="muted">
            {w('desk.oldest')} {ago(oldest, now.value)}
          </span>
        ) : null}
      </p>
      <ul class="desk-readers">
        {readers.map((r) => (
          <li key={r.reader.id}>
            <span class={`duty ${r.duty || 'off'}`} title={w(`duty.${r.duty}`)} />
            <span class="grow">{named(r.reader)}</span>
            <span class="muted">{w('desk.load', { open: r.open, hour: r.lastHour, capacity: r.capacity, month: r.month })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Items({ panel, panels, readers, onChange }: { panel: Panel | undefined; panels: Panel[]; readers: Desk[]; onChange: () => void }) {
  const loaded = useLoad((signal) => api.worklistOf({ state: 'open', panel: panel?.id ?? '' }, '', 200, signal), [panel?.id]);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [giving, setGiving] = useState<Workitem[]>([]);
  useLive((_, kind) => kind === 'workitem', loaded.reload);
  const items = loaded.data?.items ?? [];
  const chosen = items.filter((i) => picked.has(i.id));
  const pick = (id: string, on: boolean) => {
    const next = new Set(picked);
    if (on) next.add(id);
    else next.delete(id);
    setPicked(next);
  };
  if (!panel) return null;
  return (
    <section class="desk-list">
      <div class="page-head">
        <h2>{w('desk.items', { panel: named(panel) })}</h2>
        {chosen.length > 0 ? (
          <Button kind="primary" onClick={() => setGiving(chosen)} act="assign-many">
            {w('desk.giveTo', { n: chosen.length })}
          </Button>
        ) : null}
      </div>
      {loaded.error ? <Banner tone="danger">{loaded.error}</Banner> : null}
      {!loaded.data ? (
        <Blank busy title={t('loading')} />
      ) : items.length === 0 ? (
        <Blank icon="check" title={w('desk.none')} />
      ) : (
        <div class="table-box">
          <table class="list still desk-items">
            <thead>
              <tr>
                <th scope="col">
                  <input type="checkbox" aria-label={w('desk.selectAll')} checked={chosen.length === items.length} onChange={(e) => setPicked(new Set(e.currentTarget.checked ? items.map((i) => i.id) : []))} />
                </th>
                <th scope="col">{t('col.priority')}</th>
                <th scope="col">{t('col.left')}</th>
                <th scope="col">{t('col.status')}</th>
                <th scope="col">{t('col.patient')}</th>
                <th scope="col">{t('col.description')}</th>
                <th scope="col">{t('col.hospital')}</th>
                <th scope="col">{t('col.age')}</th>
                <th scope="col">
                  <span class="sr">{t('col.action')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((i) => (
                <tr key={i.id} data-item={i.id}>
                  <td>
                    <input type="checkbox" aria-label={`${w('desk.select')} ${i.study.description}`} checked={picked.has(i.id)} onChange={(e) => pick(i.id, e.currentTarget.checked)} />
                  </td>
                  <td>
                    <PriorityChip priority={i.priority} />
                  </td>
                  <td>
                    <TimeLeftCell item={i} />
                    <OnsetChip onset={i.onset} />
                  </td>
                  <td>
                    <StatusChip item={i} mine={false} />
                    <Offer item={i} />
                  </td>
                  <td>
                    <a href={href('workitems', i.study.id)}>
                      <PatientName study={i.study} />
                    </a>
                  </td>
                  <td>
                    <strong>
                      <Modalities study={i.study} />
                    </strong>{' '}
                    {i.study.description}
                  </td>
                  <td>{named(i.study.facility)}</td>
                  <td>{ago(i.createdAt, now.value)}</td>
                  <td class="right">
                    <Button small onClick={() => setGiving([i])} act="assign-one">
                      {w('desk.give')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {giving.length > 0 ? (
        <Assign
          items={giving}
          panels={panels}
          readers={readers}
          onClose={() => setGiving([])}
          onDone={() => {
            setGiving([]);
            setPicked(new Set());
            loaded.reload();
            onChange();
          }}
        />
      ) : null}
    </section>
  );
}
