import { useState } from 'preact/hooks';
import type { FoundReport, Named, ReportQuery } from '../api/types';
import { formatDate } from '../format/dicom';
import { instant, named, t } from '../i18n';
import { href } from '../route';
import { api, may } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { KindChip } from '../reading/versions';
import { PatientName } from '../ui/study';
import { w } from './words';
import '../reading/report.css';
import './archive.css';

const nothing: ReportQuery = { text: '', code: '', facility: '', modality: '', kind: '', from: '', to: '', mine: false, teaching: false, critical: false };
const kinds = ['', 'final', 'addendum', 'correction', 'retraction', 'preliminary'] as const;

/** Signed reports by their text and by what they are. page is where a study opens. */
export function ReportSearch({ page }: { page: string }) {
  const [typed, setTyped] = useState(nothing);
  const [asked, setAsked] = useState(nothing);
  const [hospital, setHospital] = useState<Named | null>(null);
  const [more, setMore] = useState<FoundReport[]>([]);
  const [next, setNext] = useState<string | null | undefined>();
  const first = useLoad(() => api.searchReports(asked), [], [asked]);
  const list = [...(first.data?.items ?? []), ...more];
  const cursor = next === undefined ? first.data?.next : next;
  const set = (change: Partial<ReportQuery>) => setTyped({ ...typed, ...change });
  const ask = (query: ReportQuery) => {
    setMore([]);
    setNext(undefined);
    setTyped(query);
    setAsked(query);
  };
  const only = (of: Named | null) => {
    setHospital(of);
    ask({ ...typed, facility: of?.id ?? '' });
  };
  const goOn = async () => {
    try {
      const page = await api.searchReports({ ...asked, cursor: cursor! });
      setMore([...more, ...page.items]);
      setNext(page.next);
    } catch (e) {
      sayProblem(e);
    }
  };
  const takeOut = async () => {
    try {
      const answer = await api.exportReports(asked);
      const file = await answer.blob();
      const n = (await file.text()).split('\n').length - 1;
      const withheld = Number(answer.headers.get('X-Dokuei-Withheld'));
      say([w('search.exported', { n }), withheld ? w('search.withheld', { n: withheld }) : ''].filter(Boolean).join(' '));
      if (n === 0) return;
      const a = document.createElement('a');
      a.href = URL.createObjectURL(file);
      a.download = 'reports.jsonl';
      a.click();
      URL.revokeObjectURL(a.href);
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <section class="archive" aria-label={w('search.title')}>
      <form
        class="archive-form"
        onSubmit={(e) => {
          e.preventDefault();
          ask({ ...typed });
        }}
      >
        <label class="field wide">
          <span>{w('search.text')}</span>
          <input value={typed.text} autocomplete="off" spellcheck={false} data-act="report-text" onInput={(e) => set({ text: e.currentTarget.value })} />
        </label>
        <label class="field">
          <span>{w('search.code')}</span>
          <input value={typed.code} size={14} maxLength={64} autocomplete="off" spellcheck={false} placeholder="274100004" data-act="report-code" onInput={(e) => set({ code: e.currentTarget.value.trim() })} />
        </label>
        <label class="field">
          <span>{w('search.modality')}</span>
          <select value={typed.modality} onChange={(e) => set({ modality: e.currentTarget.value })}>
            {['', 'CT', 'MR', 'CR', 'DX', 'MG', 'NM', 'PT', 'US', 'XA'].map((m) => (
              <option key={m} value={m}>
                {m || w('search.any')}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{w('search.kind')}</span>
          <select value={typed.kind} onChange={(e) => set({ kind: e.currentTarget.value as ReportQuery['kind'] })}>
            {kinds.map((k) => (
              <option key={k} value={k}>
                {k ? t(`report.${k}`) : w('search.any')}
              </option>
            ))}
          </select>
        </label>
        {(['from', 'to'] as const).map((k) => (
          <label key={k} class="field">
            <span>{w(`search.${k}`)}</span>
            <input type="date" value={day(typed[k])} onInput={(e) => set({ [k]: e.currentTarget.value.replaceAll('-', '') })} />
          </label>
        ))}
        <div class="archive-checks">
          {((may('report.sign') ? ['mine', 'teaching', 'critical'] : ['teaching', 'critical']) as ('mine' | 'teaching' | 'critical')[]).map((k) => (
            <label key={k} class="check">
              <input type="checkbox" checked={typed[k]} onChange={(e) => set({ [k]: e.currentTarget.checked })} /> {w(`search.${k}`)}
            </label>
          ))}
        </div>
        <Button kind="primary" type="submit" icon="search" busy={first.loading} act="report-search">
          {w('search.go')}
        </Button>
        {may('report.research') ? (
          <Button onClick={() => void takeOut()} act="report-export">
            {w('search.export')}
          </Button>
        ) : null}
      </form>
      {hospital ? (
        <p class="archive-only">
          <Chip>{named(hospital)}</Chip>
          <Button small kind="quiet" onClick={() => only(null)} act="report-hospitals">
            {w('search.everywhere')}
          </Button>
        </p>
      ) : null}
      {first.error ? <Banner tone="danger">{first.error}</Banner> : null}
      {!first.data ? <Blank busy title={t('loading')} /> : list.length === 0 ? <Blank icon="search" title={w('search.none')} /> : null}
      {list.length > 0 ? (
        <div class="table-box">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t('col.patient')}</th>
                <th scope="col">{t('col.description')}</th>
                <th scope="col">{w('col.impression')}</th>
                <th scope="col">{t('report.signer')}</th>
                <th scope="col">{w('col.signed')}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((r) => (
                <tr key={r.id} data-found={r.id}>
                  <td>
                    <a class="patient-link" href={href(page, r.studyId)}>
                      <PatientName study={r.study} />
                    </a>
                    <span class="sub">
                      {r.study.patient.patientId} ·{' '}
                      {hospital ? (
                        named(r.study.facility)
                      ) : (
                        <button type="button" class="link" title={w('search.only')} data-act="report-hospital" onClick={() => only(r.study.facility)}>
                          {named(r.study.facility)}
                        </button>
                      )}
                    </span>
                  </td>
                  <td>
                    {r.title}
                    <span class="sub">{formatDate(r.study.studyDate)}</span>
                  </td>
                  <td class="archive-impression">{r.impression}</td>
                  <td>{r.author ? named(r.author) : ''}</td>
                  <td>
                    {instant(r.signedAt)} <KindChip kind={r.kind} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {cursor ? (
        <div class="more">
          <Button onClick={() => void goOn()}>{t('more')}</Button>
        </div>
      ) : null}
    </section>
  );
}

const day = (da: string) => (da.length === 8 ? `${da.slice(0, 4)}-${da.slice(4, 6)}-${da.slice(6)}` : '');
