import type { StudySummary } from '../api/types';
import { instant, t } from '../i18n';
import { now } from '../ui/now';
import { stageOf } from '../ui/study';

/** Whether a report of the study is still to come, by a time that is known. */
export function mayExpect(s: StudySummary): s is StudySummary & { expectedAt: string } {
  const stage = stageOf(s);
  return !!s.expectedAt && stage !== 'ready' && stage !== 'received';
}

/** By when the report is agreed to be there, and whether that has passed. */
export function Expected({ study }: { study: StudySummary }) {
  if (!mayExpect(study)) return <span class="muted">–</span>;
  const [day, time] = instant(study.expectedAt).split(' ');
  const late = Date.parse(study.expectedAt) < now.value;
  return (
    <time dateTime={study.expectedAt} class={late ? 'danger-text' : ''} data-expected={late ? 'late' : 'due'}>
      {day} <strong>{time}</strong>
      {late ? <span class="sub danger-text">{t('hospital.overdue')}</span> : null}
    </time>
  );
}
