import { useState } from 'preact/hooks';
import type { Workitem } from '../api/types';
import { instant, named } from '../i18n';
import { href } from '../route';
import { api, may } from '../session';
import { Banner, Blank, Button, Chip, LinkButton } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { Modalities, PatientName, PriorityChip, StatusChip, TimeLeftCell } from '../ui/study';
import { Assign, type Desk } from './assigning';
import { Waiting } from './listing';
import { w, wOr } from './words';

interface Escalation extends Workitem {
  claimDue: string | null;
  fired: { kind: string; at: string }[];
  told: { kind: string; channel: 'email' | 'webhook'; recipient: string; sent: string | null; attempts: number; failed: string }[];
}

const ask = () => api.json<{ items: Escalation[]; more: boolean }>('/escalations');

/** Over every page of the coordinator while something is past its limit. */
export function EscalationBanner({ here }: { here: boolean }) {
  const loaded = useLoad(ask, []);
  useLive((_, kind) => kind === 'workitem', loaded.reload);
  const items = loaded.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Banner
      tone="danger"
      action={
        here ? undefined : (
          <LinkButton small href={href('escalations')} act="escalations">
            {w('esc.show')}
          </LinkButton>
        )
      }
    >
      <span data-escalations={items.length}>{w('esc.banner', { n: `${items.length}${loaded.data?.more ? '+' : ''}`, stat: items.filter((i) => i.priority === 'STAT').length })}</span>
    </Banner>
  );
}

/** What is late or was not taken in time: what the clock did, who was told, and who could read it. */
export function Escalations() {
  const loaded = useLoad(async () => {
    const [list, board, panels] = await Promise.all([ask(), api.json<{ readers: Desk[] }>('/board'), api.panels()]);
    return { ...list, readers: board.readers, panels };
  }, []);
  const [giving, setGiving] = useState<Workitem | null>(null);
  useLive((_, kind) => kind === 'workitem', loaded.reload);
  return (
    <>
      <h1>{w('esc.title')}</h1>
      <Waiting loaded={loaded}>
        {(d) => (
          <>
            {d.items.length === 0 ? <Blank icon="check" title={w('esc.none')} /> : null}
            {d.more ? <p class="muted">{w('esc.more')}</p> : null}
            {d.items.map((e) => (
              <article key={e.id} class="card escalation" data-escalation={e.id}>
                <header>
                  <PriorityChip priority={e.priority} />
                  <TimeLeftCell item={e} />
                  <StatusChip item={e} mine={false} />
                  <a href={href('workitems', e.study.id)}>
                    <PatientName study={e.study} />
                  </a>
                  <span>
                    <Modalities study={e.study} /> {e.study.description}
                  </span>
                  <span class="muted">
                    {named(e.study.facility)} · {named(e.panel)}
                  </span>
                  {may('workitem.assign') ? (
                    <Button small kind="primary" onClick={() => setGiving(e)} act="escalation-assign">
                      {w('desk.give')}
                    </Button>
                  ) : null}
                </header>
                <div class="escalation-body">
                  <section>
                    <h3>{w('esc.history')}</h3>
                    <ol>
                      {e.fired.map((f) => (
                        <li key={f.kind} data-fired={f.kind}>
                          <span class="muted">{instant(f.at)}</span> {wOr(`timer.${f.kind}`, f.kind)}
                        </li>
                      ))}
                    </ol>
                  </section>
                  {e.declines ? (
                    <section>
                      <h3>{w('esc.declined')}</h3>
                      <ul>
                        {e.declines.map((d) => (
                          <li key={d.reader.id} data-declined={d.reader.id}>
                            {named(d.reader)} <span class="muted">{instant(d.at)}</span> {d.reason}
                          </li>
                        ))}
                      </ul>
                    </section>
                  ) : null}
                  <section>
                    <h3>{w('esc.told')}</h3>
                    {e.told.length === 0 ? <p class="muted">{w('esc.nobody')}</p> : null}
                    <ul>
                      {e.told.map((n, i) => (
                        <li key={i} data-told={n.channel}>
                          {n.recipient || w('esc.webhook')} <span class="muted">{wOr(`timer.${n.kind}`, n.kind)}</span>{' '}
                          {n.sent ? <Chip tone="ok">{w('esc.sent', { at: instant(n.sent) })}</Chip> : <Chip tone="warn">{w('esc.waiting', { n: n.attempts })}</Chip>}
                        </li>
                      ))}
                    </ul>
                  </section>
                </div>
              </article>
            ))}
            {giving ? (
              <Assign
                items={[giving]}
                panels={d.panels}
                readers={d.readers}
                onClose={() => setGiving(null)}
                onDone={() => {
                  setGiving(null);
                  loaded.reload();
                }}
              />
            ) : null}
          </>
        )}
      </Waiting>
    </>
  );
}
