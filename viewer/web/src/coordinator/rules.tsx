import { useState } from 'preact/hooks';
import type { Panel } from '../api/types';
import { lang, named, num, ruleName, t, within } from '../i18n';
import { api, may } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { useLoad } from '../ui/load';
import { useMoved } from '../ui/moved';
import { PriorityChip } from '../ui/study';
import { ChangeDialog } from './change';
import { lookUp } from './data';
import { Waiting } from './listing';
import { Replay } from './replay';
import { RuleDialog } from './ruledialog';
import { part, readSite, tidy, type Site, type SiteAction, type SiteRule } from './site';
import { Tester } from './tester';
import { Versions } from './versions';
import { priorsText } from './priors';
import { w } from './words';

/** The rules of a site file: what an editor works on. */
export interface RuleSet {
  rules: SiteRule[];
  fallback: SiteAction;
}

export function partOf(set: RuleSet): Site {
  return { rules: set.rules, fallback: set.fallback, replace: ['rules'] };
}

// What is being edited, for the way back to this page.
let kept: RuleSet | null = null;

export function Rules() {
  const loaded = useLoad(async () => {
    const [site, rules, panels, facilities] = await Promise.all([readSite(), api.rules(lang.value), api.panels(), api.facilities()]);
    const force: RuleSet = { rules: site.rules ?? [], fallback: site.fallback ?? { panel: 'unassigned', within: '24h' } };
    return { force, matched: new Map(rules.map((r) => [r.name, r.matched])), panels, facilities };
  }, []);
  return <Waiting loaded={loaded}>{(d) => <Editor {...d} reload={loaded.reload} />}</Waiting>;
}

interface EditorProps {
  force: RuleSet;
  matched: Map<string, number>;
  panels: Panel[];
  facilities: { id: string; name: string; nameEn?: string }[];
  reload: () => void;
}

function Editor({ force, matched, panels, facilities, reload }: EditorProps) {
  const [draft, setDraftState] = useState<RuleSet>(kept ?? force);
  const [editing, setEditing] = useState<number | 'new' | 'fallback' | null>(null);
  const [open, setOpen] = useState<'test' | 'replay' | 'versions' | 'apply' | null>(null);
  const setDraft = (d: RuleSet) => {
    kept = d;
    setDraftState(d);
  };
  const before = new Map(force.rules.map((r) => [r.name, same(r)]));
  const order = (s: RuleSet) => s.rules.map((r) => r.name).join('\n');
  const altered = draft.rules.filter((r) => before.get(r.name) !== same(r)).length + force.rules.filter((r) => !draft.rules.some((x) => x.name === r.name)).length;
  const pending = altered + (same(draft.fallback) === same(force.fallback) ? 0 : 1) + (altered === 0 && order(draft) !== order(force) ? 1 : 0);
  const change = may('directory.write');
  const { list, follow } = useMoved<HTMLOListElement>();
  const move = (n: number, by: -1 | 1) => {
    const rules = [...draft.rules];
    const [r] = rules.splice(n, 1);
    rules.splice(n + by, 0, r!);
    follow(n + by, by < 0 ? 'rule-up' : 'rule-down');
    setDraft({ ...draft, rules });
  };
  return (
    <>
      <div class="page-head">
        <h1>{t('coord.rules')}</h1>
        <span class="head-actions">
          <Button icon="search" onClick={() => setOpen('test')} act="rules-test">
            {w('test.open')}
          </Button>
          <Button icon="reset" onClick={() => setOpen('replay')} act="rules-replay">
            {w('replay.open')}
          </Button>
          <Button onClick={() => setOpen('versions')} act="rules-history">
            {w('rules.history')}
          </Button>
          {change ? (
            <Button kind="primary" onClick={() => setEditing('new')} act="rule-add">
              {w('rules.add')}
            </Button>
          ) : null}
        </span>
      </div>
      <p class="muted">{t('rules.lead')}</p>
      {pending > 0 ? (
        <Banner
          tone="accent"
          icon="pen"
          action={
            <span class="head-actions">
              <Button
                small
                onClick={() => {
                  kept = null;
                  setDraftState(force);
                }}
                act="rules-discard"
              >
                {w('discard')}
              </Button>
              <Button small onClick={() => setOpen('replay')} act="rules-check">
                {w('rules.check')}
              </Button>
              <Button small kind="primary" onClick={() => setOpen('apply')} act="rules-apply">
                {w('rules.apply')}
              </Button>
            </span>
          }
        >
          {w('rules.pending', { n: pending })}
        </Banner>
      ) : null}
      <ol class="rules" ref={list} data-pending={pending}>
        {draft.rules.map((r, n) => (
          <li key={r.name} data-rule={r.name} class={before.has(r.name) ? (before.get(r.name) === same(r) ? '' : 'edited') : 'edited'}>
            <span class="rule-order">{n + 1}</span>
            <div class="rule-body">
              <h2>
                {r.name} {before.has(r.name) ? before.get(r.name) === same(r) ? null : <Chip tone="accent">{w('rules.changed')}</Chip> : <Chip tone="accent">{w('rules.new')}</Chip>} <Effect rule={r} />
              </h2>
              <When rule={r} facilities={facilities} />
            </div>
            <Then action={r.then} panels={panels} />
            <span class="rule-count">{t('rules.matched', { n: num(matched.get(r.name) ?? 0) })}</span>
            {change ? (
              <span class="rule-acts">
                <Button small kind="quiet" label={w('rules.up')} disabled={n === 0} onClick={() => move(n, -1)} act="rule-up">
                  ↑
                </Button>
                <Button small kind="quiet" label={w('rules.down')} disabled={n === draft.rules.length - 1} onClick={() => move(n, 1)} act="rule-down">
                  ↓
                </Button>
                <Button small icon="pen" label={w('edit')} onClick={() => setEditing(n)} act="rule-edit" />
              </span>
            ) : null}
          </li>
        ))}
        <li data-rule="fallback" class={same(draft.fallback) === same(force.fallback) ? '' : 'edited'}>
          <span class="rule-order">{draft.rules.length + 1}</span>
          <div class="rule-body">
            <h2>{ruleName('fallback')}</h2>
            <p class="rule-when muted">{t('rules.always')}</p>
          </div>
          <Then action={draft.fallback} panels={panels} />
          <span class="rule-count">{t('rules.matched', { n: num(matched.get('fallback') ?? 0) })}</span>
          {change ? (
            <span class="rule-acts">
              <Button small icon="pen" label={w('edit')} onClick={() => setEditing('fallback')} act="rule-edit" />
            </span>
          ) : null}
        </li>
      </ol>
      {editing !== null ? (
        <RuleDialog
          rule={editing === 'new' ? { name: '', then: { panel: panels[0]?.id ?? '', within: '24h', alone: '20m' } } : editing === 'fallback' ? { name: 'fallback', then: draft.fallback } : draft.rules[editing]!}
          isNew={editing === 'new'}
          names={draft.rules.filter((_, n) => n !== editing).map((r) => r.name)}
          panels={panels}
          facilities={facilities}
          onClose={() => setEditing(null)}
          onRemove={
            typeof editing === 'number'
              ? () => {
                  setDraft({ ...draft, rules: draft.rules.filter((_, n) => n !== editing) });
                  setEditing(null);
                }
              : undefined
          }
          onSave={(r) => {
            if (editing === 'fallback') setDraft({ ...draft, fallback: r.then });
            else if (editing === 'new') setDraft({ ...draft, rules: [...draft.rules, r] });
            else setDraft({ ...draft, rules: draft.rules.map((x, n) => (n === editing ? r : x)) });
            setEditing(null);
          }}
        />
      ) : null}
      {open === 'test' ? <Tester draft={pending > 0 ? draft : null} panels={panels} facilities={facilities} onClose={() => setOpen(null)} /> : null}
      {open === 'replay' ? <Replay draft={draft} panels={panels} onClose={() => setOpen(null)} onApply={pending > 0 && change ? () => setOpen('apply') : undefined} /> : null}
      {open === 'versions' ? (
        <Versions
          onClose={() => setOpen(null)}
          onTake={(v) => {
            setDraft(v);
            setOpen(null);
          }}
        />
      ) : null}
      {open === 'apply' ? (
        <ChangeDialog
          change={part(partOf(draft))}
          onClose={() => setOpen(null)}
          onDone={() => {
            kept = null;
            setOpen(null);
            reload();
          }}
        />
      ) : null}
    </>
  );
}

function same(x: SiteRule | SiteAction): string {
  const sorted = (v: unknown): unknown => (Array.isArray(v) ? v.map(sorted) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).sort().map(([k, y]) => [k, sorted(y)])) : v);
  return JSON.stringify(sorted(tidy(x)));
}

/** The days on which a rule counts, when that is not always. */
function Effect({ rule }: { rule: SiteRule }) {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
  if (rule.until && rule.until < today) return <Chip>{w('rules.ended', { day: rule.until })}</Chip>;
  if (rule.from && rule.from > today) return <Chip tone="warn">{w('rules.notYet', { day: rule.from })}</Chip>;
  if (rule.until) return <Chip>{w('rules.untilDay', { day: rule.until })}</Chip>;
  return null;
}

function When({ rule, facilities }: { rule: SiteRule; facilities: EditorProps['facilities'] }) {
  const c = rule.when ?? {};
  const parts: [string, string][] = [];
  const list = (name: string, v: string[] | undefined) => v?.length && parts.push([name, v.join(', ')]);
  list(w('rules.modality'), c.modality);
  list(w('rules.bodyPart'), c.body_part);
  list(t('col.hospital'), c.facility?.map((id) => named(lookUp(facilities, id))));
  list(w('rules.words').replace(/ ?[（(].*/, ''), c.words);
  if (c.age) parts.push([t('col.sexAge').split(/[,、・]/).at(-1)!.trim(), `${c.age.min ?? ''}–${c.age.max ?? ''}`]);
  list(w('rules.sex'), c.sex);
  list(w('rules.priority'), c.priority?.map((p) => t(`priority.${p}`)));
  if (rule.if) parts.push([w('rules.expression'), rule.if]);
  if (parts.length === 0) return <p class="rule-when muted">{t('rules.always')}</p>;
  return (
    <p class="rule-when">
      {parts.map(([name, v]) => (
        <span key={name} class="rule-part">
          <span class="muted">{name}</span> <code>{v}</code>
        </span>
      ))}
    </p>
  );
}

export function Then({ action, panels }: { action: SiteAction; panels: Panel[] }) {
  return (
    <div class="rule-then">
      {action.priority ? <PriorityChip priority={action.priority} /> : <Chip>{w('rules.asRequested')}</Chip>}
      <span>{action.hold ? w('rules.hold') : named(lookUp(panels, action.panel))}</span>
      <span class="muted">{t('rules.within', { t: span(action.within) })}</span>
      {action.task ? <Chip tone="strong">{w(`task.${action.task}`)}</Chip> : null}
      {action.requires?.length ? <Chip>{w('rules.requiresAre', { list: action.requires.join(', ') })}</Chip> : null}
      {action.forward?.length ? <span class="muted">{w('rules.forwards', { to: action.forward.join(', ') })}</span> : null}
      {action.priors ? <span class="muted">{priorsText(action.priors)}</span> : null}
      {action.assign && action.assign !== 'offer' && !action.hold ? <span class="muted">{w(`assign.${action.assign}`)}</span> : null}
      {action.alone && !action.hold && (action.priority !== 'STAT' || (action.assign && action.assign !== 'offer')) ? <span class="muted">{w('rules.aloneIs', { t: span(action.alone) })}</span> : null}
    </div>
  );
}

// As Go writes a duration, 4h or 1h30m, in words; what is neither stays as it is.
function span(text: string): string {
  const [, h = 0, m = 0, s = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const seconds = Number(h) * 3600 + Number(m) * 60 + Number(s);
  return seconds > 0 ? within(seconds) : text;
}
