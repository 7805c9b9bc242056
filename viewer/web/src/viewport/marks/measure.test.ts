import { describe, expect, it } from 'vitest';
import type { Frame } from '../frame';
import { planeOf, toPatient, type Point } from '../space/plane';
import { moveEnd, shortAxis } from './bidirectional';
import { ellipse } from './shape';
import { measure } from './measure';
import { statistics } from './region';
import { distance, pixels, scaleOf, toUnits } from './scale';

const scale = scaleOf([0.9, 0.4])!;
const value = (list: { name: string; value: number }[], name: string) => list.find((v) => v.name === name)?.value;

function frame(rows: number, columns: number, f: (c: number, r: number) => number, padding: [number, number] | null = null): Frame {
  const out = new Uint16Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[r * columns + c] = f(c, r);
  const presentation = { slope: 2, intercept: -1000, values: null, type: 'HU', looks: [], invert: false, padding, position: null, orientation: null, pixelSpacing: null, key: '' };
  return { rows, columns, samples: 1, bits: 16, signed: false, deep: null, pixels: out, bytes: out.byteLength, presentation };
}

describe('lengths', () => {
  it('are those in the patient, whatever the spacing and the tilt', () => {
    const tilt = (23 * Math.PI) / 180;
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let i = 0; i < 300; i++) {
      const spacing: [number, number] = [0.2 + 2 * random(), 0.2 + 2 * random()];
      const turned = random() * 3;
      // Any plane: turned about z, then the gantry tilted about x.
      const row = [Math.cos(turned), Math.sin(turned) * Math.cos(tilt), -Math.sin(turned) * Math.sin(tilt)];
      const column = [-Math.sin(turned), Math.cos(turned) * Math.cos(tilt), -Math.cos(turned) * Math.sin(tilt)];
      const plane = planeOf({ position: [random() * 100, 3, -50], orientation: [...row, ...column], pixelSpacing: spacing }, 512, 512)!;
      const [a, b]: Point[] = [[512 * random(), 512 * random()], [512 * random(), 512 * random()]];
      const [p, q] = [toPatient(plane, a!), toPatient(plane, b!)];
      const truth = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
      expect(Math.abs(value(measure('length', [a!, b!], scaleOf(spacing)!, undefined, ''), 'length')! - truth)).toBeLessThan(1e-6);
    }
  });
  it('are in pixels where the file gives no size', () => expect(measure('length', [[0, 0], [3, 4]], pixels, undefined, '')).toEqual([{ name: 'length', value: 5, unit: '{pixels}' }]));
  it('at the detector are marked', () => {
    expect(scaleOf([0.1, 0.1], true)!.detector).toBe(true);
    expect(scaleOf([0, 0.1])).toBeNull();
    expect(scaleOf(null)).toBeNull();
  });
});

describe('angles', () => {
  it('are taken in mm, not in pixels', () => {
    // 9 rows of 0.9 mm, 20 columns of 0.4 mm: 45 degrees.
    expect(value(measure('angle', [[20, 0], [0, 0], [20, 8 / 0.9]], scale, undefined, ''), 'angle')).toBeCloseTo(45, 6);
  });
  it('of Cobb do not mind which way the lines were drawn', () => {
    const lines: Point[] = [[0, 0], [10, 1], [0, 20], [10, 18]];
    const truth = ((Math.atan(0.1) + Math.atan(0.2)) * 180) / Math.PI;
    for (const order of [[0, 1, 2, 3], [1, 0, 2, 3], [0, 1, 3, 2], [3, 2, 1, 0]]) {
      const points = order.map((i) => lines[i]!);
      expect(value(measure('cobb', points, pixels, undefined, ''), 'angle')).toBeCloseTo(truth, 9);
    }
  });
});

describe('regions', () => {
  const f = frame(20, 30, (c, r) => 500 + 10 * c + r);
  it('give area in mm² by their shape', () => {
    expect(value(measure('rectangle', [[2, 2], [12, 7]], scale, f, '1'), 'area')).toBeCloseTo(10 * 0.4 * 5 * 0.9, 9);
    expect(value(measure('ellipse', [[2, 2], [12, 7]], scale, f, '1'), 'area')).toBeCloseTo((Math.PI * 4 * 4.5) / 4, 9);
    expect(value(measure('freehand', [[0, 0], [10, 0], [10, 10], [0, 10]], scale, f, '1'), 'area')).toBeCloseTo(36, 9);
    // A drawn ellipse and its outline as a polygon enclose the same.
    expect(value(measure('freehand', ellipse([[2, 2], [22, 17]]), scale, f, '1'), 'area')! / value(measure('ellipse', [[2, 2], [22, 17]], scale, f, '1'), 'area')!).toBeCloseTo(1, 2);
  });
  it('count the pixels whose middle they hold, in modality values', () => {
    const st = statistics(f, 'rectangle', [[2, 3], [4, 5]])!;
    const truth = [500 + 20 + 3, 500 + 30 + 3, 500 + 20 + 4, 500 + 30 + 4].map((v) => 2 * v - 1000);
    const mean = truth.reduce((a, b) => a + b) / 4;
    expect(st).toEqual({ count: 4, mean, sd: Math.sqrt(truth.reduce((a, b) => a + (b - mean) ** 2, 0) / 4), min: Math.min(...truth), max: Math.max(...truth) });
  });
  it('are the same from every corner, and end at the edge of the image', () => {
    expect(statistics(f, 'ellipse', [[12, 7], [2, 2]])).toEqual(statistics(f, 'ellipse', [[2, 2], [12, 7]]));
    expect(statistics(f, 'rectangle', [[-50, -50], [500, 500]])!.count).toBe(600);
    expect(statistics(f, 'rectangle', [[-50, -50], [-1, -1]])).toBeNull();
  });
  it('leave padding out', () => {
    const padded = frame(4, 4, (c) => (c < 2 ? 0 : 700), [0, 0]);
    expect(statistics(padded, 'rectangle', [[0, 0], [4, 4]])).toMatchObject({ count: 8, mean: 400, sd: 0 });
  });
});

describe('the two axes', () => {
  const square = (points: Point[]) => {
    const [a, b, c, d] = points.map((p) => toUnits(scale, p)) as [Point, Point, Point, Point];
    return (b[0] - a[0]) * (d[0] - c[0]) + (b[1] - a[1]) * (d[1] - c[1]);
  };
  it('are square to each other in the patient, and stay so', () => {
    const long: Point[] = [[10, 10], [60, 30]];
    let points = [...long, ...shortAxis(scale, long)];
    expect(square(points)).toBeCloseTo(0, 9);
    expect(distance(scale, points[2]!, points[3]!)).toBeCloseTo(distance(scale, long[0]!, long[1]!) / 2, 9);
    for (const [i, to] of [[2, [40, 5]], [0, [0, 25]], [3, [33, 50]], [1, [80, 12]]] as [number, Point][]) {
      points = moveEnd(scale, points, i, to);
      expect(square(points)).toBeCloseTo(0, 9);
      if (i < 2) expect(points[i]).toEqual(to);
    }
    expect(moveEnd(scale, points, 0, points[1]!)).toEqual(points);
  });
});
