import { describe, expect, it } from 'vitest';
import { crossing, depth, parallel, planeOf, toPatient, toPlane, type Plane } from './plane';

const turn = (degrees: number) => (degrees * Math.PI) / 180;
const axial = planeOf({ position: [-100, -90, 12], orientation: [1, 0, 0, 0, 1, 0], pixelSpacing: [0.8, 0.5] }, 400, 300)!;
const a = turn(17);
const tilted = planeOf({ position: [-100, -90, 12], orientation: [1, 0, 0, 0, Math.cos(a), -Math.sin(a)], pixelSpacing: [0.8, 0.5] }, 400, 300)!;
const sagittal = planeOf({ position: [0, -120, 150], orientation: [0, 1, 0, 0, 0, -1], pixelSpacing: [1, 1] }, 256, 256)!;

describe('a plane', () => {
  it('has the middle of its first pixel where the file says', () => expect(toPatient(axial, [0.5, 0.5])).toEqual([-100, -90, 12]));
  it('has columns apart by the second spacing and rows by the first', () => expect(toPatient(axial, [10.5, 20.5])).toEqual([-95, -74, 12]));
  it.each([
    ['no position', { position: null, orientation: [1, 0, 0, 0, 1, 0], pixelSpacing: [1, 1] }],
    ['no directions', { position: [0, 0, 0], orientation: [0, 0, 0, 0, 0, 0], pixelSpacing: [1, 1] }],
    ['one direction twice', { position: [0, 0, 0], orientation: [1, 0, 0, 1, 0, 0], pixelSpacing: [1, 1] }],
    ['no spacing', { position: [0, 0, 0], orientation: [1, 0, 0, 0, 1, 0], pixelSpacing: null }],
    ['a spacing of nothing', { position: [0, 0, 0], orientation: [1, 0, 0, 0, 1, 0], pixelSpacing: [0, 1] }],
  ])('is none with %s', (_, p) => expect(planeOf(p, 10, 10)).toBeNull());

  it('finds back what it placed, wherever it lies', () => {
    for (const p of [axial, tilted, sagittal]) {
      for (const at of [[0.5, 0.5], [123.25, 7], [399, 299]] as [number, number][]) {
        const { point, distance } = toPlane(p, toPatient(p, at));
        expect(point[0]).toBeCloseTo(at[0], 9);
        expect(point[1]).toBeCloseTo(at[1], 9);
        expect(distance).toBeCloseTo(0, 9);
      }
    }
  });
  it('of a tilted gantry measures distance along its own normal', () => {
    const next: Plane = { ...tilted, origin: [tilted.origin[0], tilted.origin[1], tilted.origin[2] + 5] };
    expect(depth(tilted, next)).toBeCloseTo(5 * Math.cos(a), 9);
    expect(parallel(tilted, axial)).toBe(true);
    expect(parallel(sagittal, axial)).toBe(false);
  });
});

describe('two planes', () => {
  it('cut where both have one place of the patient', () => {
    const [from, to] = crossing(sagittal, axial)!;
    // The axial slice at 12 mm is row 138.5 of a sagittal one that begins at 150 mm.
    expect(from[1]).toBeCloseTo(138.5, 9);
    expect(to[1]).toBeCloseTo(138.5, 9);
    for (const p of [from, to]) expect(Math.abs(toPlane(axial, toPatient(sagittal, p)).distance)).toBeLessThan(1e-9);
    // From -90.4 to 149.6 mm front to back: the edges of its first and last row.
    expect([from[0], to[0]].sort((x, y) => x - y)).toEqual([expect.closeTo(30.1, 6), 256]);
  });
  it('do not when they are parallel, or miss one another', () => {
    expect(crossing(axial, tilted)).not.toBeNull();
    expect(crossing(axial, { ...axial, origin: [0, 0, 40] })).toBeNull();
    expect(crossing(sagittal, { ...axial, origin: [-100, -90, 900] })).toBeNull();
    expect(crossing(sagittal, { ...axial, origin: [20, -90, 12] })).toBeNull();
  });
});
