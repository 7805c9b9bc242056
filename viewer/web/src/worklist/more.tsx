import { ago, named } from '../i18n';
import { now } from '../ui/now';
import { OnsetChip } from '../ui/onsetchip';
import { columns, type Column } from './columns';

// Columns that few choose.
const more: Column[] = [
  { id: 'referrer', head: 'col.referrer', cell: (i) => i.study.referrer || '–' },
  { id: 'accession', head: 'col.accession', cell: (i) => i.study.accession || '–' },
  { id: 'panel', head: 'col.panel', sort: 'panel', cell: (i) => named(i.panel) },
  { id: 'reader', head: 'col.reader', sort: 'reader', cell: (i) => (i.claimedBy ? named(i.claimedBy) : <span class="muted">–</span>) },
  { id: 'age', head: 'col.age', sort: 'age', cell: (i) => ago(i.createdAt, now.value) },
];

// How long a stroke lasts stands beside how long it may wait.
const withOnset = (c: Column): Column => ({
  ...c,
  cell: (i) => (
    <>
      {c.cell(i)}
      <OnsetChip onset={i.onset} />
    </>
  ),
});

columns.value = [...columns.value.map((c) => (c.id === 'left' ? withOnset(c) : c)), ...more];
