import { useState } from 'preact/hooks';
import type { Facility, Named, Priority } from '../api/types';
import { named, num, t } from '../i18n';
import { api, may } from '../session';
import { Blank, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { PriorityChip } from '../ui/study';
import { sayProblem } from '../ui/problem';
import { ChangeDialog } from './change';
import { lookUp } from './data';
import { SelectField, TextField } from './fields';
import { Card } from './overview';
import { Waiting } from './listing';
import { Bars, Columns } from './plot';
import { part } from './site';
import { byKey, duration, fiscalYear, monthsBack } from './sums';
import { download } from './transfer';
import { w } from './words';

export interface Reads {
  month: string;
  facility: string;
  modality: string;
  studies: number;
}
interface Speed {
  priority: Priority;
  studies: number;
  claimSeconds: number;
  finalSeconds: number;
  final95Seconds: number;
  inTime: number;
  byClinicalDay: number;
}
interface Indicators {
  reads: Reads[];
  speeds: Speed[];
  readers: { reader: Named; studies: number }[];
  targets: Record<string, number>;
  /** The oldest first; without reads when the year is not in the time looked at. */
  years: { year: number; reads: number | null; target: number; growth: number | null; partial: boolean }[];
}

/** What the service has read, against its targets, and how soon. */
export function Figures() {
  const [months, setMonths] = useState(12);
  const [target, setTarget] = useState(false);
  const loaded = useLoad(async () => {
    const [figures, facilities] = await Promise.all([api.json<Indicators>('/indicators', { query: { months } }), api.facilities()]);
    return { figures, facilities };
  }, [], [months]);
  return (
    <>
      <div class="page-head">
        <h1>{w('fig.title')}</h1>
        <span class="head-actions">
          <SelectField name="figures-months" label={w('fig.months')} value={String(months)} onChange={(v) => setMonths(Number(v))} options={[3, 12, 24, 60].map((n) => ({ id: String(n), text: w('fig.lastMonths', { n }) }))} />
          {may('directory.write') ? (
            <Button onClick={() => setTarget(true)} act="target-set">
              {w('fig.setTarget')}
            </Button>
          ) : null}
        </span>
      </div>
      <Waiting loaded={loaded}>{(d) => <Body {...d} months={months} />}</Waiting>
      {target ? (
        <TargetDialog
          targets={loaded.data?.figures.targets ?? {}}
          onClose={() => setTarget(false)}
          onDone={() => {
            setTarget(false);
            loaded.reload();
          }}
        />
      ) : null}
    </>
  );
}

/** One of the tables, for a spreadsheet. */
function Csv({ table, months }: { table: 'reads' | 'years' | 'speeds' | 'readers'; months: number }) {
  const load = async () => {
    try {
      download(`${table}.csv`, 'text/csv', (await api.bytes(`/api/v1/indicators?format=csv&table=${table}&months=${months}`)).body);
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <Button small icon="doc" onClick={() => void load()} act={`figures-csv-${table}`}>
      {w('fig.csv')}
    </Button>
  );
}

function Body({ figures: d, facilities, months }: { figures: Indicators; facilities: Facility[]; months: number }) {
  const total = d.reads.reduce((n, r) => n + r.studies, 0);
  const years = [...d.years].reverse();
  const modalities = byKey(d.reads, (r) => r.modality || w('fig.other'));
  const shown = modalities.slice(0, 4).map((m) => m.key);
  const columns = monthsBack(months, Date.now()).map((month) => ({
    key: month,
    parts: [...shown.map((m) => ({ name: m, n: sum(d.reads, (r) => r.month === month && (r.modality || w('fig.other')) === m) })), { name: w('fig.other'), n: sum(d.reads, (r) => r.month === month && !shown.includes(r.modality || w('fig.other'))) }].filter((p, n) => n < shown.length || p.n > 0),
  }));
  return (
    <>
      <Card title={w('fig.reads')} action={<Csv table="years" months={months} />}>
        <table class="plain years">
          <thead>
            <tr>
              <th scope="col">{w('fig.year')}</th>
              <th scope="col" class="right">
                {w('fig.reads')}
              </th>
              <th scope="col" class="right">
                {w('fig.growth')}
              </th>
              <th scope="col" class="right">
                {w('fig.target')}
              </th>
              <th scope="col">{w('fig.share')}</th>
            </tr>
          </thead>
          <tbody>
            {years.map((y) => (
              <tr key={y.year} data-year={y.year}>
                <td>
                  {y.year} {y.partial && y.reads !== null ? <span class="muted">{w('fig.partial')}</span> : null}
                </td>
                <td class="right">{y.reads === null ? '–' : num(y.reads)}</td>
                <td class="right">{y.growth === null ? '–' : `${y.growth > 0 ? '+' : ''}${num(y.growth * 100, 1)} %`}</td>
                <td class="right">{y.target ? num(y.target) : '–'}</td>
                <td>
                  {y.target && y.reads !== null ? (
                    <span class="share">
                      <span class="bar" aria-hidden="true">
                        <span style={{ width: `${Math.min(100, (y.reads / y.target) * 100)}%` }} />
                      </span>
                      {num((y.reads / y.target) * 100)} %
                    </span>
                  ) : (
                    '–'
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      {total === 0 ? (
        <Blank icon="doc" title={w('fig.none')} />
      ) : (
        <>
          <Card title={w('fig.month')} action={<Csv table="reads" months={months} />}>
            <Columns data={columns} label={w('fig.month')} />
          </Card>
          <div class="figure-grid">
            <Card title={w('fig.byHospital')}>
              <Bars data={byKey(d.reads, (r) => r.facility).map((x) => ({ name: named(lookUp(facilities, x.key)), n: x.n }))} />
            </Card>
            <Card title={w('fig.byModality')}>
              <Bars data={modalities.map((x) => ({ name: x.key, n: x.n }))} />
            </Card>
            <Card title={w('fig.byReader')} action={<Csv table="readers" months={months} />}>
              <Bars data={[...d.readers].sort((a, b) => b.studies - a.studies).map((r) => ({ name: named(r.reader), n: r.studies }))} />
            </Card>
          </div>
        </>
      )}
      <Card title={w('fig.speed')} action={<Csv table="speeds" months={months} />}>
        <table class="plain speeds">
          <thead>
            <tr>
              <th scope="col">{t('col.priority')}</th>
              {(['studies', 'claim50', 'final50', 'final95', 'inTime', 'clinical'] as const).map((k) => (
                <th key={k} scope="col" class="right" title={k === 'clinical' ? w('fig.clinicalHint') : undefined}>
                  {w(`fig.${k}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {d.speeds.map((s) => (
              <tr key={s.priority} data-speed={s.priority}>
                <td>
                  <PriorityChip priority={s.priority} />
                </td>
                <td class="right">{num(s.studies)}</td>
                <td class="right">{s.studies ? duration(s.claimSeconds) : '–'}</td>
                <td class="right">{s.studies ? duration(s.finalSeconds) : '–'}</td>
                <td class="right">{s.studies ? duration(s.final95Seconds) : '–'}</td>
                <Kept of={[s]} />
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr data-speed="all">
              <th scope="row">{w('fig.all')}</th>
              <td class="right">{num(d.speeds.reduce((n, s) => n + s.studies, 0))}</td>
              <td colSpan={3} />
              <Kept of={d.speeds} />
            </tr>
          </tfoot>
        </table>
        <p class="muted">{w('fig.clinicalHint')}</p>
      </Card>
    </>
  );
}

/** How many were in time, and by the next clinical day: of all together 80 % are asked for. */
function Kept({ of }: { of: Speed[] }) {
  const add = (part: 'studies' | 'inTime' | 'byClinicalDay') => of.reduce((n, s) => n + s[part], 0);
  const studies = add('studies');
  const clinical = add('byClinicalDay');
  return (
    <>
      <td class="right">{percent(add('inTime'), studies)}</td>
      <td class={`right${clinical < 0.8 * studies ? ' danger-text' : ''}`}>{percent(clinical, studies)}</td>
    </>
  );
}

function sum(reads: Reads[], of: (r: Reads) => boolean): number {
  return reads.reduce((n, r) => n + (of(r) ? r.studies : 0), 0);
}
function percent(n: number, of: number): string {
  return of ? `${num((n / of) * 100, 1)} %` : '–';
}

function TargetDialog({ targets, onClose, onDone }: { targets: Record<string, number>; onClose: () => void; onDone: () => void }) {
  const thisYear = fiscalYear(Date.now());
  const [year, setYear] = useState(String(thisYear));
  const [n, setN] = useState(String(targets[String(thisYear)] ?? ''));
  const [review, setReview] = useState(false);
  if (review) return <ChangeDialog change={part({ targets: { [year]: Number(n) } })} onClose={() => setReview(false)} onDone={onDone} />;
  return (
    <Dialog
      title={w('fig.setTarget')}
      name="target"
      onClose={onClose}
      actions={
        <Button kind="primary" disabled={!/^\d{4}$/.test(year) || !/^\d+$/.test(n)} onClick={() => setReview(true)} act="target-review">
          {w('change.title')}
        </Button>
      }
    >
      <TextField
        name="target-year"
        type="number"
        label={w('fig.year')}
        value={year}
        onInput={(v) => {
          setYear(v);
          setN(String(targets[v] ?? ''));
        }}
      />
      <TextField name="target-reads" type="number" label={w('fig.target')} value={n} onInput={setN} />
    </Dialog>
  );
}
