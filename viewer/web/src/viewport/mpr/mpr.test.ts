import { describe, expect, it } from 'vitest';
import type { Frame } from '../frame';
import { dot, type Vec3 } from '../geometry';
import { planeOf, toPatient, type Plane } from '../space/plane';
import { normalOf, obliquity, orientations, planeThrough, straight, traceOf, turned, type Planes } from './planes';
import { nothing, reslice, type Cut } from './reslice';
import { buildVolume, centre, gridOf, type Slice, type Volume } from './volume';

const presentation = { slope: 1, intercept: -1000, values: null, type: 'HU', looks: [], invert: false, padding: null, position: null, orientation: null, pixelSpacing: null, key: '' };
// A field that is linear in the patient: trilinear cuts must give it back exactly.
const field = ([x, y, z]: Vec3) => 3 * x - 2 * y + 4 * z;

function slices(places: Vec3[], orientation: number[], columns = 12, rows = 10, spacing = [1.5, 0.5]): Slice[] {
  return places.map((position) => {
    const plane = planeOf({ position, orientation, pixelSpacing: spacing }, columns, rows)!;
    const pixels = new Uint16Array(columns * rows);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) pixels[r * columns + c] = Math.round(field(toPatient(plane, [c + 0.5, r + 0.5]))) + 1000;
    const frame: Frame = { rows, columns, samples: 1, bits: 16, signed: false, deep: null, pixels, bytes: 0, presentation };
    return { plane, frame };
  });
}

const axial = [1, 0, 0, 0, 1, 0];
const a = (20 * Math.PI) / 180;
const tilted = [1, 0, 0, 0, Math.cos(a), -Math.sin(a)];
const stack = (zs: number[], orientation = axial) => slices(zs.map((z): Vec3 => [-3, 2, z]), orientation);

function thin(v: Volume, over: Partial<Cut> = {}): Cut {
  const c = centre(v);
  // A sagittal plane through the middle: along y, down -z.
  return { origin: [c[0], c[1] - 2, c[2] + 2], right: [0, 1, 0], down: [0, 0, -1], normal: [-1, 0, 0], width: 5, height: 5, thickness: 0, slab: 'mean', step: 0.5, ...over };
}

describe('cutting', () => {
  it.each([
    ['an even stack', stack([0, 2, 4, 6, 8])],
    ['slices in any order', stack([6, 0, 8, 2, 4])],
    ['uneven slices', stack([0, 1, 3, 6, 8])],
    ['a tilted gantry, whose table moves along z', stack([0, 2, 4, 6, 8], tilted)],
  ])('gives the values of the patient back from %s', (_, list) => {
    const v = buildVolume(list) as Volume;
    const cut = thin(v);
    const got = reslice(v, cut);
    for (let y = 0; y < cut.height; y++) {
      for (let x = 0; x < cut.width; x++) {
        const truth = field([cut.origin[0], cut.origin[1] + x, cut.origin[2] - y]);
        // Half a unit each from rounding the voxels and the picture.
        expect(Math.abs(got[y * cut.width + x]! * v.scale + v.offset - truth)).toBeLessThanOrEqual(1.01);
      }
    }
  });
  it('makes slabs: the brightest, the darkest, the mean', () => {
    const v = buildVolume(stack([0, 2, 4, 6, 8])) as Volume;
    const one = (over: Partial<Cut>) => reslice(v, thin(v, { width: 1, height: 1, ...over }))[0]!;
    const middle = one({});
    // Along x the field rises by 3 a mm: 2 mm to each side.
    expect(one({ thickness: 4, slab: 'mip' }) - middle).toBeCloseTo(6, 0);
    expect(middle - one({ thickness: 4, slab: 'minip' })).toBeCloseTo(6, 0);
    expect(Math.abs(one({ thickness: 4, slab: 'mean' }) - middle)).toBeLessThanOrEqual(1);
  });
  it('is nothing outside', () => {
    const v = buildVolume(stack([0, 2, 4])) as Volume;
    expect(reslice(v, thin(v, { origin: [500, 0, 0], width: 1, height: 1 }))[0]).toBe(nothing);
  });
  it('keeps fine values apart', () => {
    const list = stack([0, 2, 4]).map((s) => ({ ...s, frame: { ...s.frame, presentation: { ...presentation, slope: 0.01, intercept: 0 } } }));
    const v = buildVolume(list) as Volume;
    expect(v.scale).toBeLessThan(0.01);
    expect(Math.abs(v.data[0]! * v.scale + v.offset - list[0]!.frame.pixels[0]! * 0.01)).toBeLessThanOrEqual(v.scale);
  });
});

describe('a stack is refused', () => {
  const of = (list: Slice[]) => gridOf(list.map((s) => s.plane));
  it.each([
    ['few', stack([0, 2])],
    ['places', stack([0, 2, 2, 4])],
    ['places', stack([0, 0, 0])],
    ['gaps', stack([0, 1, 2, 3, 12])],
    ['planes', [...stack([0, 2]), ...stack([4], tilted)]],
    ['sizes', [...stack([0, 2]), ...slices([[-3, 2, 4]], axial, 12, 11)]],
    ['line', slices([[-3, 2, 0], [9, 2, 2], [-3, 2, 4]], axial)],
  ])('as %s', (why, list) => expect(of(list)).toBe(why));
  it('without places', () => expect(gridOf([null, null, null] as (Plane | null)[])).toBe('places'));
});

const degrees = (n: number) => (n * Math.PI) / 180;

describe('planes are turned', () => {
  const double = turned(turned(straight, 'axial', degrees(30)), 'coronal', degrees(-20));
  it('and stay at right angles, however often', () => {
    let p: Planes = straight;
    for (let i = 0; i < 5000; i++) p = turned(p, orientations[i % 3]!, degrees(((i * 7919) % 360) - 180));
    for (const a of orientations) {
      expect(Math.abs(dot(p[a].right, p[a].down))).toBeLessThan(1e-9);
      expect(Math.abs(Math.hypot(...normalOf(p[a])) - 1)).toBeLessThan(1e-9);
      for (const b of orientations) if (a < b) expect(Math.abs(dot(normalOf(p[a]), normalOf(p[b])))).toBeLessThan(1e-9);
    }
  });
  it('clockwise as the picture is looked at, which itself stays', () => {
    const p = turned(straight, 'axial', degrees(30));
    expect(p.axial).toEqual(straight.axial);
    // The coronal plane is a level line of the axial picture; its right end goes down.
    const [x, y] = traceOf(p, 'axial', 'coronal');
    expect(Math.abs(y / x - Math.tan(degrees(30)))).toBeLessThan(1e-12);
    expect(obliquity(p, 'coronal')).toBeCloseTo(30, 9);
    expect(obliquity(p, 'axial')).toBe(0);
    expect(obliquity(double, 'axial')).toBeCloseTo(20, 9);
  });
  it('and back', () => {
    const p = turned(turned(double, 'coronal', degrees(20)), 'axial', degrees(-30));
    for (const o of orientations) for (const i of [0, 1, 2] as const) expect(p[o].right[i]).toBeCloseTo(straight[o].right[i], 12);
  });

  // Waves of the patient, whose curvature bounds what an interpolation may miss:
  // along each edge of the grid by its square times the second derivative, by eight.
  const waves = ([x, y, z]: Vec3) => 900 * Math.sin(x / 7) * Math.cos(y / 9) + 600 * Math.sin((x + z) / 8);
  const bend = (step: number) => (step * step * (900 * (1 / 49 + 1 / 81 + 2 / 63) + 600 * (2 / 64))) / 8;
  const waving = (zs: number[], orientation: number[]) =>
    slices(zs.map((z): Vec3 => [-20, -15, z]), orientation, 40, 60, [0.5, 1]).map((s) => {
      for (let r = 0; r < 60; r++) for (let c = 0; c < 40; c++) s.frame.pixels[r * 40 + c] = Math.round(waves(toPatient(s.plane, [c + 0.5, r + 0.5]))) + 2000;
      return { ...s, frame: { ...s.frame, presentation: { ...presentation, intercept: -2000 } } };
    });
  const even = Array.from({ length: 20 }, (_, i) => 1.5 * i);
  it.each([
    ['an even stack', even, axial, 1.5],
    ['uneven slices', even.filter((_, i) => i % 5 !== 2), axial, 3],
    ['a tilted gantry', even, tilted, 1.5],
  ])('and show what is there: %s', (_, zs, orientation, gap) => {
    const v = buildVolume(waving(zs, orientation)) as Volume;
    const miss = bend(1) + bend(0.5) + bend(gap) + 1.01;
    for (const which of orientations) {
      const { cut } = planeThrough(v, double[which], centre(v), 64, 0, 'mean');
      const got = reslice(v, cut);
      let seen = 0;
      for (let i = 0; i < got.length; i++) {
        if (got[i] === nothing) continue;
        seen++;
        const [x, y] = [i % cut.width, Math.floor(i / cut.width)];
        const truth = waves([0, 1, 2].map((k) => cut.origin[k]! + x * cut.right[k]! + y * cut.down[k]!) as Vec3);
        expect(Math.abs(got[i]! * v.scale + v.offset - truth)).toBeLessThanOrEqual(miss);
      }
      expect(seen).toBeGreaterThan(300);
    }
  });
  it('with slabs along their own normal', () => {
    const v = buildVolume(stack([0, 2, 4, 6, 8])) as Volume;
    const rise = 3 * normalOf(double.sagittal)[0] - 2 * normalOf(double.sagittal)[1] + 4 * normalOf(double.sagittal)[2];
    const one = (thickness: number, slab: 'mip' | 'minip' | 'mean') => {
      const { cut } = planeThrough(v, double.sagittal, centre(v), 64, thickness, slab);
      const c = centre(v);
      const d = [0, 1, 2].map((i) => c[i]! - cut.origin[i]!) as Vec3;
      const at = Math.round(dot(d, cut.down) / dot(cut.down, cut.down)) * cut.width + Math.round(dot(d, cut.right) / dot(cut.right, cut.right));
      return reslice(v, cut)[at]!;
    };
    expect(Math.abs(one(2, 'mip') - one(0, 'mean') - Math.abs(rise))).toBeLessThanOrEqual(2);
    expect(Math.abs(one(0, 'mean') - one(2, 'minip') - Math.abs(rise))).toBeLessThanOrEqual(2);
    expect(Math.abs(one(2, 'mean') - one(0, 'mean'))).toBeLessThanOrEqual(2);
  });
});
