// Where an image lies in the patient (PS3.3 C.7.6.2.1.1) and on the screen.

export type Vec3 = [number, number, number];

export interface View {
  /** 1 fits the image into the viewport. */
  zoom: number;
  panX: number;
  panY: number;
  /** Quarter turns clockwise. */
  turns: number;
  flipH: boolean;
  flipV: boolean;
  invert: boolean;
}

export const plainView: View = { zoom: 1, panX: 0, panY: 0, turns: 0, flipH: false, flipV: false, invert: false };

/** Row and column direction of Image Orientation (Patient), when they are directions at all. */
export function axes(orientation: number[] | null | undefined): { row: Vec3; column: Vec3 } | null {
  if (!orientation || orientation.length !== 6 || !orientation.every(Number.isFinite)) return null;
  const row = orientation.slice(0, 3) as Vec3;
  const column = orientation.slice(3, 6) as Vec3;
  if (length(row) < 0.5 || length(column) < 0.5) return null;
  return { row, column };
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
function length(a: Vec3): number {
  return Math.hypot(...a);
}

/** How far along the normal of its plane a slice lies, in mm. */
export function slicePosition(position: number[] | null, orientation: number[] | null): number | null {
  const a = axes(orientation);
  if (!a || !position || position.length !== 3 || !position.every(Number.isFinite)) return null;
  const n = cross(a.row, a.column);
  const l = length(n);
  return l < 0.5 ? null : dot(position as Vec3, n) / l;
}

// A component below a quarter of the direction is left out: it would name a
// side the eye cannot tell.
const leastShare = 0.25;
const letters: [string, string][] = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
];

/** Letters of a direction in the patient: the strongest first, as in C.7.6.1.1.1. */
export function directionLetters(v: Vec3): string {
  const l = length(v);
  if (!(l > 0)) return '';
  return v
    .map((c, i) => ({ c: c / l, i }))
    .filter(({ c }) => Math.abs(c) >= leastShare)
    .sort((a, b) => Math.abs(b.c) - Math.abs(a.c))
    .map(({ c, i }) => letters[i]![c > 0 ? 0 : 1])
    .join('');
}

export interface Edges {
  left: string;
  right: string;
  top: string;
  bottom: string;
}

/** The letters at the four edges of the viewport under the flips and turns of a view. */
export function edgeLetters(orientation: number[] | null, view: Pick<View, 'turns' | 'flipH' | 'flipV'>): Edges | null {
  const a = axes(orientation);
  if (!a) return null;
  const along = (sx: number, sy: number): Vec3 => {
    const [c, r] = unturn(sx, sy, view);
    return [0, 1, 2].map((i) => c * a.row[i]! + r * a.column[i]!) as Vec3;
  };
  return {
    left: directionLetters(along(-1, 0)),
    right: directionLetters(along(1, 0)),
    top: directionLetters(along(0, -1)),
    bottom: directionLetters(along(0, 1)),
  };
}

// From a direction on the screen back to one in the image: turn back, then
// flip back (the image is flipped first, then turned).
function unturn(x: number, y: number, view: Pick<View, 'turns' | 'flipH' | 'flipV'>): [number, number] {
  for (let k = ((view.turns % 4) + 4) % 4; k > 0; k--) [x, y] = [y, -x];
  return [view.flipH ? -x : x, view.flipV ? -y : y];
}

export interface Layout {
  /** Screen pixels for one column, and for one row. */
  scaleX: number;
  scaleY: number;
  centerX: number;
  centerY: number;
}

/** Pixels need not be square: a row may be taller than a column is wide (Pixel Spacing and Pixel Aspect Ratio are row, column). */
export function pixelAspect(spacing: number[] | null | undefined): number {
  const [row, column] = spacing ?? [];
  const a = (row ?? 1) / (column ?? 1);
  return Number.isFinite(a) && a > 0.05 && a < 20 ? a : 1;
}

export function layout(view: View, columns: number, rows: number, aspect: number, width: number, height: number): Layout {
  const turned = view.turns % 2 !== 0;
  const w = turned ? rows * aspect : columns;
  const h = turned ? columns : rows * aspect;
  const fit = Math.min(width / w, height / h);
  const scale = fit * view.zoom;
  return { scaleX: scale, scaleY: scale * aspect, centerX: width / 2 + view.panX, centerY: height / 2 + view.panY };
}

/** Image coordinates (column, row; the middle of the first pixel is 0.5, 0.5) of a place in the viewport. */
export function toImage(view: View, l: Layout, columns: number, rows: number, x: number, y: number): [number, number] {
  const [dx, dy] = unturn(x - l.centerX, y - l.centerY, view);
  return [dx / l.scaleX + columns / 2, dy / l.scaleY + rows / 2];
}

/** The way back of toImage. */
export function toScreen(view: View, l: Layout, columns: number, rows: number, column: number, row: number): [number, number] {
  let x = (column - columns / 2) * l.scaleX * (view.flipH ? -1 : 1);
  let y = (row - rows / 2) * l.scaleY * (view.flipV ? -1 : 1);
  for (let k = ((view.turns % 4) + 4) % 4; k > 0; k--) [x, y] = [-y, x];
  return [x + l.centerX, y + l.centerY];
}

export interface ScaleBar {
  mm: number;
  pixels: number;
}

/** A round length of at most the given pixels; null when the image has no scale. */
export function scaleBar(spacing: number[] | null, scaleX: number, most: number): ScaleBar | null {
  const column = spacing?.[1];
  if (!column || !(column > 0) || !(scaleX > 0)) return null;
  const perMm = scaleX / column;
  for (const mm of [200, 100, 50, 20, 10, 5, 2, 1]) if (mm * perMm <= most) return { mm, pixels: mm * perMm };
  return null;
}
