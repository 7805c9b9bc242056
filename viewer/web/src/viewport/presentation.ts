// How the samples of a frame become grey (PS3.3 C.11): stored value, by a line or
// a table, to a value of the modality; by a window or a table to brightness.

import type { Instance, RawPresentation, Window } from '../api/types';
import { look, readTable, type Table } from './table';
import { voi, type VOI } from './window';

export interface Presentation {
  slope: number;
  intercept: number;
  /** Takes precedence over the line. */
  values: Table | null;
  /** Of the values: HU, OD; US is "unspecified". */
  type: string;
  /** Windows of the file, then its tables, as a reader chooses among them. */
  looks: VOI[];
  invert: boolean;
  /** First and last stored value that is no image. */
  padding: [number, number] | null;
  position: number[] | null;
  orientation: number[] | null;
  pixelSpacing: number[] | null;
  /** Same key, same way from sample to value. */
  key: string;
}

/** What the summary of an instance says: all there is, unless it is elaborate. */
export function presentationOf(i: Instance): Presentation {
  const last = i.paddingLimit ?? i.paddingValue;
  return finish({
    slope: i.slope ?? 1,
    intercept: i.intercept ?? 0,
    values: null,
    type: i.rescaleType ?? '',
    looks: windows(i.windows),
    invert: i.invert,
    padding: i.paddingValue === null || last === null ? null : [Math.min(i.paddingValue, last), Math.max(i.paddingValue, last)],
    position: i.position,
    orientation: i.orientation,
    pixelSpacing: i.pixelSpacing,
  });
}

/** What the server says of one frame. */
export function readPresentation(p: RawPresentation): Presentation {
  return finish({ ...p, values: p.values && readTable(p.values), looks: [...windows(p.windows), ...(p.tables ?? []).map((x) => spanning(readTable(x)))] });
}

let tables = 0;

function finish(p: Omit<Presentation, 'key'>): Presentation {
  const slope = Number.isFinite(p.slope) && p.slope !== 0 ? p.slope : 1;
  const intercept = Number.isFinite(p.intercept) ? p.intercept : 0;
  return { ...p, slope, intercept, key: [slope, intercept, p.invert, p.padding, p.values ? ++tables : ''].join(' ') };
}

// Widths that their function does not allow are no windows (C.11.2.1.2).
function windows(list: Window[] | null): VOI[] {
  return (list ?? [])
    .map((w) => ({ ...voi(w.center, w.width, w.function), given: w.width, explanation: w.explanation ?? '' }))
    .filter((w) => Number.isFinite(w.center) && w.width === w.given)
    .map(({ given: _, ...w }) => w);
}

// A table covers values as a window does: a drag goes on from there.
function spanning(t: Table): VOI {
  return { ...voi(t.first + t.data.length / 2, t.data.length), table: t, explanation: t.explanation };
}

/** The value of the modality for a stored one. */
export function valueOf(p: Presentation, stored: number): number {
  return p.values ? look(p.values, stored) : stored * p.slope + p.intercept;
}
