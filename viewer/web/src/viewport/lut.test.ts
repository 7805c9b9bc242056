import { describe, expect, it } from 'vitest';
import { autoWindow } from './auto';
import { paintColour, paintGrey, parseFrame, storedValue, type Frame } from './frame';
import { buildLUT } from './lut';
import { brightness, voi } from './window';

const brain = voi(40, 80);

describe('buildLUT', () => {
  it('equals the arithmetic for every 16-bit word, signed and not', () => {
    for (const signed of [false, true]) {
      const lut = buildLUT({ bits: 16, signed, slope: 1, intercept: -1024, window: brain, invert: false, padding: null });
      for (let word = 0; word < 65_536; word += 7) {
        const stored = signed ? (word << 16) >> 16 : word;
        expect(lut[word]).toBe(brightness(stored - 1024, brain));
      }
    }
  });
  it('inverts for MONOCHROME1', () => {
    const p = { bits: 8, signed: false, slope: 1, intercept: 0, window: voi(128, 256), padding: null } as const;
    const a = buildLUT({ ...p, invert: false });
    const b = buildLUT({ ...p, invert: true });
    for (let i = 0; i < 256; i++) expect(a[i]! + b[i]!).toBe(255);
  });
  it.each([
    [true, -2000],
    [false, 63_536],
  ])('keeps padding dark, inverted or not (signed %s)', (signed, padding) => {
    for (const invert of [false, true]) {
      const lut = buildLUT({ bits: 16, signed, slope: 1, intercept: 0, window: brain, invert, padding });
      expect(lut[padding & 0xffff]).toBe(0);
    }
  });
  it('does not mind padding outside of the words', () => {
    const lut = buildLUT({ bits: 8, signed: false, slope: 1, intercept: 0, window: brain, invert: true, padding: 4096 });
    expect(lut[0]).toBe(255);
  });
});

function frame(words: number[], over: Partial<Frame> = {}): Frame {
  return { rows: 1, columns: words.length, samples: 1, bits: 16, signed: false, pixels: Uint16Array.from(words), bytes: words.length * 2, ...over };
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
    const f: Frame = { rows: 1, columns: 1, samples: 3, bits: 8, signed: false, pixels: Uint8Array.of(1, 2, 3), bytes: 3 };
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
    const f = parseFrame(Int16Array.of(-1000, 3071).buffer, headers({}));
    expect([storedValue(f, 0, 0), storedValue(f, 1, 0), storedValue(f, 2, 0)]).toEqual([-1000, 3071, null]);
  });
  it.each([
    [{ 'X-Dokuei-Rows': '0' }],
    [{ 'X-Dokuei-Rows': '-1' }],
    [{ 'X-Dokuei-Columns': '99999999' }],
    [{ 'X-Dokuei-Columns': '3' }],
    [{ 'X-Dokuei-Samples': '3', 'X-Dokuei-Bits': '8' }],
  ])('refuses bytes that are not what the headers say: %o', (h) => {
    expect(() => parseFrame(new ArrayBuffer(4), headers(h as Record<string, string>))).toThrow();
  });
});

describe('autoWindow', () => {
  const ramp = Array.from({ length: 1001 }, (_, i) => i);
  // Of 1001 values the 11th and the 991st are the 1st and the 99th hundredth.
  it('covers the values', () => expect(autoWindow(frame(ramp), 1, 0, null)).toMatchObject({ center: 500.5, width: 981 }));
  it('in the units of the modality', () => expect(autoWindow(frame(ramp), 2, -1000, null)).toMatchObject({ center: 0.5, width: 1961 }));
  it('leaves the air around the patient out', () => {
    const air = Array<number>(4000).fill(0);
    expect(autoWindow(frame([...air, ...ramp.slice(1).map((v) => v + 1000)]), 1, 0, null)).toMatchObject({ center: 1500.5, width: 981 });
  });
  it('shows a mask on its background', () => expect(autoWindow(frame([0, 0, 0, 0, 1]), 1, 0, null)).toMatchObject({ center: 1, width: 2 }));
  it('leaves padding out', () => {
    const f = frame([...ramp, ...Array<number>(5000).fill(60_000)]);
    expect(autoWindow(f, 1, 0, 60_000).width).toBe(981);
  });
  it('orders signed values', () => {
    const f = frame([-5, -4, 5].map((v) => v & 0xffff), { signed: true });
    expect(autoWindow(f, 1, 0, null)).toMatchObject({ center: 1, width: 10 });
  });
  it('does not fail on nothing', () => expect(autoWindow(frame([7, 7]), 1, 0, 7).width).toBeGreaterThan(0));
});
