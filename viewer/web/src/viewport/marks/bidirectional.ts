import type { Point } from '../space/plane';
import { toUnits, type Scale } from './scale';

const back = (s: Scale, [x, y]: Point): Point => [x / s.x, y / s.y];

/** The short axis across the middle of a long one, of half its length, square to it in the patient. */
export function shortAxis(s: Scale, [a, b]: Point[]): [Point, Point] {
  const [p, q] = [toUnits(s, a!), toUnits(s, b!)];
  const m: Point = [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
  const half: Point = [-(q[1] - p[1]) / 4, (q[0] - p[0]) / 4];
  return [back(s, [m[0] + half[0], m[1] + half[1]]), back(s, [m[0] - half[0], m[1] - half[1]])];
}

/** The points after one end was moved: the axes stay square to each other. */
export function moveEnd(s: Scale, points: Point[], i: number, to: Point): Point[] {
  const next = points.map((p, k) => (k === i ? to : p));
  const [a, b, c, d] = next.map((p) => toUnits(s, p)) as [Point, Point, Point, Point];
  const [ux, uy] = [b[0] - a[0], b[1] - a[1]];
  const l = Math.hypot(ux, uy);
  if (l === 0) return points;
  const [u, n]: [Point, Point] = [[ux / l, uy / l], [-uy / l, ux / l]];
  const along = (p: Point) => (p[0] - a[0]) * u[0] + (p[1] - a[1]) * u[1];
  const across = (p: Point) => (p[0] - a[0]) * n[0] + (p[1] - a[1]) * n[1];
  // Where the short axis crosses: at the end that is moved, or where it was.
  const moved = i === 2 ? c : i === 3 ? d : null;
  const t = Math.max(0, Math.min(l, moved ? along(moved) : (along(c) + along(d)) / 2));
  const place = (k: number): Point => back(s, [a[0] + t * u[0] + k * n[0], a[1] + t * u[1] + k * n[1]]);
  return [next[0]!, next[1]!, place(across(c)), place(across(d))];
}
