import { describe, expect, it } from 'vitest';
import type { Plane } from '../space/plane';
import type { Slot } from '../stack';
import { placed, wordsOf } from './measured';
import { outline } from './path';

const slot = (z: number) => ({ frame: 1, instance: { sopInstanceUid: '1', frameOfReference: 'f', sliceThickness: 2, z } }) as unknown as Slot;
const viewer = {
  plane: (s: Slot): Plane => ({ origin: [0, 0, (s.instance as unknown as { z: number }).z], row: [1, 0, 0], column: [0, 1, 0], normal: [0, 0, 1], dx: 0.5, dy: 0.5, columns: 64, rows: 64 }),
};

describe('a region of another maker', () => {
  it('lies on the frames it names', () => {
    const r = { type: 'POINT', points: [[3, 4]], instance: '1', frames: [2] };
    expect(placed(r, viewer, slot(0))).toEqual([]);
    expect(placed({ ...r, frames: [1, 2] }, viewer, slot(0))).toEqual([{ type: 'POINT', points: [[3, 4]] }]);
    expect(placed({ ...r, frames: undefined } as never, viewer, slot(0))).toEqual([{ type: 'POINT', points: [[3, 4]] }]);
  });
  it('in the patient lies on the slice it is in', () => {
    const r = { type: 'POLYGON', points: [[0, 0, 10], [5, 0, 10.5], [5, 5, 9.5]], frameOfReference: 'f' };
    expect(placed(r, viewer, slot(10))).toEqual([{ type: 'POLYGON', points: [[0.5, 0.5], [10.5, 0.5], [10.5, 10.5]] }]);
    expect(placed(r, viewer, slot(12))).toEqual([]);
    expect(placed({ ...r, frameOfReference: 'g' }, viewer, slot(10))).toEqual([]);
  });
  it('of many points shows those of the slice', () => {
    expect(placed({ type: 'MULTIPOINT', points: [[0, 0, 0], [1, 1, 30]], frameOfReference: 'f' }, viewer, slot(30))).toEqual([{ type: 'MULTIPOINT', points: [[2.5, 2.5]] }]);
  });
  it('says the values that were inferred from it', () => {
    const g = { tracking: 'N7', quantities: [{ name: 'Length', value: 12.5, unit: 'mm', on: [1] }, { name: 'Attenuation', how: 'Mean', value: 40, unit: "[hnsf'U]" }] };
    expect(wordsOf(g, 0)).toEqual(['N7', 'Mean 40 HU']);
    expect(wordsOf(g, 1)).toEqual(['N7', 'Length 12.5 mm']);
  });
});

describe('an outline', () => {
  it('of an ellipse goes through the ends of its axes', () => {
    const { lines, closed } = outline('ELLIPSE', [[0, 5], [20, 5], [10, 0], [10, 10]]);
    expect(closed).toBe(true);
    const xs = lines[0]!.map((p) => p[0]);
    const ys = lines[0]!.map((p) => p[1]);
    expect([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)].map(Math.round)).toEqual([0, 20, 0, 10]);
  });
  it('of a circle has the distance of its second point', () => {
    for (const [x, y] of outline('CIRCLE', [[3, 4], [6, 8]]).lines[0]!) expect(Math.hypot(x - 3, y - 4)).toBeCloseTo(5);
  });
  it('interpolated goes through its points', () => {
    const points: [number, number][] = [[0, 0], [10, 10], [20, 0], [0, 0]];
    const line = outline('INTERPOLATED', points).lines[0]!;
    for (const p of points) expect(line.some((q) => Math.hypot(q[0] - p[0], q[1] - p[1]) < 1e-9)).toBe(true);
  });
});
