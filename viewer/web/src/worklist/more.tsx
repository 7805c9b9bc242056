import type { ComponentChildren } from 'preact';
import type { Workitem } from '../api/types';
import { formatPerson } from '../format/dicom';
import { ago, lang, named } from '../i18n';
import { now } from '../ui/now';
import { OnsetChip } from '../ui/onsetchip';
import { columns, type Column } from './columns';
import { Offer } from './offer';

// Columns that few choose.
const more: Column[] = [
  { id: 'referrer', head: 'col.referrer', cell: (i) => formatPerson(i.study.referrer ?? '', lang.value) || '–' },
  { id: 'accession', head: 'col.accession', cell: (i) => i.study.accession || '–' },
  { id: 'panel', head: 'col.panel', sort: 'panel', cell: (i) => named(i.panel) },
  { id: 'reader', head: 'col.reader', sort: 'reader', cell: (i) => (i.claimedBy ? named(i.claimedBy) : <span class="muted">–</span>) },
  { id: 'age', head: 'col.age', sort: 'age', cell: (i) => ago(i.createdAt, now.value) },
];

// How long a stroke lasts stands beside how long it may wait, whose it is beside that it waits.
const beside: Record<string, (i: Workitem) => ComponentChildren> = {
  left: (i) => <OnsetChip onset={i.onset} />,
  status: (i) => <Offer item={i} />,
};

const extended = (c: Column): Column => ({
  ...c,
  cell: (i) => (
    <>
      {c.cell(i)}
      {beside[c.id]?.(i)}
    </>
  ),
});

columns.value = [...columns.value.map(extended), ...more];
