// Mask subtraction of a presentation state (PS3.3 C.7.6.10, C.11.13): the average of some
// frames is taken from a frame, after the modality LUT and before the window.

import { storedOf, type Frame } from '../frame';
import { valueOf, type Presentation } from '../presentation';
import { look, readTable } from '../table';
import type { State } from './state';

export interface Averaged {
  rows: number;
  columns: number;
  values: Float32Array;
}

/** Whether the state takes its mask from a frame. */
export function masks(s: State, frame: number): boolean {
  return !!s.mask && (!s.mask.ranges?.length || s.mask.ranges.some(([first, last]) => frame >= first && frame <= last));
}

/** From a word to the value of the state's modality LUT. */
function valuesOf(s: State, f: Frame): Float32Array {
  const table = s.values && readTable(s.values);
  const line = s.modality ?? { slope: 1, intercept: 0 };
  const p = f.presentation;
  const of = (v: number) => (table ? look(table, v) : p.values ? valueOf(p, v) : v * line.slope + line.intercept);
  return Float32Array.from({ length: 1 << f.bits }, (_, word) => of(storedOf(f, word)));
}

/** The mask as it is taken away; null when the frames are not of one size, or of colours. */
export function average(s: State, frames: Frame[]): Averaged | null {
  const [{ rows, columns }] = frames as [Frame];
  if (frames.some((f) => f.samples !== 1 || f.rows !== rows || f.columns !== columns)) return null;
  const sum = new Float32Array(rows * columns);
  for (const f of frames) {
    const values = valuesOf(s, f);
    for (let i = 0; i < sum.length; i++) sum[i]! += values[f.pixels[i]!]! / frames.length;
  }
  return { rows, columns, values: s.mask?.shift ? moved(sum, rows, columns, s.mask.shift) : sum };
}

// The mask moved down and to the right, by parts of a pixel too (C.7.6.10.1.2): what comes
// to lie between two pixels is shared by them, at the edges the last one goes on.
function moved(values: Float32Array, rows: number, columns: number, [down, right]: [number, number]): Float32Array {
  const out = new Float32Array(values.length);
  const split = (at: number, most: number): [number, number, number] => {
    const low = Math.floor(at);
    const within = (k: number) => Math.max(0, Math.min(most - 1, k));
    return [within(low), within(low + 1), at - low];
  };
  for (let r = 0; r < rows; r++) {
    const [above, below, v] = split(r - down, rows);
    for (let c = 0; c < columns; c++) {
      const [before, after, h] = split(c - right, columns);
      const line = (row: number) => values[row * columns + before]! * (1 - h) + values[row * columns + after]! * h;
      out[r * columns + c] = line(above) * (1 - v) + line(below) * v;
    }
  }
  return out;
}

/** How differences are shown: they are values already, and nothing of them is padding. */
export function differing(p: Presentation): Presentation {
  return { ...p, slope: 1, intercept: 0, values: null, padding: null, key: `${p.key} mask` };
}

/** A frame without its mask; null when the two do not fit. */
export function subtract(s: State, f: Frame, mask: Averaged): Frame | null {
  if (f.samples !== 1 || f.rows !== mask.rows || f.columns !== mask.columns) return null;
  const values = valuesOf(s, f);
  const out = new Int16Array(mask.values.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.max(-32_768, Math.min(32_767, Math.round(values[f.pixels[i]!]! - mask.values[i]!)));
  return { rows: f.rows, columns: f.columns, samples: 1, bits: 16, signed: true, deep: null, pixels: new Uint16Array(out.buffer), presentation: differing(f.presentation), bytes: out.byteLength };
}
