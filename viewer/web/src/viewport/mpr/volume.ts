import { cross, dot, type Vec3 } from '../geometry';
import type { Frame } from '../frame';
import { storedOf } from '../frame';
import { valueOf } from '../presentation';
import { add, minus, unit, type Plane } from '../space/plane';

/** Why no volume can be made of a series; the page says it in words. */
export type Refusal = 'few' | 'colour' | 'places' | 'planes' | 'sizes' | 'gaps' | 'line';

/** A slice with its plane in the patient. */
export interface Slice {
  plane: Plane;
  frame: Frame;
}

/** Where the voxels of a stack lie. */
export interface Grid {
  columns: number;
  rows: number;
  /** The middle of the first voxel. */
  origin: Vec3;
  /** From voxel to voxel along a row and down a column, in mm. */
  stepX: Vec3;
  stepY: Vec3;
  /** The way from slice to slice, of length 1. A tilted gantry moves the table, not along the normal. */
  along: Vec3;
  /** How far along that way each slice lies, in mm, rising. They need not be even. */
  places: number[];
}

export interface Volume extends Grid {
  /** Value = data × scale + offset. */
  data: Int16Array<ArrayBuffer>;
  scale: number;
  offset: number;
}

const least = 3;

/** The order and the grid of planes; or why there is none. */
export function gridOf(planes: (Plane | null)[]): { grid: Grid; order: number[] } | Refusal {
  if (planes.length < least) return 'few';
  if (planes.some((p) => !p)) return 'places';
  const all = planes as Plane[];
  const first = all[0]!;
  for (const p of all) {
    if (p.columns !== first.columns || p.rows !== first.rows || Math.abs(p.dx - first.dx) > 1e-3 || Math.abs(p.dy - first.dy) > 1e-3) return 'sizes';
    if (dot(p.row, first.row) < 0.9999 || dot(p.column, first.column) < 0.9999) return 'planes';
  }
  const order = all.map((_, i) => i).sort((a, b) => dot(all[a]!.origin, first.normal) - dot(all[b]!.origin, first.normal));
  const [from, to] = [all[order[0]!]!, all[order.at(-1)!]!];
  const way = minus(to.origin, from.origin);
  // One place visited twice (phases, diffusion) has no order in space.
  if (dot(way, first.normal) < 1e-3) return 'places';
  const along = unit(way);
  const places = order.map((i) => dot(minus(all[i]!.origin, from.origin), along));
  const gaps = places.slice(1).map((p, i) => p - places[i]!);
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
  if (gaps.some((g) => g < 1e-2)) return 'places';
  if (Math.max(...gaps) > 3 * usual) return 'gaps';
  // All on one line, or the space between them cannot be known.
  const off = order.some((i, k) => Math.hypot(...minus(all[i]!.origin, add(from.origin, along, places[k]!))) > Math.max(0.1 * usual, 0.05));
  if (off) return 'line';
  const scaled = (v: Vec3, k: number): Vec3 => [v[0] * k, v[1] * k, v[2] * k];
  return { order, grid: { columns: first.columns, rows: first.rows, origin: from.origin, stepX: scaled(first.row, first.dx), stepY: scaled(first.column, first.dy), along, places } };
}

/** The voxels of slices, in modality values. */
export function buildVolume(slices: Slice[]): Volume | Refusal {
  if (slices.some((s) => s.frame.samples !== 1)) return 'colour';
  const found = gridOf(slices.map((s) => s.plane));
  if (typeof found === 'string') return found;
  const { grid, order } = found;
  const n = grid.columns * grid.rows;
  const { scale, offset } = range(slices);
  const data = new Int16Array(n * slices.length);
  for (const [k, i] of order.entries()) {
    const { frame } = slices[i]!;
    const table = tableOf(frame, scale, offset);
    for (let j = 0, at = k * n; j < n; j++) data[at++] = table[frame.pixels[j]!]!;
  }
  return { ...grid, data, scale, offset };
}

// Each word of a frame as it stands in the volume.
function tableOf(f: Frame, scale: number, offset: number): Int16Array {
  const table = new Int16Array(1 << f.bits);
  for (let word = 0; word < table.length; word++) {
    const v = (valueOf(f.presentation, storedOf(f, word)) - offset) / scale;
    table[word] = Math.max(-32768, Math.min(32767, Math.round(v)));
  }
  return table;
}

// Whole numbers stay as they are where they fit; what is finer is spread over 16 bits.
function range(slices: Slice[]): { scale: number; offset: number } {
  let [low, high, whole] = [Infinity, -Infinity, true];
  for (const { frame } of slices) {
    let [least, most] = [Infinity, -Infinity];
    for (const w of frame.pixels) {
      const s = storedOf(frame, w);
      if (s < least) least = s;
      if (s > most) most = s;
    }
    for (const s of [least, most]) {
      const v = valueOf(frame.presentation, s);
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    const p = frame.presentation;
    whole &&= p.values !== null || (Number.isInteger(p.slope) && Number.isInteger(p.intercept));
  }
  if (whole && high - low < 65_535) return low >= -32_768 && high <= 32_767 ? { scale: 1, offset: 0 } : { scale: 1, offset: Math.round((low + high) / 2) };
  return { scale: Math.max((high - low) / 65_000, 1e-9), offset: (low + high) / 2 };
}

/** The middle of the stack. */
export function centre(g: Grid): Vec3 {
  return add(add(add(g.origin, g.stepX, (g.columns - 1) / 2), g.stepY, (g.rows - 1) / 2), g.along, g.places.at(-1)! / 2);
}

/** The corners of the stack: what a plane through it has to cover. */
export function cornersOf(g: Grid): Vec3[] {
  const out: Vec3[] = [];
  for (const x of [0, g.columns - 1]) for (const y of [0, g.rows - 1]) for (const z of [0, g.places.at(-1)!]) out.push(add(add(add(g.origin, g.stepX, x), g.stepY, y), g.along, z));
  return out;
}

/** From a place of the patient to (column, row, mm along the way): the rows of the inverse of the grid's axes. */
export function inverse(g: Grid): [Vec3, Vec3, Vec3] {
  const [a, b, c] = [g.stepX, g.stepY, g.along];
  const det = dot(a, cross(b, c));
  const scaled = (v: Vec3): Vec3 => [v[0] / det, v[1] / det, v[2] / det];
  return [scaled(cross(b, c)), scaled(cross(c, a)), scaled(cross(a, b))];
}
