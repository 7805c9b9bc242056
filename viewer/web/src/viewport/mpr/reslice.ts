import { dot, type Vec3 } from '../geometry';
import { add, minus } from '../space/plane';
import { inverse, type Volume } from './volume';

export type Slab = 'mean' | 'mip' | 'minip';

/** A picture to be cut out of a volume. */
export interface Cut {
  /** The middle of its first pixel. */
  origin: Vec3;
  /** From pixel to pixel along a row, down a column, and the way it faces, of length 1. */
  right: Vec3;
  down: Vec3;
  normal: Vec3;
  width: number;
  height: number;
  /** mm; 0 is one thin plane. */
  thickness: number;
  slab: Slab;
  /** mm between the planes of a slab. */
  step: number;
}

/** Outside of the volume. */
export const nothing = -32768;

/** Cuts a plane or a slab out of a volume, in the units of its data; trilinear. */
export function reslice(v: Volume, cut: Cut): Int16Array<ArrayBuffer> {
  const { width, height } = cut;
  const out = new Int16Array(width * height);
  const rows = inverse(v);
  const map = (d: Vec3): Vec3 => [dot(rows[0], d), dot(rows[1], d), dot(rows[2], d)];
  const planes = Math.max(1, Math.round(cut.thickness / Math.max(cut.step, 0.1)) + (cut.thickness > 0 ? 1 : 0));
  const [right, down] = [map(cut.right), map(cut.down)];
  const starts = Array.from({ length: planes }, (_, i) => map(minus(add(cut.origin, cut.normal, planes === 1 ? 0 : (i / (planes - 1) - 0.5) * cut.thickness), v.origin)));
  const find = finder(v.places);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let count = 0;
      let best = nothing;
      for (const s of starts) {
        const value = sample(v, s[0] + x * right[0] + y * down[0], s[1] + x * right[1] + y * down[1], find(s[2] + x * right[2] + y * down[2]));
        if (value === nothing) continue;
        if (cut.slab === 'mip') best = count ? Math.max(best, value) : value;
        else if (cut.slab === 'minip') best = count ? Math.min(best, value) : value;
        else sum += value;
        count++;
      }
      out[y * width + x] = count === 0 ? nothing : cut.slab === 'mean' ? Math.round(sum / count) : best;
    }
  }
  return out;
}

// mm along the way to a slice and its fraction; below zero outside. Even stacks
// need no search.
function finder(places: number[]): (mm: number) => number {
  const last = places.length - 1;
  const even = places[last]! / last;
  const isEven = places.every((p, i) => Math.abs(p - i * even) < 1e-3);
  if (isEven) return (mm) => mm / even;
  return (mm) => {
    if (mm < 0 || mm > places[last]!) return -1;
    let [a, b] = [0, last];
    while (b - a > 1) {
      const m = (a + b) >> 1;
      if (places[m]! <= mm) a = m;
      else b = m;
    }
    return a + (mm - places[a]!) / (places[b]! - places[a]!);
  };
}

// A hair outside is still on the edge.
const hair = 1e-6;

function sample(v: Volume, x: number, y: number, z: number): number {
  const { columns, rows, data } = v;
  const last = v.places.length - 1;
  if (x < -hair || y < -hair || z < -hair || x > columns - 1 + hair || y > rows - 1 + hair || z > last + hair) return nothing;
  const x0 = Math.max(0, Math.min(columns - 2, Math.floor(x)));
  const y0 = Math.max(0, Math.min(rows - 2, Math.floor(y)));
  const z0 = Math.max(0, Math.min(last - 1, Math.floor(z)));
  const [fx, fy, fz] = [x - x0, y - y0, z - z0];
  const n = columns * rows;
  const at = z0 * n + y0 * columns + x0;
  const a = data[at]! + fx * (data[at + 1]! - data[at]!);
  const b = data[at + columns]! + fx * (data[at + columns + 1]! - data[at + columns]!);
  const c = data[at + n]! + fx * (data[at + n + 1]! - data[at + n]!);
  const d = data[at + n + columns]! + fx * (data[at + n + columns + 1]! - data[at + n + columns]!);
  const front = a + fy * (b - a);
  return front + fz * (c + fy * (d - c) - front);
}
