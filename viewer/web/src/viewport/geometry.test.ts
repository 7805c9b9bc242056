import { describe, expect, it } from 'vitest';
import { directionLetters, edgeLetters, layout, pixelAspect, plainView, scaleBar, slicePosition, toImage } from './geometry';

const axial = [1, 0, 0, 0, 1, 0];
const sagittal = [0, 1, 0, 0, 0, -1];
const coronal = [1, 0, 0, 0, 0, -1];

describe('slicePosition', () => {
  it('rises towards the head for axial slices', () => expect(slicePosition([0, 0, 12.5], axial)).toBe(12.5));
  it('goes along the normal of a tilted gantry', () => {
    const a = (20 * Math.PI) / 180;
    const tilted = [1, 0, 0, 0, Math.cos(a), -Math.sin(a)];
    expect(slicePosition([0, 0, 10], tilted)).toBeCloseTo(10 * Math.cos(a));
  });
  it.each([[null], [[1, 0, 0]], [[0, 0, 0, 0, 0, 0]], [[1, 0, 0, 1, 0, 0]], [[NaN, 0, 0, 0, 1, 0]]])('is unknown for %o', (o) =>
    expect(slicePosition([0, 0, 1], o)).toBeNull(),
  );
});

describe('letters', () => {
  it.each([
    [[1, 0, 0], 'L'],
    [[-1, 0, 0], 'R'],
    [[0, 1, 0], 'P'],
    [[0, 0, -1], 'F'],
    [[0.7, 0.69, 0], 'LP'],
    [[0, 0.9, 0.34], 'PH'],
    [[0.1, 0, 1], 'H'],
    [[0, 0, 0], ''],
  ] as const)('%o is %s', (v, want) => expect(directionLetters([...v] as [number, number, number])).toBe(want));

  it('stand at the edges of an axial slice as a reader expects', () =>
    expect(edgeLetters(axial, plainView)).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' }));
  it('of a sagittal and a coronal slice too', () => {
    expect(edgeLetters(sagittal, plainView)).toEqual({ left: 'A', right: 'P', top: 'H', bottom: 'F' });
    expect(edgeLetters(coronal, plainView)).toEqual({ left: 'R', right: 'L', top: 'H', bottom: 'F' });
  });
  it('follow a flip', () => expect(edgeLetters(axial, { ...plainView, flipH: true })).toMatchObject({ left: 'L', right: 'R', top: 'A' }));
  it('follow a quarter turn clockwise', () =>
    // What was at the top is now at the right.
    expect(edgeLetters(axial, { ...plainView, turns: 1 })).toEqual({ left: 'P', right: 'A', top: 'R', bottom: 'L' }));
  it('are absent without an orientation', () => expect(edgeLetters(null, plainView)).toBeNull());
});

describe('layout', () => {
  it('fits the image', () => expect(layout(plainView, 512, 256, 1, 1024, 1024)).toMatchObject({ scaleX: 2, scaleY: 2, centerX: 512 }));
  it('fits a turned image', () => expect(layout({ ...plainView, turns: 1 }, 512, 256, 1, 1024, 1024).scaleX).toBe(2));
  it('keeps pixels that are not square in shape', () => {
    const l = layout(plainView, 100, 100, 2, 400, 400);
    expect([l.scaleX, l.scaleY]).toEqual([2, 4]);
  });
  it.each([
    [null, 1],
    [[0.5, 0.5], 1],
    [[1, 0.5], 2],
    [[0, 0], 1],
    [[1], 1],
  ])('aspect of %o', (s, want) => expect(pixelAspect(s)).toBe(want));
});

describe('toImage undoes every view', () => {
  for (const turns of [0, 1, 2, 3]) {
    for (const flipH of [false, true]) {
      for (const flipV of [false, true]) {
        it(`turned ${turns} flipped ${flipH} ${flipV}`, () => {
          const view = { ...plainView, turns, flipH, flipV, zoom: 1.7, panX: 31, panY: -12 };
          const [columns, rows] = [512, 300];
          const l = layout(view, columns, rows, 1.2, 900, 700);
          // Forward as the canvas draws: scale with flips, turn clockwise, move.
          const forward = (c: number, r: number) => {
            const x = (c - columns / 2) * l.scaleX * (flipH ? -1 : 1);
            const y = (r - rows / 2) * l.scaleY * (flipV ? -1 : 1);
            const a = (turns * Math.PI) / 2;
            return [l.centerX + x * Math.cos(a) - y * Math.sin(a), l.centerY + x * Math.sin(a) + y * Math.cos(a)] as const;
          };
          for (const [c, r] of [
            [0, 0],
            [10.5, 200],
            [511, 299],
          ] as const) {
            const [c2, r2] = toImage(view, l, columns, rows, ...forward(c, r));
            expect(c2).toBeCloseTo(c);
            expect(r2).toBeCloseTo(r);
          }
        });
      }
    }
  }
});

describe('scaleBar', () => {
  it('is a round length that fits', () => expect(scaleBar([0.5, 0.5], 1, 250)).toEqual({ mm: 100, pixels: 200 }));
  it('needs a spacing', () => expect(scaleBar(null, 1, 250)).toBeNull());
});
