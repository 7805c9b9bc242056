import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../geometry';
import { toPatient, type Plane, type Point } from '../space/plane';
import { cut } from './cut';
import { outline } from './path';

// Axial at a height, and one that is tilted by 30° about the row.
const axial = (z: number): Plane => ({ origin: [0, 0, z], row: [1, 0, 0], column: [0, 1, 0], normal: [0, 0, 1], dx: 0.5, dy: 0.8, columns: 64, rows: 64 });
const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
const tilted: Plane = { origin: [3, -2, 7], row: [1, 0, 0], column: [0, c, s], normal: [0, -s, c], dx: 0.5, dy: 0.8, columns: 64, rows: 64 };
const reach = 1;

describe('an ellipsoid', () => {
  const ends: Vec3[] = [[-20, 5, 10], [20, 5, 10], [0, -7, 10], [0, 17, 10], [0, 5, 2], [0, 5, 18]];
  const on = (p: Vec3) => (p[0] / 20) ** 2 + ((p[1] - 5) / 12) ** 2 + ((p[2] - 10) / 8) ** 2;
  it.each([axial(10), axial(4.5), axial(17.9), tilted])('is cut in an ellipse on its surface', (plane) => {
    const [piece, ...more] = cut('ELLIPSOID', ends, plane, reach);
    expect(more).toEqual([]);
    for (const p of outline(piece!.type, piece!.points).lines[0]!) expect(on(toPatient(plane, p as Point))).toBeCloseTo(1, 9);
  });
  it('is not where the plane passes it by', () => expect(cut('ELLIPSOID', ends, axial(18.5), reach)).toEqual([]));
  it('between two slices is shown as its middle is', () => {
    const small = ends.map((p) => [p[0] / 100, (p[1] - 5) / 100, 10 + (p[2] - 10) / 100] as Vec3);
    expect(cut('ELLIPSOID', small, axial(11.5), reach)).toEqual([]);
    const [piece] = cut('ELLIPSOID', small, axial(10.9), reach);
    const xs = outline(piece!.type, piece!.points).lines[0]!.map((p) => p[0]);
    expect((Math.max(...xs) - Math.min(...xs)) * 0.5).toBeCloseTo(0.4, 2);
  });
});

describe('an area across the slices', () => {
  // A square of 10 mm that stands upright along x.
  const square: Vec3[] = [[0, 4, 0], [10, 4, 0], [10, 4, 10], [0, 4, 10]];
  it('is a chord of each slice it goes through', () => {
    expect(cut('POLYGON', square, axial(5), reach)).toEqual([{ type: 'POLYLINE', points: [[0.5, 5.5], [20.5, 5.5]] }]);
    expect(cut('POLYGON', square, axial(11.5), reach)).toEqual([]);
  });
  it('is several where it is hollow', () => {
    const u: Vec3[] = [[0, 4, 0], [12, 4, 0], [12, 4, 10], [9, 4, 10], [9, 4, 3], [3, 4, 3], [3, 4, 10], [0, 4, 10]];
    const xs = cut('POLYGON', u, axial(8), reach).map((p) => p.points.map(([x]) => (x - 0.5) / 2));
    expect(xs).toEqual([[0, 3], [9, 12]]);
  });
  it('as an ellipse reaches from edge to edge', () => {
    const ellipse: Vec3[] = [[-10, 4, 6], [10, 4, 6], [0, 4, 0], [0, 4, 12]];
    const [chord] = cut('ELLIPSE', ellipse, axial(6 + 6 * Math.sin(0.5)), reach);
    for (const [x] of chord!.points) expect(Math.abs((x - 0.5) / 2)).toBeCloseTo(10 * Math.cos(0.5), 1);
  });
  it('in the slice is what it is', () => {
    const ellipse: Vec3[] = [[0, 4, 5], [10, 4, 5], [5, 0, 5], [5, 8, 5]];
    expect(cut('ELLIPSE', ellipse, axial(5.5), reach)).toEqual([{ type: 'ELLIPSE', points: [[0.5, 5.5], [20.5, 5.5], [10.5, 0.5], [10.5, 10.5]] }]);
  });
});

describe('a line through the slices', () => {
  it('is shown as far as it lies in one', () => {
    expect(cut('POLYLINE', [[0, 0, 0], [10, 0, 10]], axial(5), reach)).toEqual([{ type: 'POLYLINE', points: [[8.5, 0.5], [12.5, 0.5]] }]);
    expect(cut('POLYLINE', [[0, 0, 0], [10, 0, 10]], axial(12), reach)).toEqual([]);
  });
  it('is a point where it goes straight through', () => {
    expect(cut('POLYLINE', [[3, 4, -20], [3, 4, 20]], axial(5), reach)).toEqual([{ type: 'POINT', points: [[6.5, 5.5]] }]);
  });
  it('that comes back is shown twice', () => {
    expect(cut('POLYLINE', [[0, 0, 0], [10, 0, 10], [20, 0, 0]], axial(5), reach).map((p) => p.points)).toEqual([[[8.5, 0.5], [12.5, 0.5]], [[28.5, 0.5], [32.5, 0.5]]]);
  });
});

it('of many points those of the slice are shown', () => {
  expect(cut('MULTIPOINT', [[0, 0, 0], [1, 0, 5.5], [2, 0, 4]], axial(5), reach)).toEqual([{ type: 'MULTIPOINT', points: [[2.5, 0.5], [4.5, 0.5]] }]);
});
