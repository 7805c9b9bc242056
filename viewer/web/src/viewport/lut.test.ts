import { describe, expect, it } from 'vitest';
import type { Instance, RawPresentation } from '../api/types';
import { autoWindow } from './auto';
import { paintColour, paintGrey, parseFrame, storedValue, type Frame } from './frame';
import { buildLUT } from './lut';
import { presentationOf, readPresentation, type Presentation } from './presentation';
import { brightness, voi } from './window';

const brain = voi(40, 80);

const plain: Instance = { slope: 1, intercept: 0, windows: null, invert: false, paddingValue: null, paddingLimit: null, position: null, orientation: null, pixelSpacing: null } as Partial<Instance> as Instance;
const of = (over: Partial<Instance>) => presentationOf({ ...plain, ...over });
const raw: RawPresentation = { differ: false, slope: 1, intercept: 0, type: '', values: null, windows: [], tables: [], invert: false, padding: null, position: null, orientation: null, pixelSpacing: null };
const words = (bits: 8 | 16, signed = false) => ({ bits, signed, deep: null });

describe('buildLUT', () => {
  it('equals the arithmetic for every 16-bit word, signed and not', () => {
    for (const signed of [false, true]) {
      const lut = buildLUT({ words: words(16, signed), presentation: of({ intercept: -1024 }), window: brain, invert: false });
      for (let word = 0; word < 65_536; word += 7) {
        const stored = signed ? (word << 16) >> 16 : word;
        expect(lut[word]).toBe(brightness(stored - 1024, brain));
      }
    }
  });
  it('inverts once for what the file says, and back for the reader', () => {
    const lut = (file: boolean, reader: boolean) => buildLUT({ words: words(8), presentation: of({ invert: file }), window: voi(128, 256), invert: reader });
    for (let i = 0; i < 256; i++) {
      expect(lut(false, false)[i]! + lut(true, false)[i]!).toBe(255);
      expect(lut(true, true)[i]).toBe(lut(false, false)[i]);
    }
  });
  it.each([
    [true, -2000],
    [false, 63_536],
  ])('keeps padding dark, inverted or not (signed %s)', (signed, paddingValue) => {
    for (const invert of [false, true]) {
      const lut = buildLUT({ words: words(16, signed), presentation: of({ paddingValue }), window: brain, invert });
      expect(lut[paddingValue & 0xffff]).toBe(0);
    }
  });
  it('knows a range of padding, whichever end is named first', () => {
    for (const [paddingValue, paddingLimit] of [[-2000, -1990], [-1990, -2000]] as const) {
      const lut = buildLUT({ words: words(16, true), presentation: of({ paddingValue, paddingLimit }), window: brain, invert: true });
      expect([-2001, -2000, -1995, -1990, -1989].map((v) => lut[v & 0xffff])).toEqual([255, 0, 0, 0, 255]);
    }
  });
  it('does not mind padding outside of the words', () => {
    const lut = buildLUT({ words: words(8), presentation: of({ paddingValue: 4096 }), window: brain, invert: true });
    expect(lut[0]).toBe(255);
  });
});

// A digitised film: 12 bit samples, a table to optical density, a table to grey.
describe('tables', () => {
  const film = readPresentation({
    ...raw,
    type: 'OD',
    values: { first: 1000, bits: 12, data: [0, 100, 4000] },
    tables: [{ first: 99, bits: 10, data: [0, 511, 1023], explanation: 'NORMAL' }],
    windows: [{ center: 2000, width: 4000 }],
  });
  it('come after the windows', () => expect(film.looks.map((w) => [w.center, w.width, w.explanation])).toEqual([[2000, 4000, ''], [100.5, 3, 'NORMAL']]));
  it('give the values, the ends for what is outside', () => {
    const lut = buildLUT({ words: words(16), presentation: film, window: voi(2000, 4001), invert: false });
    // (100-1999.5)/4000+0.5 = 0.025125 of 255 is 6.4
    expect([0, 1000, 1001, 1002, 65_535].map((w) => lut[w])).toEqual([0, 0, 6, 255, 255]);
  });
  it('give the greys', () => {
    const lut = buildLUT({ words: words(16), presentation: film, window: film.looks[1]!, invert: false });
    // 0 → 0; 100 → 511 of 1023 → 127.4; 4000 → 1023
    expect([1000, 1001, 1002].map((w) => lut[w])).toEqual([0, 127, 255]);
  });
  it('are looked up at the nearest value', () => {
    const p = readPresentation({ ...raw, slope: 0.5, tables: [{ first: 0, bits: 8, data: [0, 10, 20] }] });
    const lut = buildLUT({ words: words(8), presentation: p, window: p.looks[0]!, invert: false });
    expect([0, 1, 2, 3, 4, 255].map((w) => lut[w])).toEqual([0, 10, 10, 20, 20, 20]);
  });
});

describe('presentations', () => {
  it('have no windows that their function does not allow', () => {
    const windows = [{ center: 40, width: 0.5 }, { center: 1, width: 0.5, function: 'LINEAR_EXACT' }, { center: NaN, width: 5 }, { center: 3, width: 7 }];
    expect(of({ windows }).looks.map((w) => w.center)).toEqual([1, 3]);
  });
  it('take a slope of nothing for 1', () => expect(of({ slope: 0, intercept: null }).slope).toBe(1));
  it('are told apart by their tables', () => {
    const p = { ...raw, values: { first: 0, bits: 8, data: [1] } };
    expect(readPresentation(p).key).not.toBe(readPresentation(p).key);
    expect(of({}).key).toBe(of({}).key);
  });
});

function frame(list: number[], over: Partial<Frame> = {}): Frame {
  return { rows: 1, columns: list.length, samples: 1, bits: 16, signed: false, deep: null, pixels: Uint16Array.from(list), presentation: of({}), bytes: list.length * 2, ...over };
}

describe('painting', () => {
  it('looks grey up', () => {
    const f = frame([0, 1, 0xffff]);
    const lut = new Uint8ClampedArray(65_536);
    lut[1] = 128;
    lut[0xffff] = 255;
    const out = new Uint32Array(3);
    paintGrey(f, lut, out);
    expect([...out]).toEqual([0xff000000, 0xff808080, 0xffffffff]);
  });
  it('keeps the order of colours', () => {
    const f: Frame = { rows: 1, columns: 1, samples: 3, bits: 8, signed: false, deep: null, pixels: Uint8Array.of(1, 2, 3), presentation: of({}), bytes: 3 };
    const out = new Uint32Array(1);
    paintColour(f, false, out);
    expect(out[0]).toBe(0xff030201);
    paintColour(f, true, out);
    expect(out[0]).toBe(0xfffcfdfe);
  });
});

describe('parseFrame', () => {
  const headers = (h: Record<string, string>) =>
    new Headers({ 'X-Dokuei-Rows': '1', 'X-Dokuei-Columns': '2', 'X-Dokuei-Samples': '1', 'X-Dokuei-Bits': '16', 'X-Dokuei-Signed': 'true', ...h });
  it('reads signed words', () => {
    const f = parseFrame(Int16Array.of(-1000, 3071).buffer, headers({}), of({}));
    expect([storedValue(f, 0, 0), storedValue(f, 1, 0), storedValue(f, 2, 0)]).toEqual([-1000, 3071, null]);
  });
  it.each([
    [{ 'X-Dokuei-Rows': '0' }],
    [{ 'X-Dokuei-Rows': '-1' }],
    [{ 'X-Dokuei-Columns': '99999999' }],
    [{ 'X-Dokuei-Columns': '3' }],
    [{ 'X-Dokuei-Samples': '3', 'X-Dokuei-Bits': '8' }],
    [{ 'X-Dokuei-Bits': '32' }],
    [{ 'X-Dokuei-Bits': '64' }],
  ])('refuses bytes that are not what the headers say: %o', (h) => {
    expect(() => parseFrame(new ArrayBuffer(4), headers(h as Record<string, string>), of({}))).toThrow();
  });
});

describe('samples of 32 bits', () => {
  const header = (signed: boolean, columns: number) =>
    new Headers({ 'X-Dokuei-Rows': '1', 'X-Dokuei-Columns': String(columns), 'X-Dokuei-Samples': '1', 'X-Dokuei-Bits': '32', 'X-Dokuei-Signed': String(signed) });
  const read = (values: Int32Array | Uint32Array, p: Presentation = of({})) => parseFrame(values.buffer as ArrayBuffer, header(values instanceof Int32Array, values.length), p);
  it('stay what they are under the pointer', () => {
    const f = read(Int32Array.of(-2_000_000, 0, 2_000_001));
    expect([0, 1, 2].map((c) => storedValue(f, c, 0))).toEqual([-2_000_000, 0, 2_000_001]);
    const u = read(Uint32Array.of(0, 4_294_967_295));
    expect(storedValue(u, 1, 0)).toBe(4_294_967_295);
  });
  it('are drawn exactly where they fit into 16', () => {
    const f = read(Int32Array.of(-100_000, -99_960, -99_920), of({ intercept: 100_000 }));
    const lut = buildLUT({ words: f, presentation: f.presentation, window: brain, invert: false });
    expect([...f.pixels].map((w) => lut[w])).toEqual([0, 40, 80].map((v) => brightness(v, brain)));
  });
  it('are spread over 16 where they do not', () => {
    const f = read(Uint32Array.of(0, 2_000_058, 4_000_000));
    const w = voi(2_000_000, 4_000_000);
    const lut = buildLUT({ words: f, presentation: f.presentation, window: w, invert: false });
    expect([...f.pixels].map((x) => lut[x])).toEqual([0, 128, 255]);
    // The step is 4000000>>16 + 1 = 62: greys and ends are within it.
    const auto = autoWindow(f);
    expect(Math.abs(auto.center - 3_000_029.5)).toBeLessThan(62);
  });
  it('leave padding out of the spread', () => {
    const f = read(Int32Array.of(-2_147_483_648, 0, 80), of({ paddingValue: -2_147_483_648 }));
    expect(f.deep).toMatchObject({ base: 0, step: 1 });
    expect(autoWindow(f)).toMatchObject({ center: 40.5, width: 81 });
  });
});

describe('autoWindow', () => {
  const ramp = Array.from({ length: 1001 }, (_, i) => i);
  // Of 1001 values the 11th and the 991st are the 1st and the 99th hundredth.
  it('covers the values', () => expect(autoWindow(frame(ramp))).toMatchObject({ center: 500.5, width: 981 }));
  it('in the units of the modality', () => expect(autoWindow(frame(ramp, { presentation: of({ slope: 2, intercept: -1000 }) }))).toMatchObject({ center: 0.5, width: 1961 }));
  it('leaves the air around the patient out', () => {
    const air = Array<number>(4000).fill(0);
    expect(autoWindow(frame([...air, ...ramp.slice(1).map((v) => v + 1000)]))).toMatchObject({ center: 1500.5, width: 981 });
  });
  it('shows a mask on its background', () => expect(autoWindow(frame([0, 0, 0, 0, 1]))).toMatchObject({ center: 1, width: 2 }));
  it('leaves padding out', () => {
    const f = frame([...ramp, ...Array<number>(2500).fill(60_000), ...Array<number>(2500).fill(60_009)], { presentation: of({ paddingValue: 60_009, paddingLimit: 60_000 }) });
    expect(autoWindow(f).width).toBe(981);
  });
  it('orders signed values', () => {
    const f = frame([-5, -4, 5].map((v) => v & 0xffff), { signed: true });
    expect(autoWindow(f)).toMatchObject({ center: 1, width: 10 });
  });
  it('does not fail on nothing', () => expect(autoWindow(frame([7, 7], { presentation: of({ paddingValue: 7 }) })).width).toBeGreaterThan(0));
});
