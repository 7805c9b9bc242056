// Shapes of SCOORD (PS3.3 C.18.6.1.2), SCOORD3D (C.18.9.1.2) and graphic objects
// (C.10.5.1.2) as outlines on the screen.

export type XY = [x: number, y: number];

const roundness = 72;
const cross = 6;

/** Lines on the screen, closed or not. */
export interface Outline {
  lines: XY[][];
  closed: boolean;
}

export function outline(type: string, at: XY[]): Outline {
  switch (type) {
    case 'POINT':
    case 'MULTIPOINT':
    case 'ELLIPSOID':
      return {
        lines: at.flatMap(([x, y]): XY[][] => [
          [[x - cross, y], [x + cross, y]],
          [[x, y - cross], [x, y + cross]],
        ]),
        closed: false,
      };
    case 'CIRCLE': {
      const [[x, y], [u, v]] = at as [XY, XY];
      return { lines: [round([x, y], [u - x, v - y], [y - v, u - x])], closed: true };
    }
    case 'ELLIPSE': {
      const [a, b, c, d] = at as [XY, XY, XY, XY];
      return { lines: [round([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2], [(d[0] - c[0]) / 2, (d[1] - c[1]) / 2])], closed: true };
    }
    case 'INTERPOLATED':
      return { lines: [smooth(at)], closed: false };
    default:
      return { lines: [at], closed: type === 'POLYGON' };
  }
}

function round([x, y]: XY, [a, b]: XY, [c, d]: XY): XY[] {
  return Array.from({ length: roundness }, (_, i) => {
    const t = (i / roundness) * 2 * Math.PI;
    return [x + a * Math.cos(t) + c * Math.sin(t), y + b * Math.cos(t) + d * Math.sin(t)];
  });
}

const pieces = 12;

// A curve through its points (Catmull and Rom); one that ends where it began is closed.
function smooth(p: XY[]): XY[] {
  const n = p.length;
  if (n < 3) return p;
  const ring = p[0]![0] === p[n - 1]![0] && p[0]![1] === p[n - 1]![1];
  const at = (i: number): XY => {
    if (i < 0) return ring ? p[n - 2]! : p[0]!;
    if (i >= n) return ring ? p[1]! : p[n - 1]!;
    return p[i]!;
  };
  const out: XY[] = [p[0]!];
  for (let i = 0; i + 1 < n; i++) {
    const [a, b, c, d] = [at(i - 1), p[i]!, p[i + 1]!, at(i + 2)];
    for (let k = 1; k <= pieces; k++) {
      const t = k / pieces;
      const along = (q: 0 | 1) => 0.5 * (2 * b[q] + (c[q] - a[q]) * t + (2 * a[q] - 5 * b[q] + 4 * c[q] - d[q]) * t * t + (3 * b[q] - a[q] - 3 * c[q] + d[q]) * t * t * t);
      out.push([along(0), along(1)]);
    }
  }
  return out;
}

/** Of an SVG path. */
export function pathOf({ lines, closed }: Outline): string {
  return lines.map((l) => l.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') + (closed ? 'Z' : '')).join('');
}
