import { cross, dot, type Vec3 } from '../geometry';
import { add, unit } from '../space/plane';
import type { Cut, Slab } from './reslice';
import { cornersOf, type Grid } from './volume';

export type Orientation = 'axial' | 'coronal' | 'sagittal';
export const orientations: readonly Orientation[] = ['axial', 'coronal', 'sagittal'];

/** How a plane lies in the patient: two directions of length 1 at right angles. */
export interface Axes {
  right: Vec3;
  down: Vec3;
}
/** Three planes, each at right angles to the others. */
export type Planes = Record<Orientation, Axes>;

/** The planes of a patient, as radiologists look at them (head up, right on the left). */
export const straight: Planes = {
  axial: { right: [1, 0, 0], down: [0, 1, 0] },
  coronal: { right: [1, 0, 0], down: [0, 0, -1] },
  sagittal: { right: [0, 1, 0], down: [0, 0, -1] },
};

export function normalOf(a: Axes): Vec3 {
  return cross(a.right, a.down);
}

/**
 * The planes with those at right angles to one turned about its normal by an angle in
 * radians, clockwise as it is looked at. What that one shows stays; one turn makes the
 * other two oblique, a turn of one of these a double oblique.
 */
export function turned(p: Planes, about: Orientation, angle: number): Planes {
  const { right, down } = p[about];
  const normal = normalOf(p[about]);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const turn = (v: Vec3): Vec3 => {
    const [x, y, z] = [dot(v, right), dot(v, down), dot(v, normal)];
    return add(add(scaled(right, c * x - s * y), down, s * x + c * y), normal, z);
  };
  // Many small turns must not wear the right angles off.
  const made = (a: Axes): Axes => {
    const r = unit(turn(a.right));
    const d = turn(a.down);
    return { right: r, down: unit(add(d, r, -dot(d, r))) };
  };
  const out = { ...p };
  for (const o of orientations) if (o !== about) out[o] = made(p[o]);
  return out;
}

/** Degrees between a plane and the one of the patient whose name it has. */
export function obliquity(p: Planes, which: Orientation): number {
  const cosine = dot(normalOf(p[which]), normalOf(straight[which]));
  return (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
}

/** The direction in which another plane cuts the picture of one: per column, per row. */
export function traceOf(p: Planes, on: Orientation, other: Orientation): [number, number] {
  const n = normalOf(p[other]);
  // Along the cut nothing changes of the distance from the other plane.
  return [-dot(n, p[on].down), dot(n, p[on].right)];
}

export interface Frustum {
  cut: Cut;
  /** mm of a pixel. */
  spacing: number;
}

/** A plane through a place that shows the whole volume, in at most so many pixels a side. */
export function planeThrough(g: Grid, { right, down }: Axes, at: Vec3, most: number, thickness: number, slab: Slab): Frustum {
  const normal = cross(right, down);
  const [x, y] = [span(g, right), span(g, down)];
  const finest = Math.min(Math.hypot(...g.stepX), Math.hypot(...g.stepY));
  const spacing = Math.max(finest, Math.max(x[1] - x[0], y[1] - y[0]) / most);
  const width = Math.max(2, Math.floor((x[1] - x[0]) / spacing) + 1);
  const height = Math.max(2, Math.floor((y[1] - y[0]) / spacing) + 1);
  const origin = add(add(scaled(right, x[0]), down, y[0]), normal, dot(at, normal));
  return { spacing, cut: { origin, right: scaled(right, spacing), down: scaled(down, spacing), normal, width, height, thickness, slab, step: Math.max(finest, 0.3) } };
}

/** A place moved along the normal of a plane, within the volume. */
export function moved(g: Grid, axes: Axes, at: Vec3, mm: number): Vec3 {
  const normal = normalOf(axes);
  const [least, most] = span(g, normal);
  const d = dot(at, normal);
  return add(at, normal, Math.max(least, Math.min(most, d + mm)) - d);
}

// From where to where the volume reaches in a direction, in mm.
function span(g: Grid, d: Vec3): [number, number] {
  const all = cornersOf(g).map((c) => dot(c, d));
  return [Math.min(...all), Math.max(...all)];
}

function scaled(v: Vec3, k: number): Vec3 {
  return [v[0] * k, v[1] * k, v[2] * k];
}
