// The plane of a frame in the patient (PS3.3 C.7.6.2.1.1), in mm. Image
// coordinates are columns and rows with the middle of the first pixel at
// (0.5, 0.5), as SCOORD has them (PS3.3 C.18.6.1.1).

import { axes, cross, dot, type Vec3 } from '../geometry';

export type Point = [column: number, row: number];

export interface Plane {
  /** The middle of the first pixel. */
  origin: Vec3;
  /** Unit vectors along a row, down a column, and the way the frame faces. */
  row: Vec3;
  column: Vec3;
  normal: Vec3;
  /** mm from column to column, and from row to row. */
  dx: number;
  dy: number;
  columns: number;
  rows: number;
}

export interface Placed {
  position: number[] | null;
  orientation: number[] | null;
  pixelSpacing: number[] | null;
}

export function add(a: Vec3, b: Vec3, k = 1): Vec3 {
  return [a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2]];
}
export function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
export function unit(a: Vec3): Vec3 {
  const l = Math.hypot(...a);
  return [a[0] / l, a[1] / l, a[2] / l];
}

/** null when the file does not say where the frame lies. */
export function planeOf(p: Placed, columns: number, rows: number): Plane | null {
  const a = axes(p.orientation);
  const [dy, dx] = p.pixelSpacing ?? [];
  if (!a || p.position?.length !== 3 || !p.position.every(Number.isFinite) || !(dx! > 0) || !(dy! > 0)) return null;
  const row = unit(a.row);
  const normal = cross(row, unit(a.column));
  if (Math.hypot(...normal) < 0.5) return null;
  return { origin: p.position as Vec3, row, column: unit(a.column), normal: unit(normal), dx: dx!, dy: dy!, columns, rows };
}

export function toPatient(p: Plane, [c, r]: Point): Vec3 {
  return add(add(p.origin, p.row, (c - 0.5) * p.dx), p.column, (r - 0.5) * p.dy);
}

/** Where a place of the patient falls on the plane, and how far in front of it (mm) it lies. */
export function toPlane(p: Plane, at: Vec3): { point: Point; distance: number } {
  const d = minus(at, p.origin);
  return { point: [dot(d, p.row) / p.dx + 0.5, dot(d, p.column) / p.dy + 0.5], distance: dot(d, p.normal) };
}

/** How far along the normal of p another plane's middle lies: what stacks are linked by. */
export function depth(p: Plane, other: Plane): number {
  return dot(minus(middle(other), p.origin), p.normal);
}

export function middle(p: Plane): Vec3 {
  return toPatient(p, [p.columns / 2, p.rows / 2]);
}

/** Planes that face the same way, or nearly: their slices can be scrolled together. */
export function parallel(a: Plane, b: Plane): boolean {
  return Math.abs(dot(a.normal, b.normal)) > 0.95;
}

/** The line in which other cuts the rectangle of on, in image coordinates of on; null when it does not. */
export function crossing(on: Plane, other: Plane): [Point, Point] | null {
  if (Math.abs(dot(on.normal, other.normal)) > 0.985) return null;
  // The edges of the other rectangle where they go through this plane.
  const corners = ([[0, 0], [other.columns, 0], [other.columns, other.rows], [0, other.rows]] as Point[]).map((c) => toPlane(on, toPatient(other, c)));
  const ends: Point[] = [];
  for (let i = 0; i < 4; i++) {
    const a = corners[i]!;
    const b = corners[(i + 1) % 4]!;
    if (a.distance === b.distance || a.distance > 0 === b.distance > 0) continue;
    const k = a.distance / (a.distance - b.distance);
    ends.push([a.point[0] + k * (b.point[0] - a.point[0]), a.point[1] + k * (b.point[1] - a.point[1])]);
  }
  return ends.length === 2 ? clip(ends[0]!, ends[1]!, on.columns, on.rows) : null;
}

// Liang and Barsky's way of cutting a line to a rectangle.
function clip(a: Point, b: Point, columns: number, rows: number): [Point, Point] | null {
  let [from, to] = [0, 1];
  const d: Point = [b[0] - a[0], b[1] - a[1]];
  for (const [p, q] of [[-d[0], a[0]], [d[0], columns - a[0]], [-d[1], a[1]], [d[1], rows - a[1]]] as const) {
    if (p === 0) {
      if (q < 0) return null;
      continue;
    }
    const t = q / p;
    if (p < 0) from = Math.max(from, t);
    else to = Math.min(to, t);
  }
  if (from >= to) return null;
  return [[a[0] + from * d[0], a[1] + from * d[1]], [a[0] + to * d[0], a[1] + to * d[1]]];
}
