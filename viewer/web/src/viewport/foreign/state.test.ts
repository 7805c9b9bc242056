import { describe, expect, it } from 'vitest';
import { layout, toScreen } from '../geometry';
import type { Presentation } from '../presentation';
import { brightness } from '../window';
import { areaOf, covers, storedRange, viewOf, windowOf, type State } from './state';

const state = (part: Partial<State>): State => ({ id: 'x', instance: '', label: '', images: [{ instance: '1' }], inverse: false, turns: 0, flip: false, shutterGrey: 0, ...part });
const ct = { slope: 1, intercept: -1024, values: null, invert: false, key: '' } as unknown as Presentation;
const stored = storedRange(12, false);
const hu = { slope: 1, intercept: -1024 };
const window = (s: State, p = ct) => windowOf(s, p, stored, '1', 1);

describe('the frames a state is of', () => {
  it('are those it names, or all of what it is of', () => {
    expect(covers(undefined, '1', 3)).toBe(true);
    expect(covers([{ instance: '1' }], '1', 3)).toBe(true);
    expect(covers([{ instance: '1', frames: [2] }], '1', 3)).toBe(false);
    expect(covers([{ instance: '2' }], '1', 3)).toBe(false);
  });
});

describe('the window of a state', () => {
  it('is its own where both rescale alike', () => {
    expect(window(state({ modality: hu, vois: [{ window: { center: 40, width: 80 } }] }))).toEqual({ center: 40, width: 80, function: 'LINEAR' });
  });
  it('of stored values is the same picture', () => {
    const w = window(state({ vois: [{ window: { center: 1064, width: 80 } }] }));
    expect([w.center, w.width]).toEqual([40, 80]);
  });
  it('of values rescaled otherwise is the same picture', () => {
    const w = window(state({ modality: { slope: 2, intercept: 10 }, vois: [{ window: { center: 2 * 1064 + 10, width: 160 } }] }));
    const own = window(state({ modality: hu, vois: [{ window: { center: 40, width: 80 } }] }));
    for (const v of [-200, 0, 5, 39, 40, 41, 79, 80, 300]) expect(Math.abs(brightness(v, w) - brightness(v, own))).toBeLessThanOrEqual(2);
  });
  it('without one shows every value there can be', () => {
    const w = window(state({ modality: hu }));
    expect([brightness(-1024, w), brightness(3071, w)]).toEqual([0, 255]);
  });
  it('goes through a presentation LUT', () => {
    const w = window(state({ modality: hu, vois: [{ window: { center: 50.5, width: 101, function: 'LINEAR' } }], grey: { first: 0, bits: 8, data: [255, 0] } }));
    expect([brightness(-50, w), brightness(150, w)]).toEqual([255, 0]);
  });
});

describe('the view of a state', () => {
  const pane = { width: 400, height: 300, columns: 100, rows: 80, aspect: 1, ratio: 1 };
  const inPane = (s: State, at: [number, number]) => {
    const v = viewOf(s, ct, pane, '1', 1);
    return toScreen(v, layout(v, 100, 80, 1, 400, 300), 100, 80, at[0], at[1]).map(Math.round);
  };
  const areas = [{ topLeft: [11, 21] as [number, number], bottomRight: [50, 50] as [number, number], mode: 'SCALE TO FIT' }];
  it('fills the pane with the displayed area', () => {
    expect(inPane(state({ areas }), [10, 20])).toEqual([0, 0]);
    expect(inPane(state({ areas }), [50, 50])).toEqual([400, 300]);
  });
  it('turns first and flips then', () => {
    // A quarter turn clockwise takes the left edge to the top; the flip that follows keeps it there.
    const s = state({ turns: 1, flip: true });
    expect(inPane(s, [0, 40])[1]!).toBeLessThan(inPane(s, [100, 40])[1]!);
    // Turned, the upper edge is on the right; flipped, on the left.
    expect(inPane(s, [50, 0])[0]!).toBeLessThan(inPane(s, [50, 80])[0]!);
  });
  it('inverts by its own word, whatever the image says', () => {
    const inverted = { ...ct, invert: true } as Presentation;
    expect(viewOf(state({}), inverted, pane, '1', 1).invert).toBe(true);
    expect(viewOf(state({ inverse: true }), inverted, pane, '1', 1).invert).toBe(false);
  });
  it('magnifies by pixels of the screen', () => {
    const v = viewOf(state({ areas: [{ ...areas[0]!, mode: 'MAGNIFY', magnification: 2 }] }), ct, { ...pane, ratio: 2 }, '1', 1);
    expect(layout(v, 100, 80, 1, 400, 300).scaleX).toBeCloseTo(1);
  });
  it('of all of the image has no area', () => expect(areaOf(state({}), '1', 1, 100, 80)).toEqual({ area: undefined, from: [0, 0], to: [100, 80] }));
});
