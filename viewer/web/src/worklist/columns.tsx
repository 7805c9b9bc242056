import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { SortColumn, Workitem } from '../api/types';
import { formatDate, formatTime } from '../format/dicom';
import { named, num, sexAge, t, type Key } from '../i18n';
import { href } from '../route';
import { me } from '../session';
import { Chip, Thumb } from '../ui/controls';
import { Modalities, PatientName, PriorityChip, StatusChip, TimeLeftCell } from '../ui/study';
import { KindChip } from '../reading/versions';

export interface Column {
  id: string;
  head: Key;
  sort?: SortColumn;
  right?: boolean;
  title?: (i: Workitem) => string;
  cell: (i: Workitem) => ComponentChildren;
}

const first: Column[] = [
  { id: 'priority', head: 'col.priority', sort: 'priority', cell: (i) => <PriorityChip priority={i.priority} /> },
  { id: 'left', head: 'col.left', sort: 'left', cell: (i) => <TimeLeftCell item={i} /> },
  {
    id: 'status',
    head: 'col.status',
    sort: 'status',
    cell: (i) => <StatusChip item={i} mine={i.claimedBy?.id === me.value?.userId} />,
  },
  {
    id: 'patient',
    head: 'col.patient',
    sort: 'patient',
    cell: (i) => (
      <a class="patient-link" href={href('read', i.id)}>
        <Thumb src={i.study.thumbnail} />
        <PatientName study={i.study} />
      </a>
    ),
  },
  { id: 'id', head: 'col.id', sort: 'id', cell: (i) => i.study.patient.patientId },
  { id: 'sex', head: 'col.sexAge', sort: 'sexAge', cell: (i) => sexAge(i.study.patient) },
  {
    id: 'modality',
    head: 'col.modality',
    sort: 'modality',
    cell: (i) => (
      <>
        <strong>
          <Modalities study={i.study} />
        </strong>
        <span class="sub">{i.study.bodyPart}</span>
      </>
    ),
  },
  {
    id: 'description',
    head: 'col.description',
    sort: 'description',
    title: (i) => i.study.description,
    cell: (i) => (
      <>
        {i.kind === 'addendum' ? <KindChip kind="addendum" /> : null} {i.purpose && i.purpose !== 'correction' && i.purpose !== 'retraction' ? <Chip tone="strong">{t(`list.purpose.${i.purpose}`)}</Chip> : null} {i.study.description || '–'}
      </>
    ),
  },
  {
    id: 'study',
    head: 'col.study',
    sort: 'study',
    cell: (i) => (
      <>
        {formatDate(i.study.studyDate)}
        <span class="sub">{i.study.studyTime ? formatTime(i.study.studyTime) : ''}</span>
      </>
    ),
  },
  {
    id: 'images',
    head: 'col.images',
    sort: 'images',
    right: true,
    cell: (i) => (
      <>
        {i.study.declared > i.study.instances ? t('images.of', { n: i.study.instances, of: i.study.declared }) : num(i.study.instances)}
        {i.study.reopened > 0 ? <span class="sub warn-text">{t('images.late')}</span> : null}
        {i.priors ? (
          <span class={i.priors === 'failed' ? 'sub warn-text' : 'sub'} data-row-priors={i.priors}>
            {t(`list.priors.${i.priors}`)}
          </span>
        ) : null}
      </>
    ),
  },
  { id: 'hospital', head: 'col.hospital', sort: 'hospital', cell: (i) => named(i.study.facility) },
  { id: 'request', head: 'col.request', title: (i) => i.study.requestText, cell: (i) => <span class="excerpt">{i.study.requestText}</span> },
];

/** Every column there is, in the order in which they stand: those that few choose are fetched later (more.tsx). */
export const columns = signal(first);

/** Those shown until somebody chooses. */
export const usual = first.map((c) => c.id);

/** The columns of a list in the order that was chosen; a row without its patient would be nobody's. */
export function arranged(ids: string[]): Column[] {
  return (ids.includes('patient') ? ids : ['patient', ...ids]).flatMap((id) => columns.value.find((c) => c.id === id) ?? []);
}
