import { cross, dot, type Vec3 } from '../geometry';
import { add } from '../space/plane';
import type { Cut, Slab } from './reslice';
import { cornersOf, type Grid } from './volume';

/** The three planes of a patient, as radiologists look at them (head up, right on the left). */
export const orientations = {
  axial: { right: [1, 0, 0], down: [0, 1, 0] },
  coronal: { right: [1, 0, 0], down: [0, 0, -1] },
  sagittal: { right: [0, 1, 0], down: [0, 0, -1] },
} as const satisfies Record<string, { right: Vec3; down: Vec3 }>;

export type Orientation = keyof typeof orientations;

export interface Frustum {
  cut: Cut;
  /** mm of a pixel. */
  spacing: number;
}

/** A plane through a place that shows the whole volume, in at most so many pixels a side. */
export function planeThrough(g: Grid, which: Orientation, at: Vec3, most: number, thickness: number, slab: Slab): Frustum {
  const right: Vec3 = [...orientations[which].right];
  const down: Vec3 = [...orientations[which].down];
  const normal = cross(right, down);
  const span = (d: Vec3): [number, number] => {
    const all = cornersOf(g).map((c) => dot(c, d));
    return [Math.min(...all), Math.max(...all)];
  };
  const [x, y] = [span(right), span(down)];
  const finest = Math.min(Math.hypot(...g.stepX), Math.hypot(...g.stepY));
  const spacing = Math.max(finest, Math.max(x[1] - x[0], y[1] - y[0]) / most);
  const width = Math.max(2, Math.floor((x[1] - x[0]) / spacing) + 1);
  const height = Math.max(2, Math.floor((y[1] - y[0]) / spacing) + 1);
  const scaled = (v: Vec3, k: number): Vec3 => [v[0] * k, v[1] * k, v[2] * k];
  const depth = dot(at, normal);
  const origin = add(add(scaled(right, x[0]), down, y[0]), normal, depth);
  return { spacing, cut: { origin, right: scaled(right, spacing), down: scaled(down, spacing), normal, width, height, thickness, slab, step: Math.max(finest, 0.3) } };
}

/** A place moved along the normal of a plane, within the volume. */
export function moved(g: Grid, which: Orientation, at: Vec3, mm: number): Vec3 {
  const normal = cross([...orientations[which].right], [...orientations[which].down]);
  const all = cornersOf(g).map((c) => dot(c, normal));
  const d = dot(at, normal);
  const to = Math.max(Math.min(...all), Math.min(Math.max(...all), d + mm));
  return add(at, normal, to - d);
}
