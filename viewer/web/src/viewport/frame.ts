// A decoded frame as the server sends it: stored values before the modality
// LUT for grey, RGB for colour.

import type { Presentation } from './presentation';

/** What the words of a frame stand for. */
export interface Words {
  bits: 8 | 16;
  /** A word is the two's complement of a stored value. */
  signed: boolean;
  /** Of samples of 32 bits: words count in steps from the least value. */
  deep: { values: Int32Array | Uint32Array; base: number; step: number } | null;
}

export interface Frame extends Words {
  rows: number;
  columns: number;
  samples: 1 | 3;
  /** Row by row. */
  pixels: Uint8Array | Uint16Array;
  presentation: Presentation;
  bytes: number;
}

export class FrameError extends Error {}

/** Reads the answer of /frames/{n}. The headers say what the bytes are, and must agree with their number. */
export function parseFrame(body: ArrayBuffer, headers: Headers, presentation: Presentation): Frame {
  const rows = dimension(headers, 'X-Dokuei-Rows');
  const columns = dimension(headers, 'X-Dokuei-Columns');
  const samples = headers.get('X-Dokuei-Samples') === '3' ? 3 : 1;
  const cell = samples === 3 ? 1 : Math.ceil(Number(headers.get('X-Dokuei-Bits')) / 8) || 1;
  const signed = /^(1|true)$/i.test(headers.get('X-Dokuei-Signed') ?? '');
  return assemble(body, { rows, columns, samples, cell, signed }, presentation);
}

/** What the samples of a frame are. */
export interface Layout {
  rows: number;
  columns: number;
  samples: 1 | 3;
  /** Bytes of a sample. */
  cell: number;
  signed: boolean;
}

/** A frame of samples, little endian, interleaved. Their number must be right. */
export function assemble(body: ArrayBuffer, { rows, columns, samples, cell, signed }: Layout, presentation: Presentation): Frame {
  const n = rows * columns * samples;
  if (cell !== 1 && cell !== 2 && cell !== 4) throw new FrameError(`cells of ${cell} bytes`);
  if (body.byteLength < n * cell) throw new FrameError(`frame of ${body.byteLength} bytes, ${n * cell} wanted`);
  const frame = { rows, columns, samples, presentation } as const;
  if (cell === 4) return { ...frame, ...narrow(signed ? new Int32Array(body, 0, n) : new Uint32Array(body, 0, n), presentation.padding) };
  const pixels = cell === 2 ? new Uint16Array(body, 0, n) : new Uint8Array(body, 0, n);
  return { ...frame, bits: cell === 2 ? 16 : 8, signed, deep: null, pixels, bytes: body.byteLength };
}

// narrow spreads words of 16 bits over the values that 32 bits really hold, as
// the server does for its previews: no screen shows more greys. The values stay
// for the one under the pointer.
function narrow(values: Int32Array | Uint32Array, padding: [number, number] | null): Omit<Frame, 'rows' | 'columns' | 'samples' | 'presentation'> {
  const [from, to] = padding ?? [1, 0];
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v >= from && v <= to) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low > high) low = high = 0;
  const step = Math.floor((high - low) / 65_536) + 1;
  const pixels = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) pixels[i] = Math.max(0, Math.min(65_535, Math.trunc((values[i]! - low) / step)));
  return { bits: 16, signed: false, deep: { values, base: low, step }, pixels, bytes: values.byteLength + pixels.byteLength };
}

/** The stored value of a word. */
export function storedOf(w: Words, word: number): number {
  if (w.deep) return w.deep.base + word * w.deep.step;
  const half = 1 << (w.bits - 1);
  return w.signed && word >= half ? word - 2 * half : word;
}

function dimension(headers: Headers, name: string): number {
  const n = Number(headers.get(name));
  if (!Number.isInteger(n) || n < 1 || n > 65_535) throw new FrameError(`${name} is ${n}`);
  return n;
}

/** The stored value of a grey frame at a pixel. */
export function storedValue(f: Frame, column: number, row: number): number | null {
  if (f.samples !== 1 || column < 0 || row < 0 || column >= f.columns || row >= f.rows) return null;
  const at = row * f.columns + column;
  return f.deep ? f.deep.values[at]! : storedOf(f, f.pixels[at]!);
}

export function colourAt(f: Frame, column: number, row: number): [number, number, number] | null {
  if (f.samples !== 3 || column < 0 || row < 0 || column >= f.columns || row >= f.rows) return null;
  const i = (row * f.columns + column) * 3;
  return [f.pixels[i]!, f.pixels[i + 1]!, f.pixels[i + 2]!];
}

/** Paints a grey frame through its table into RGBA words (little-endian, as every browser's machine is). */
export function paintGrey(f: Frame, lut: Uint8ClampedArray, out: Uint32Array) {
  const words = new Uint32Array(lut.length);
  for (let i = 0; i < lut.length; i++) words[i] = 0xff000000 | (lut[i]! * 0x010101);
  const { pixels } = f;
  const n = f.rows * f.columns;
  for (let i = 0; i < n; i++) out[i] = words[pixels[i]!]!;
}

export function paintColour(f: Frame, invert: boolean, out: Uint32Array) {
  const { pixels } = f;
  const n = f.rows * f.columns;
  const flip = invert ? 0x00ffffff : 0;
  for (let i = 0, j = 0; i < n; i++, j += 3) {
    out[i] = (0xff000000 | (pixels[j + 2]! << 16) | (pixels[j + 1]! << 8) | pixels[j]!) ^ flip;
  }
}
