import type { LUTable } from '../api/types';

/** A Modality or VOI LUT (PS3.3 C.11.1.1). */
export interface Table {
  /** The value of the first entry. */
  first: number;
  /** The largest value an entry may take. */
  top: number;
  data: Uint16Array;
  explanation: string;
}

export function readTable(t: LUTable): Table {
  return { first: t.first, top: 2 ** t.bits - 1, data: Uint16Array.from(t.data), explanation: t.explanation ?? '' };
}

/** Values outside of a table take its first or last entry (C.11.1.1.1). */
export function look(t: Table, v: number): number {
  return t.data[Math.max(0, Math.min(t.data.length - 1, v - t.first))]!;
}
