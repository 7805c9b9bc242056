import { storedValue, type Frame } from '../frame';
import { valueOf } from '../presentation';
import type { Point } from '../space/plane';
import type { Mark, Value } from './mark';
import { statistics } from './region';
import { distance, toUnits, type Scale } from './scale';

/** The angle at b, in degrees. */
function angleAt(s: Scale, a: Point, b: Point, c: Point): number {
  return between(vector(s, b, a), vector(s, b, c));
}

/** The angle between two lines, each taken from left to right as they lie in the image. */
export function cobb(s: Scale, [a, b, c, d]: Point[]): number {
  const rightwards = (v: Point): Point => (v[0] < 0 || (v[0] === 0 && v[1] < 0) ? [-v[0], -v[1]] : v);
  return between(rightwards(vector(s, a!, b!)), rightwards(vector(s, c!, d!)));
}

function vector(s: Scale, from: Point, to: Point): Point {
  const [a, b] = [toUnits(s, from), toUnits(s, to)];
  return [b[0] - a[0], b[1] - a[1]];
}

function between(u: Point, v: Point): number {
  return (Math.atan2(Math.abs(u[0] * v[1] - u[1] * v[0]), u[0] * v[0] + u[1] * v[1]) * 180) / Math.PI;
}

export function area(s: Scale, kind: Mark['kind'], points: Point[]): number {
  const u = points.map((p) => toUnits(s, p));
  const [w, h] = [Math.abs(u[0]![0] - u[1]![0]), Math.abs(u[0]![1] - u[1]![1])];
  if (kind === 'rectangle') return w * h;
  if (kind === 'ellipse') return (Math.PI * w * h) / 4;
  let twice = 0;
  for (const [i, a] of u.entries()) {
    const b = u[(i + 1) % u.length]!;
    twice += a[0] * b[1] - b[0] * a[1];
  }
  return Math.abs(twice) / 2;
}

/** Everything a mark says, measured on a frame. unit is that of its values. */
export function measure(kind: Mark['kind'], points: Point[], scale: Scale, frame: Frame | undefined, unit: string): Value[] {
  const [a, b, c, d] = points as [Point, Point, Point, Point];
  const squared = scale.unit === 'mm' ? 'mm2' : '{pixels}2';
  switch (kind) {
    case 'length':
      return [{ name: 'length', value: distance(scale, a, b), unit: scale.unit }];
    case 'bidirectional': {
      const [one, other] = [distance(scale, a, b), distance(scale, c, d)];
      return [
        { name: 'long', value: Math.max(one, other), unit: scale.unit },
        { name: 'short', value: Math.min(one, other), unit: scale.unit },
      ];
    }
    case 'angle':
      return [{ name: 'angle', value: angleAt(scale, a, b, c), unit: 'deg' }];
    case 'cobb':
      return [{ name: 'angle', value: cobb(scale, points), unit: 'deg' }];
    case 'ellipse':
    case 'rectangle':
    case 'freehand': {
      const st = frame && statistics(frame, kind, points);
      const out: Value[] = [{ name: 'area', value: area(scale, kind, points), unit: squared }];
      if (st) out.push(...(['mean', 'sd', 'min', 'max'] as const).map((name) => ({ name, value: st[name], unit })));
      return out;
    }
    case 'point': {
      const stored = frame && storedValue(frame, Math.floor(a[0]), Math.floor(a[1]));
      return typeof stored === 'number' ? [{ name: 'value', value: valueOf(frame!.presentation, stored), unit }] : [];
    }
    case 'arrow':
    case 'text':
      return [];
  }
}
