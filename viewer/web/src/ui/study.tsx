import type { Priority, StudySummary, Workitem } from '../api/types';
import { patientNames } from '../format/dicom';
import { timeLeft } from '../format/timeleft';
import { named, t, tOr, timeLeftText, type Key } from '../i18n';
import { Chip, type Tone } from './controls';
import { now } from './now';

const priorityTone: Record<Priority, Tone> = { STAT: 'danger', URGENT: 'warn', ROUTINE: 'neutral' };

export function PriorityChip({ priority }: { priority: Priority }) {
  return <Chip tone={priorityTone[priority] ?? 'neutral'}>{tOr(`priority.${priority}`, 'priority.ROUTINE')}</Chip>;
}

export function TimeLeftCell({ item }: { item: Workitem }) {
  if (item.state === 'COMPLETED' || item.state === 'CANCELED') return <span class="muted">–</span>;
  const l = timeLeft(item.deadline, item.createdAt, now.value);
  if (!l) return <span class="muted">–</span>;
  return (
    <span class={`left ${l.urgency}`}>
      <span class="left-mark" aria-hidden="true" />
      {timeLeftText(l)}
    </span>
  );
}

export function StatusChip({ item, mine }: { item: Workitem; mine: boolean }) {
  if (item.state === 'COMPLETED') return <Chip tone="ok">{t('status.done')}</Chip>;
  if (item.state === 'CANCELED') return <Chip>{t('status.canceled')}</Chip>;
  if (item.state === 'IN PROGRESS') {
    const draft = item.study.reportState === 'draft';
    return mine ? <Chip tone="accent">{draft ? t('status.draft') : t('status.mine')}</Chip> : <Chip tone="strong">{item.claimedBy ? t('status.by', { name: named(item.claimedBy) }) : t('status.reading')}</Chip>;
  }
  if (item.readiness === 'INCOMPLETE' || item.study.state === 'receiving') return <Chip tone="warn">{t('status.incomplete')}</Chip>;
  return <Chip>{t('status.open')}</Chip>;
}

export function PatientName({ study }: { study: StudySummary }) {
  const { main, reading } = patientNames(study.patient);
  return (
    <span class="patient">
      <span class="patient-main" lang="ja">
        {main || t('patient.unnamed')}
      </span>
      {reading ? (
        <span class="patient-reading" lang="ja">
          {reading}
        </span>
      ) : null}
    </span>
  );
}

/** Where a study stands for the hospital that sent it. */
export type Stage = 'receiving' | 'waiting' | 'reading' | 'ready' | 'received';

export function stageOf(s: StudySummary): Stage {
  if (s.receivedAck) return 'received';
  if (['preliminary', 'final', 'addendum', 'correction', 'retraction'].includes(s.reportState)) return 'ready';
  if (s.state === 'receiving') return 'receiving';
  return s.reportState === 'none' ? 'waiting' : 'reading';
}

const stageTone: Record<Stage, Tone> = { receiving: 'neutral', waiting: 'neutral', reading: 'strong', ready: 'accent', received: 'ok' };

export function StageChip({ study }: { study: StudySummary }) {
  const s = stageOf(study);
  return <Chip tone={stageTone[s]}>{t(`stage.${s}` as Key, { n: study.instances })}</Chip>;
}

export function Modalities({ study }: { study: StudySummary }) {
  return <>{(study.modalities ?? []).join('/') || '–'}</>;
}
