// A decoded frame as the server sends it: stored values before the modality
// LUT for grey, RGB for colour.

export interface Frame {
  rows: number;
  columns: number;
  samples: 1 | 3;
  bits: 8 | 16;
  signed: boolean;
  /** Stored words, row by row; signed samples as their two's complement. */
  pixels: Uint8Array | Uint16Array;
  bytes: number;
}

export class FrameError extends Error {}

/** Reads the answer of /frames/{n}. The headers say what the bytes are, and must agree with their number. */
export function parseFrame(body: ArrayBuffer, headers: Headers): Frame {
  const rows = dimension(headers, 'X-Dokuei-Rows');
  const columns = dimension(headers, 'X-Dokuei-Columns');
  const samples = headers.get('X-Dokuei-Samples') === '3' ? 3 : 1;
  const bits = samples === 1 && Number(headers.get('X-Dokuei-Bits')) > 8 ? 16 : 8;
  const signed = /^(1|true)$/i.test(headers.get('X-Dokuei-Signed') ?? '');
  const want = rows * columns * samples * (bits / 8);
  if (body.byteLength < want) throw new FrameError(`frame of ${body.byteLength} bytes, ${want} wanted`);
  const pixels = bits === 16 ? new Uint16Array(body, 0, want / 2) : new Uint8Array(body, 0, want);
  return { rows, columns, samples, bits, signed, pixels, bytes: body.byteLength };
}

function dimension(headers: Headers, name: string): number {
  const n = Number(headers.get(name));
  if (!Number.isInteger(n) || n < 1 || n > 65_535) throw new FrameError(`${name} is ${n}`);
  return n;
}

/** The stored value of a grey frame at a pixel. */
export function storedValue(f: Frame, column: number, row: number): number | null {
  if (f.samples !== 1 || column < 0 || row < 0 || column >= f.columns || row >= f.rows) return null;
  const word = f.pixels[row * f.columns + column]!;
  const half = 1 << (f.bits - 1);
  return f.signed && word >= half ? word - 2 * half : word;
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
