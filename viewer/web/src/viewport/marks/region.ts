import type { Frame } from '../frame';
import { storedValue } from '../frame';
import { valueOf } from '../presentation';
import type { Point } from '../space/plane';
import type { Mark } from './mark';

export interface Statistics {
  count: number;
  mean: number;
  /** Of all pixels of the region, not of a sample. */
  sd: number;
  min: number;
  max: number;
}

/** Whether a place lies in the region of a mark; null for marks that enclose none. */
export function region(kind: Mark['kind'], points: Point[]): ((c: number, r: number) => boolean) | null {
  const [a, b] = points as [Point, Point];
  switch (kind) {
    case 'rectangle':
      return (c, r) => (c - a[0]) * (c - b[0]) <= 0 && (r - a[1]) * (r - b[1]) <= 0;
    case 'ellipse': {
      const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      const [rx, ry] = [Math.abs(a[0] - b[0]) / 2, Math.abs(a[1] - b[1]) / 2];
      return (c, r) => rx > 0 && ry > 0 && ((c - x) / rx) ** 2 + ((r - y) / ry) ** 2 <= 1;
    }
    case 'freehand':
      return (c, r) => inside(points, c, r);
    default:
      return null;
  }
}

function inside(polygon: Point[], c: number, r: number): boolean {
  let odd = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [a, b] = [polygon[i]!, polygon[j]!];
    if (a[1] > r !== b[1] > r && c < ((b[0] - a[0]) * (r - a[1])) / (b[1] - a[1]) + a[0]) odd = !odd;
  }
  return odd;
}

/** Over the pixels whose middle lies in the region, without padding; null when there are none, and in colour. */
export function statistics(f: Frame, kind: Mark['kind'], points: Point[]): Statistics | null {
  const inRegion = f.samples === 1 ? region(kind, points) : null;
  if (!inRegion) return null;
  const [from, to] = f.presentation.padding ?? [1, 0];
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const last = (v: number, n: number) => Math.min(n - 1, Math.ceil(v));
  let [count, mean, squares, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (let r = Math.max(0, Math.floor(Math.min(...ys))); r <= last(Math.max(...ys), f.rows); r++) {
    for (let c = Math.max(0, Math.floor(Math.min(...xs))); c <= last(Math.max(...xs), f.columns); c++) {
      if (!inRegion(c + 0.5, r + 0.5)) continue;
      const stored = storedValue(f, c, r)!;
      if (stored >= from && stored <= to) continue;
      const v = valueOf(f.presentation, stored);
      // Welford's way: no loss of digits where the values are large and alike.
      count++;
      const d = v - mean;
      mean += d / count;
      squares += d * (v - mean);
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
  }
  return count ? { count, mean, sd: Math.sqrt(squares / count), min, max } : null;
}
