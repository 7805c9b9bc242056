import { describe, expect, it } from 'vitest';
import type { Frame } from '../frame';
import type { Presentation } from '../presentation';
import { average, masks, subtract } from './mask';
import type { State } from './state';

const p = { slope: 1, intercept: 0, values: null, padding: [0, 0], looks: [], invert: false, key: 'k' } as unknown as Presentation;
const frame = (rows: number, columns: number, pixels: number[]): Frame => ({ rows, columns, samples: 1, bits: 16, signed: false, deep: null, pixels: Uint16Array.from(pixels), presentation: p, bytes: 0 });
const state = (mask: Partial<NonNullable<State['mask']>>, more: Partial<State> = {}) => ({ images: [{ instance: '1' }], mask: { frames: [1], ...mask }, ...more }) as unknown as State;
const difference = (s: State, f: Frame, ...of: Frame[]) => {
  const d = subtract(s, f, average(s, of)!)!;
  return [...new Int16Array(d.pixels.buffer)];
};

describe('a mask', () => {
  const contrast = frame(2, 3, [10, 20, 30, 40, 50, 60]);
  it('is the average of its frames, after the modality LUT of the state', () => {
    const of = [frame(2, 3, [10, 10, 10, 10, 10, 10]), frame(2, 3, [20, 20, 20, 20, 20, 100])];
    expect(difference(state({ frames: [1, 2] }), contrast, ...of)).toEqual([-5, 5, 15, 25, 35, 5]);
    expect(difference(state({ frames: [1, 2] }, { modality: { slope: 2, intercept: 7 } }), contrast, ...of)).toEqual([-10, 10, 30, 50, 70, 10]);
  });
  it('is moved down and to the right before it is taken away, by parts of pixels too', () => {
    const zero = frame(2, 3, [0, 0, 0, 0, 0, 0]);
    const of = frame(2, 3, [8, 16, 32, 64, 128, 256]);
    const taken = (shift: [number, number]) => difference(state({ shift }), zero, of).map((v) => -v);
    expect(taken([1, 0])).toEqual([8, 16, 32, 8, 16, 32]);
    expect(taken([0, 1])).toEqual([8, 8, 16, 64, 64, 128]);
    expect(taken([-1, -1])).toEqual([128, 256, 256, 128, 256, 256]);
    expect(taken([0, 0.25])).toEqual([8, 14, 28, 64, 112, 224]);
    expect(taken([0.5, -0.5])).toEqual([12, 24, 32, 54, 108, 144]);
  });
  it('is taken from the frames of its ranges, and from those alone', () => {
    const s = state({ ranges: [[3, 5], [8, 8]] });
    expect([2, 3, 5, 6, 8, 9].map((n) => masks(s, n))).toEqual([false, true, true, false, true, false]);
    expect([masks(state({}), 1), masks({ ...s, mask: undefined }, 3)]).toEqual([true, false]);
  });
  it('of another size, or of a picture in colours, is none', () => {
    expect(average(state({}), [frame(1, 1, [1]), contrast])).toBeNull();
    expect(average(state({}), [{ ...frame(1, 1, [1]), samples: 3 }])).toBeNull();
    expect(subtract(state({}), contrast, average(state({}), [frame(1, 1, [1])])!)).toBeNull();
  });
  it('leaves no padding, and differences that are what they are', () => {
    const d = subtract(state({}), contrast, average(state({}), [contrast])!)!;
    expect([d.signed, d.presentation.padding, d.presentation.slope, d.presentation.key]).toEqual([true, null, 1, 'k mask']);
  });
});
