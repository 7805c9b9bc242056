import type { Workitem } from '../api/types';
import { patientNames } from '../format/dicom';

export type Column = 'given' | 'left' | 'patient' | 'modality' | 'study' | 'images' | 'hospital';

export interface Order {
  column: Column;
  down: boolean;
}

/** As the server gave it: by priority and deadline. */
export const given: Order = { column: 'given', down: false };

export function nextOrder(now: Order, column: Column): Order {
  if (now.column !== column) return { column, down: false };
  return now.down ? given : { column, down: true };
}

export function sortItems(items: Workitem[], { column, down }: Order, locale: string): Workitem[] {
  if (column === 'given') return items;
  const collator = new Intl.Collator(locale, { numeric: true });
  const keyed = items.map((item) => ({ item, key: keyOf(item, column) }));
  keyed.sort((a, b) => (typeof a.key === 'number' && typeof b.key === 'number' ? a.key - b.key : collator.compare(String(a.key), String(b.key))));
  if (down) keyed.reverse();
  return keyed.map((k) => k.item);
}

function keyOf(item: Workitem, column: Column): string | number {
  const s = item.study;
  switch (column) {
    case 'left':
      return Date.parse(item.deadline) || Infinity;
    case 'patient':
      // In the order it is read: kanji have none of their own.
      return s.patient.phonetic || patientNames(s.patient).main;
    case 'modality':
      return (s.modalities ?? []).join('/');
    case 'study':
      return s.studyDate + s.studyTime;
    case 'images':
      return s.instances;
    case 'hospital':
      return s.facility.name;
    default:
      return 0;
  }
}
