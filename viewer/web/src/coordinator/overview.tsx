import type { ComponentChildren } from 'preact';
import { ago, named, num, t } from '../i18n';
import { href } from '../route';
import { api } from '../session';
import { Banner, Blank, Button } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { Modalities, PatientName, PriorityChip, TimeLeftCell } from '../ui/study';
import { isLate, isOpen, readWorkitems } from './data';

export function Overview() {
  const loaded = useLoad(
    async (stop) => {
      const [work, facilities, readers] = await Promise.all([readWorkitems(stop), api.facilities(), api.readers()]);
      return { work, facilities, readers };
    },
    [],
  );
  useLive(() => true, loaded.reload);
  const { data } = loaded;
  if (!data) {
    return loaded.error ? (
      <Blank icon="warn" title={loaded.error}>
        <Button onClick={loaded.reload}>{t('retry')}</Button>
      </Blank>
    ) : (
      <Blank busy title={t('loading')} />
    );
  }
  const open = data.work.items.filter(isOpen);
  const late = open.filter((w) => isLate(w, now.value));
  const waiting = open.filter((w) => w.state === 'SCHEDULED');
  const incomplete = open.filter((w) => w.readiness === 'INCOMPLETE' || w.study.state === 'receiving');
  const failed = data.facilities.reduce((n, f) => n + (f.destinations ?? []).reduce((m, d) => m + d.failed, 0), 0);
  const done = data.readers.reduce((n, r) => n + r.doneToday, 0);
  const soonest = [...open].sort((a, b) => Date.parse(a.deadline) - Date.parse(b.deadline)).slice(0, 8);
  const busiest = [...data.readers].sort((a, b) => b.open - a.open);
  const most = Math.max(1, ...busiest.map((r) => Math.max(r.open, r.doneToday)));
  return (
    <>
      <h1>{t('coord.overview')}</h1>
      {data.work.whole ? null : <Banner tone="warn">{t('coord.partial', { n: data.work.items.length })}</Banner>}
      <div class="stats">
        <Stat name={t('stat.waiting')} value={waiting.length} to="workitems" />
        <Stat name={t('stat.reading')} value={open.length - waiting.length} to="workitems" />
        <Stat name={t('stat.late')} value={late.length} bad={late.length > 0} to="workitems" />
        <Stat name={t('stat.incomplete')} value={incomplete.length} to="workitems" />
        <Stat name={t('stat.done')} value={done} to="readers" />
        <Stat name={t('stat.failed')} value={failed} bad={failed > 0} to="deliveries" />
      </div>
      <div class="columns">
        <Card title={t('coord.soonest')}>
          {soonest.length === 0 ? <p class="muted">{t('worklist.empty.open')}</p> : null}
          <ul class="brief">
            {soonest.map((w) => (
              <li key={w.id}>
                <a href={href('workitems', w.study.id)}>
                  <PriorityChip priority={w.priority} />
                  <TimeLeftCell item={w} />
                  <PatientName study={w.study} />
                  <span class="muted">
                    <Modalities study={w.study} /> {w.study.bodyPart}
                  </span>
                  <span class="muted brief-end">{w.claimedBy ? named(w.claimedBy) : named(w.panel)}</span>
                </a>
              </li>
            ))}
          </ul>
        </Card>
        <div>
          <Card title={t('coord.readers')}>
            <ul class="bars">
              {busiest.map((r) => (
                <li key={r.id}>
                  <span>{named(r)}</span>
                  <span class="bar" aria-hidden="true">
                    <span style={{ width: `${(r.open / most) * 100}%` }} />
                  </span>
                  <span class="bar-text">{t('reader.load', { open: r.open, done: r.doneToday })}</span>
                </li>
              ))}
            </ul>
          </Card>
          <Card title={t('coord.hospitals')}>
            <ul class="brief">
              {data.facilities.map((f) => (
                <li key={f.id}>
                  <a href={href('hospitals')}>
                    <strong>{named(f)}</strong>
                    <span class="muted">{t('facility.studies', { n: num(f.studies) })}</span>
                    <span class="muted brief-end">{f.lastArrival ? ago(f.lastArrival, now.value) : t('facility.never')}</span>
                  </a>
                </li>
              ))}
            </ul>
          </Card>
        </div>
      </div>
    </>
  );
}

function Stat({ name, value, bad, to }: { name: string; value: number; bad?: boolean; to: string }) {
  return (
    <a class={`stat${bad ? ' bad' : ''}`} href={href(to)}>
      <span class="stat-value">{num(value)}</span>
      <span class="stat-name">{name}</span>
    </a>
  );
}

export function Card({ title, children, action }: { title: string; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <section class="card">
      <div class="card-head">
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}
