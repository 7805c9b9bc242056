// Where a SCOORD3D (PS3.3 C.18.9.1.2), which lies in the patient and not on an image, is
// seen on a slice: what lies in the slice as it is, what goes through it where it is cut.

import { cross, dot, type Vec3 } from '../geometry';
import { add, minus, toPlane, unit, type Plane, type Point } from '../space/plane';

/** Something to draw on a slice, in image coordinates, as outline draws it. */
export interface Piece {
  type: string;
  points: Point[];
}

interface At {
  point: Point;
  /** mm in front of the slice. */
  distance: number;
}

const corners = 72;

/** The pieces of a shape on a plane; none where it is not met. reach: half the slice, mm. */
export function cut(type: string, points: Vec3[], plane: Plane, reach: number): Piece[] {
  const at = points.map((p) => toPlane(plane, p));
  const inside = at.filter((p) => Math.abs(p.distance) <= reach);
  switch (type) {
    case 'POINT':
    case 'MULTIPOINT':
      return inside.length ? [{ type, points: inside.map((p) => p.point) }] : [];
    case 'ELLIPSOID':
      return ellipsoid(points, plane, reach);
  }
  if (inside.length === at.length) return [{ type, points: at.map((p) => p.point) }];
  if (type === 'POLYLINE') return along(at, reach);
  return across(type === 'ELLIPSE' ? ring(points).map((p) => toPlane(plane, p)) : at, reach);
}

// An ellipsoid is its unit sphere stretched along three axes: there the plane cuts a
// circle, which comes back as an ellipse of two conjugate diameters.
function ellipsoid(points: Vec3[], plane: Plane, reach: number): Piece[] {
  const middle = half(points[0]!, points[1]!, 1);
  const axes = [0, 2, 4].map((i) => half(points[i + 1]!, points[i]!, -1));
  const n = axes.map((a) => dot(a, plane.normal)) as Vec3;
  const long = Math.hypot(...n);
  const before = toPlane(plane, middle).distance;
  const height = Math.abs(before) < long ? before : Math.abs(before) <= reach ? 0 : null;
  if (height === null || long === 0) return [];
  const stretched = (v: Vec3) => axes.reduce((sum, a, i) => add(sum, a, v[i]!), [0, 0, 0] as Vec3);
  const centre = add(middle, stretched(n), -height / long ** 2);
  const radius = Math.sqrt(1 - (height / long) ** 2);
  const one = unit(cross(n, Math.abs(n[0]) < 0.6 * long ? [1, 0, 0] : [0, 1, 0]));
  const ends = [one, unit(cross(n, one))].map(stretched).flatMap((d) => [add(centre, d, -radius), add(centre, d, radius)]);
  return [{ type: 'ELLIPSE', points: ends.map((p) => toPlane(plane, p).point) }];
}

/** The corners of an ellipse given by the ends of its axes. */
function ring([a, b, c, d]: Vec3[]): Vec3[] {
  const middle = half(a!, b!, 1);
  const [u, v] = [half(b!, a!, -1), half(d!, c!, -1)];
  return Array.from({ length: corners }, (_, i) => {
    const t = (i / corners) * 2 * Math.PI;
    return add(add(middle, u, Math.cos(t)), v, Math.sin(t));
  });
}

const half = (a: Vec3, b: Vec3, sign: 1 | -1): Vec3 => add([0, 0, 0], sign > 0 ? add(a, b) : minus(a, b), 0.5);

const between = (a: At, b: At, k: number): Point => [a.point[0] + k * (b.point[0] - a.point[0]), a.point[1] + k * (b.point[1] - a.point[1])];

// Of a line, what lies within the slice; where it goes straight through, a point.
function along(at: At[], reach: number): Piece[] {
  const out: Piece[] = [];
  let line: Point[] = [];
  const end = () => {
    const [first] = line;
    const far = first && line.some((p) => Math.hypot(p[0] - first[0], p[1] - first[1]) > 1);
    if (first) out.push(far ? { type: 'POLYLINE', points: line } : { type: 'POINT', points: [first] });
    line = [];
  };
  for (let i = 0; i + 1 < at.length; i++) {
    const [a, b] = [at[i]!, at[i + 1]!];
    const step = b.distance - a.distance;
    const ks = step === 0 ? (Math.abs(a.distance) <= reach ? [0, 1] : null) : [(-reach - a.distance) / step, (reach - a.distance) / step].sort((x, y) => x - y);
    const [from, to] = ks ? [Math.max(0, ks[0]!), Math.min(1, ks[1]!)] : [1, 0];
    if (from > to) {
      end();
      continue;
    }
    if (from > 0) end();
    if (line.length === 0) line.push(between(a, b, from));
    line.push(between(a, b, to));
    if (to < 1) end();
  }
  end();
  return out;
}

// Of an area, the chords in which the slice cuts it; of one that lies between two
// slices, those through its middle.
function across(at: At[], reach: number): Piece[] {
  const depths = at.map((p) => p.distance);
  const [least, most] = [Math.min(...depths), Math.max(...depths)];
  const middle = (least + most) / 2;
  const height = least < 0 && most > 0 ? 0 : Math.abs(middle) <= reach ? middle : null;
  if (height === null) return [];
  const met: Point[] = [];
  at.forEach((a, i) => {
    const b = at[(i + 1) % at.length]!;
    if (a.distance > height === b.distance > height) return;
    met.push(between(a, b, (height - a.distance) / (b.distance - a.distance)));
  });
  // All lie on one line: two by two along it they are within.
  const wide = Math.max(...met.map((p) => p[0])) - Math.min(...met.map((p) => p[0])) >= Math.max(...met.map((p) => p[1])) - Math.min(...met.map((p) => p[1]));
  met.sort((a, b) => (wide ? a[0] - b[0] : a[1] - b[1]));
  const out: Piece[] = [];
  for (let i = 0; i + 1 < met.length; i += 2) out.push({ type: 'POLYLINE', points: [met[i]!, met[i + 1]!] });
  return out;
}
