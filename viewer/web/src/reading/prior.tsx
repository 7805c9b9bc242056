import { useState } from 'preact/hooks';
import type { PriorFetch, StudySummary } from '../api/types';
import { studyWhen, t } from '../i18n';
import { api } from '../session';
import { Banner, Blank } from '../ui/controls';
import { useLoad } from '../ui/load';
import { SignedReport } from './signed';

/** Reports of the patient's earlier studies, beside the one that is written. */
export function PriorReports({ study, fetch }: { study: string; fetch: PriorFetch | undefined }) {
  const priors = useLoad(() => api.priors(study), [study], [fetch?.updatedAt]);
  const read = (priors.data ?? []).filter((s) => s.reportId);
  const [chosen, setChosen] = useState('');
  const id = read.some((s) => s.reportId === chosen) ? chosen : (read[0]?.reportId ?? '');
  if (priors.error) return <Banner tone="danger">{priors.error}</Banner>;
  if (!priors.data) return <Blank busy title={t('loading')} />;
  if (read.length === 0) {
    return (
      <section class="prior-reports">
        <FetchLine fetch={fetch} />
        <Blank icon="doc" title={t('prior.none')} />
      </section>
    );
  }
  return (
    <section class="prior-reports" aria-label={t('prior.title')} data-prior-report={id}>
      <FetchLine fetch={fetch} />
      <label class="prior-choice">
        <span>{t('prior.title')}</span>
        <select value={id} onChange={(e) => setChosen(e.currentTarget.value)}>
          {read.map((s) => (
            <option key={s.id} value={s.reportId!}>
              {titleOf(s)}
            </option>
          ))}
        </select>
      </label>
      <PriorReport id={id} />
    </section>
  );
}

/** How far the earlier studies are that a rule has fetched from the hospital's archive. */
function FetchLine({ fetch }: { fetch: PriorFetch | undefined }) {
  if (!fetch) return null;
  const { state, reason, from, found, here, fetched, lacking } = fetch;
  const failed = state === 'failed';
  const said = state === 'waiting' ? t('fetch.waiting', { from }) : found ? t('fetch.came', { from, n: here + fetched, of: found }) : failed ? t('fetch.failed', { from }) : t('fetch.none', { from });
  return (
    <Banner tone={failed || lacking ? 'warn' : 'accent'} icon={failed || lacking ? 'warn' : 'info'}>
      <span data-prior-fetch={state} data-fetched={fetched}>
        {said} {lacking ? t('fetch.lacking', { n: lacking }) : ''} {reason ? t(`fetch.reason.${reason}`) : ''}
      </span>
    </Banner>
  );
}

function titleOf(s: StudySummary): string {
  return [studyWhen(s), (s.modalities ?? []).join('/'), s.bodyPart || s.description].filter(Boolean).join(' ');
}

function PriorReport({ id }: { id: string }) {
  const report = useLoad(() => api.report(id), [id]);
  if (report.data) return <SignedReport report={report.data} />;
  return report.error ? <Banner tone="danger">{report.error}</Banner> : <Blank busy title={t('loading')} />;
}
