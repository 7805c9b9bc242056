import type { Point } from '../space/plane';
import type { Mark } from './mark';

type XY = [x: number, y: number];

/** What a mark looks like on screen: lines, a closed outline, and where its words stand. */
export interface Shape {
  lines: XY[][];
  closed: boolean;
  handles: XY[];
  label: XY;
}

const roundness = 64;

/** The outline of an ellipse in its box, in image coordinates: a turned image turns it too. */
export function ellipse([a, b]: Point[]): Point[] {
  const [x, y, rx, ry] = [(a![0] + b![0]) / 2, (a![1] + b![1]) / 2, Math.abs(a![0] - b![0]) / 2, Math.abs(a![1] - b![1]) / 2];
  return Array.from({ length: roundness }, (_, i) => {
    const t = (i / roundness) * 2 * Math.PI;
    return [x + rx * Math.cos(t), y + ry * Math.sin(t)];
  });
}

export function corners([a, b]: Point[]): Point[] {
  return [a!, [b![0], a![1]], b!, [a![0], b![1]]];
}

export function shapeOf(kind: Mark['kind'], points: Point[], toScreen: (p: Point) => XY): Shape {
  const at = points.map(toScreen);
  const plain = (lines: XY[][], closed = false, handles = at): Shape => ({ lines, closed, handles, label: labelAt(lines.flat(), at) });
  const [a, b, c, d] = at as [XY, XY, XY, XY];
  switch (kind) {
    case 'length':
      return plain([[a, b]]);
    case 'angle':
      return plain([at]);
    case 'cobb':
    case 'bidirectional':
      return plain(at.length > 2 ? [[a, b], [c, d ?? c]] : [[a, b]]);
    case 'ellipse':
      return plain([ellipse(points).map(toScreen)], true);
    case 'rectangle':
      return plain([corners(points).map(toScreen)], true);
    case 'freehand':
      return plain([at], true, []);
    case 'arrow':
      return { lines: [[b, a], head(b, a)], closed: false, handles: at, label: [b[0] + 6, b[1] - 6] };
    case 'text':
      return { lines: [], closed: false, handles: at, label: [a[0], a[1]] };
    case 'point':
      return { lines: [[[a[0] - 6, a[1]], [a[0] + 6, a[1]]], [[a[0], a[1] - 6], [a[0], a[1] + 6]]], closed: false, handles: at, label: [a[0] + 9, a[1] - 6] };
  }
}

function head(from: XY, tip: XY): XY[] {
  const t = Math.atan2(tip[1] - from[1], tip[0] - from[0]);
  const wing = (k: number): XY => [tip[0] - 11 * Math.cos(t + k), tip[1] - 11 * Math.sin(t + k)];
  return [wing(0.45), tip, wing(-0.45)];
}

// Right of what is drawn, at its middle height.
function labelAt(drawn: XY[], at: XY[]): XY {
  const all = drawn.length ? drawn : at;
  const right = all.reduce((p, q) => (q[0] > p[0] ? q : p));
  return [right[0] + 8, right[1]];
}

/** How far, in CSS pixels, a place is from what is drawn of a shape. */
export function distanceTo(s: Shape, x: number, y: number): number {
  let least = Infinity;
  for (const line of s.lines) {
    for (let i = 0; i + 1 < line.length + (s.closed ? 1 : 0); i++) least = Math.min(least, toSegment(line[i]!, line[(i + 1) % line.length]!, x, y));
  }
  return least;
}

function toSegment([ax, ay]: XY, [bx, by]: XY, x: number, y: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const l = dx * dx + dy * dy;
  const t = l === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / l));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
