import { useState } from 'preact/hooks';
import type { StudySummary } from '../api/types';
import { studyWhen, t } from '../i18n';
import { api } from '../session';
import { Banner, Blank } from '../ui/controls';
import { useLoad } from '../ui/load';
import { SignedReport } from './signed';

/** Reports of the patient's earlier studies, beside the one that is written. */
export function PriorReports({ study }: { study: string }) {
  const priors = useLoad(() => api.priors(study), [study]);
  const read = (priors.data ?? []).filter((s) => s.reportId);
  const [chosen, setChosen] = useState('');
  const id = read.some((s) => s.reportId === chosen) ? chosen : (read[0]?.reportId ?? '');
  if (priors.error) return <Banner tone="danger">{priors.error}</Banner>;
  if (!priors.data) return <Blank busy title={t('loading')} />;
  if (read.length === 0) return <Blank icon="doc" title={t('prior.none')} />;
  return (
    <section class="prior-reports" aria-label={t('prior.title')} data-prior-report={id}>
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

function titleOf(s: StudySummary): string {
  return [studyWhen(s), (s.modalities ?? []).join('/'), s.bodyPart || s.description].filter(Boolean).join(' ');
}

function PriorReport({ id }: { id: string }) {
  const report = useLoad(() => api.report(id), [id]);
  if (report.data) return <SignedReport report={report.data} />;
  return report.error ? <Banner tone="danger">{report.error}</Banner> : <Blank busy title={t('loading')} />;
}
