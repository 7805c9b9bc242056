import { useState } from 'preact/hooks';
import type { Panel, Priority, Reason, StudySummary } from '../api/types';
import { named, ruleName, studyWhen, t } from '../i18n';
import { api } from '../session';
import { Banner, Blank, Chip, SearchBox } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { problemText } from '../ui/problem';
import { Modalities, PatientName, PriorityChip } from '../ui/study';
import { useTyped } from '../ui/typed';
import { ReasonList } from '../reading/reasons';
import { lookUp } from './data';
import { SelectField } from './fields';
import { partOf, type RuleSet } from './rules';
import { part } from './site';
import type { SiteAction } from './site';
import { priorsText } from './priors';
import { w } from './words';

interface Verdict {
  rule: string;
  panel: string;
  priority: Priority;
  task: '' | 'double' | 'opinion';
  forward: string[] | null;
  priors: SiteAction['priors'] | null;
  requires: string[] | null;
  reasons: Reason[];
  study: StudySummary | null;
}

// Of a file as much is sent as its header may take; pixels follow behind it.
const headerMost = 512 << 10;

/** Which rule takes a study, and what every other says of it. */
export function Tester({ draft, panels, facilities, onClose }: { draft: RuleSet | null; panels: Panel[]; facilities: { id: string; name: string; nameEn?: string }[]; onClose: () => void }) {
  const [q, setQ] = useState('');
  const [facility, setFacility] = useState(facilities[0]?.id ?? '');
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [about, setAbout] = useState('');
  const [error, setError] = useState('');
  const [over, setOver] = useState(false);
  const asked = useTyped(q);
  const studies = useLoad((stop) => api.studies({ q: asked, limit: 20 }, stop), [], [asked]);
  const ask = async (name: string, body: object) => {
    setError('');
    setAbout(name);
    try {
      setVerdict(await api.json<Verdict>('/rules/test', { method: 'POST', body: { ...body, text: draft ? part(partOf(draft)).text : '' } }));
    } catch (e) {
      setVerdict(null);
      setError(problemText(e));
    }
  };
  const file = async (f: File | undefined) => {
    if (f) await ask(f.name, { header: await base64(f.slice(0, headerMost)), facility });
  };
  return (
    <Dialog title={w('test.title')} name="tester" wide onClose={onClose}>
      <p class="muted">{w('test.lead')}</p>
      <p>
        <Chip tone={draft ? 'accent' : 'neutral'}>{draft ? w('test.draft') : w('test.current')}</Chip>
      </p>
      <div class="tester">
        <label
          class={`drop${over ? ' over' : ''}`}
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(e) => {
            e.preventDefault();
            setOver(false);
            void file(e.dataTransfer?.files[0]);
          }}
        >
          <span>{w('test.drop')}</span>
          <input type="file" name="tester-file" onChange={(e) => void file(e.currentTarget.files?.[0])} />
        </label>
        <SelectField name="tester-facility" label={w('test.hospital')} value={facility} onChange={setFacility} options={facilities.map((f) => ({ id: f.id, text: named(f) }))} />
      </div>
      <SearchBox id="tester-search" value={q} onInput={setQ} label={w('test.search')} />
      {studies.error ? <Banner tone="danger">{studies.error}</Banner> : null}
      {!studies.data ? (
        <Blank busy title={t('loading')} />
      ) : studies.data.items.length === 0 ? (
        <p class="muted">{w('test.none')}</p>
      ) : (
        <ul class="picks" aria-label={w('test.studies')}>
          {studies.data.items.map((s) => (
            <li key={s.id}>
              <button type="button" data-study={s.id} onClick={() => void ask('', { study: s.id })}>
                <PatientName study={s} />
                <span>
                  <strong>
                    <Modalities study={s} />
                  </strong>{' '}
                  {s.bodyPart} {s.description}
                </span>
                <span class="muted">
                  {named(s.facility)} {studyWhen(s)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div aria-live="polite">
        {error ? <Banner tone="danger">{error}</Banner> : null}
        {verdict ? (
          <section class="verdict" data-verdict={verdict.rule}>
            <h3>
              {w('test.verdict')} <span class="muted">{verdict.study ? <PatientName study={verdict.study} /> : about}</span>
            </h3>
            <p class="verdict-line">
              <strong>{ruleName(verdict.rule)}</strong> → <PriorityChip priority={verdict.priority} /> {named(lookUp(panels, verdict.panel))}{' '}
              {verdict.task ? <Chip tone="strong">{w(`task.${verdict.task}`)}</Chip> : null} {verdict.requires?.length ? <Chip>{w('rules.requiresAre', { list: verdict.requires.join(', ') })}</Chip> : null} {verdict.forward?.length ? w('rules.forwards', { to: verdict.forward.join(', ') }) : null} {verdict.priors ? priorsText(verdict.priors) : null}
            </p>
            <ReasonList reasons={verdict.reasons} />
          </section>
        ) : null}
      </div>
    </Dialog>
  );
}

function base64(b: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const r = new FileReader();
    r.onload = () => resolve(String(r.result).replace(/^[^,]*,/, ''));
    r.onerror = () => reject(r.error ?? new Error('unreadable'));
    r.readAsDataURL(b);
  });
}
