import { useState } from 'preact/hooks';
import type { Panel, Priority, StudySummary } from '../api/types';
import { instant, named, num, ruleName, t } from '../i18n';
import { href } from '../route';
import { api } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { Modalities, PatientName, PriorityChip } from '../ui/study';
import { lookUp } from './data';
import { SelectField } from './fields';
import { partOf, type RuleSet } from './rules';
import { part } from './site';
import type { SiteAction } from './site';
import { priorsText } from './priors';
import { w } from './words';

interface Way {
  rule: string;
  panel: string;
  priority: Priority;
  task: '' | 'double' | 'opinion';
  forward: string;
  priors: SiteAction['priors'] | null;
  requires: string;
}
interface Replayed {
  studies: number;
  changed: number;
  truncated: boolean;
  rules: { rule: string; before: number; after: number }[];
  differences: { study: StudySummary; at: string; before: Way; after: Way }[];
}

/** With these rules, the past would have gone so. */
export function Replay({ draft, panels, onClose, onApply }: { draft: RuleSet; panels: Panel[]; onClose: () => void; onApply?: (() => void) | undefined }) {
  const [days, setDays] = useState(30);
  const loaded = useLoad((signal) => api.json<Replayed>('/rules/replay', { method: 'POST', body: { days, text: part(partOf(draft)).text }, signal }), [days]);
  const d = loaded.data;
  return (
    <Dialog
      title={w('replay.title')}
      name="replay"
      wide
      onClose={onClose}
      actions={
        onApply ? (
          <>
            <Button onClick={onClose}>{t('close')}</Button>
            <Button kind="primary" onClick={onApply} act="replay-apply">
              {w('rules.apply')}
            </Button>
          </>
        ) : undefined
      }
    >
      <p class="muted">{w('replay.lead')}</p>
      <SelectField name="replay-days" label={w('replay.days')} value={String(days)} onChange={(v) => setDays(Number(v))} options={[7, 30, 90, 365].map((n) => ({ id: String(n), text: w('replay.day', { n }) }))} />
      {loaded.error ? <Banner tone="danger">{loaded.error}</Banner> : null}
      {!d ? (
        loaded.error ? null : (
          <Blank busy title={t('loading')} />
        )
      ) : (
        <div data-replayed={d.studies} data-changed={d.changed}>
          <Banner tone={d.changed > 0 ? 'warn' : 'ok'} icon={d.changed > 0 ? 'route' : 'check'}>
            {d.changed > 0 ? w('replay.result', { n: num(d.studies), changed: num(d.changed) }) : w('replay.same', { n: num(d.studies) })} {d.truncated ? w('replay.truncated') : null}
          </Banner>
          <table class="plain replay-rules">
            <thead>
              <tr>
                <th scope="col">{w('replay.rule')}</th>
                <th scope="col" class="right">
                  {w('replay.before')}
                </th>
                <th scope="col" class="right">
                  {w('replay.after')}
                </th>
              </tr>
            </thead>
            <tbody>
              {d.rules.map((r) => (
                <tr key={r.rule} class={r.before === r.after ? '' : 'differs'}>
                  <td>{ruleName(r.rule)}</td>
                  <td class="right">{num(r.before)}</td>
                  <td class="right">{num(r.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {d.differences.length > 0 ? (
            <>
              {d.changed > d.differences.length ? <p class="muted">{w('replay.more', { n: d.differences.length })}</p> : null}
              <ul class="replayed">
                {d.differences.map((x) => (
                  <li key={x.study.id + x.at} data-difference={x.study.id}>
                    <a href={href('workitems', x.study.id)} onClick={onClose}>
                      <PatientName study={x.study} />
                    </a>
                    <span>
                      <Modalities study={x.study} /> {x.study.description}
                      <span class="sub muted">
                        {named(x.study.facility)} {instant(x.at)}
                      </span>
                    </span>
                    <span class="ways">
                      <WayText way={x.before} panels={panels} />
                      <span class="arrow" aria-hidden="true">
                        →
                      </span>
                      <WayText way={x.after} panels={panels} />
                    </span>
                  </li>
                ))}
              </ul>
            </>
          ) : null}
        </div>
      )}
    </Dialog>
  );
}

function WayText({ way, panels }: { way: Way; panels: Panel[] }) {
  return (
    <span class="way">
      <PriorityChip priority={way.priority} /> {named(lookUp(panels, way.panel))} {way.task ? <Chip tone="strong">{w(`task.${way.task}`)}</Chip> : null}
      {way.requires ? <span class="sub muted">{w('rules.requiresAre', { list: way.requires })}</span> : null}
      {way.forward ? <span class="sub muted">{w('rules.forwards', { to: way.forward })}</span> : null}
      {way.priors ? <span class="sub muted">{priorsText(way.priors)}</span> : null}
      <span class="sub muted">{ruleName(way.rule)}</span>
    </span>
  );
}
