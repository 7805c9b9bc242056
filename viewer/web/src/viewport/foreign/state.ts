// A grayscale softcopy presentation state as the server tells of it (docs/API.md), and
// what it makes of a pane: window, view. PS3.3 A.33.1, PS3.4 N.2.

import type { View } from '../geometry';
import type { Presentation } from '../presentation';
import { look, readTable } from '../table';
import { brightness, voi, type VOI } from '../window';
import type { LUTable } from '../../api/types';
import type { Point } from '../space/plane';

export interface Ref {
  instance: string;
  /** From 1; none: all. */
  frames?: number[];
}

export interface Area {
  images?: Ref[];
  topLeft: Point;
  bottomRight: Point;
  mode: string;
  column?: number;
  magnification?: number;
}

export interface Shutter {
  shape: string;
  edges: [left: number, right: number, upper: number, lower: number];
  center: Point;
  radius: number;
  points?: Point[];
  plane?: number;
}

export interface GraphicText {
  value: string;
  box?: { units: string; topLeft: Point; bottomRight: Point; align: string };
  anchor?: { units: string; at: Point; visible: boolean };
}

export interface Graphic {
  units: string;
  type: string;
  points: Point[];
  filled?: boolean;
  lab?: number[];
}

export interface GraphicLayer {
  name: string;
  order: number;
  description?: string;
  grey?: number;
  lab?: number[];
}

export interface State {
  id: string;
  instance: string;
  label: string;
  description?: string;
  creator?: string;
  created?: string;
  images: Ref[];
  modality?: { slope: number; intercept: number };
  values?: LUTable;
  vois?: { images?: Ref[]; window?: { center: number; width: number; function?: string }; table?: LUTable }[];
  inverse: boolean;
  grey?: LUTable;
  turns: number;
  flip: boolean;
  areas?: Area[];
  shutters?: Shutter[];
  shutterGrey: number;
  layers?: GraphicLayer[];
  annotations?: { images?: Ref[]; layer: string; texts?: GraphicText[]; graphics?: Graphic[] }[];
  planes?: { group: number; layer?: string; label: string; roi: boolean; rows: number; columns: number; top: number; left: number; cells: string }[];
  /** An average of frames of the same image that is taken away. */
  mask?: { frames: number[]; ranges?: [number, number][]; shift?: [rows: number, columns: number] };
  missing?: string[];
}

/** Whether references name a frame; none name every frame of what the state is of. */
export function covers(images: Ref[] | undefined, instance: string, frame: number): boolean {
  if (!images?.length) return true;
  return images.some((i) => i.instance === instance && (!i.frames?.length || i.frames.includes(frame)));
}

/** The stored values there can be. */
export interface Stored {
  least: number;
  most: number;
}

export function storedRange(bits: number, signed: boolean): Stored {
  const n = Math.max(1, Math.min(16, bits || 16));
  return signed ? { least: -(2 ** (n - 1)), most: 2 ** (n - 1) - 1 } : { least: 0, most: 2 ** n - 1 };
}

// At most so many entries: what lies beyond takes the last one.
const longest = 1 << 16;

// windowOf is the window of a pane that shows a frame as a state says. The values of
// the page are those of the file's own modality LUT (they are what is under the
// pointer); the state's window is of its own, and is carried over. Where that is no
// window any more (a table, a presentation LUT, other rescaling) it is a table over the
// values of the page.
export function windowOf(s: State, p: Presentation, stored: Stored, instance: string, frame: number): VOI {
  const item = s.vois?.find((v) => covers(v.images, instance, frame));
  const line = s.modality ?? { slope: 1, intercept: 0 };
  const same = !s.values && !p.values && p.slope === line.slope;
  if (item?.window && same && !s.grey) return voi(item.window.center + p.intercept - line.intercept, item.window.width, item.window.function);
  const values = s.values && readTable(s.values);
  const theirs = (x: number) => {
    // Of a value of the page the stored one, of that the state's.
    const v = (x - p.intercept) / p.slope;
    return values ? look(values, Math.round(v)) : v * line.slope + line.intercept;
  };
  const ends = p.values ? [Math.min(...p.values.data), Math.max(...p.values.data)] : [stored.least, stored.most].map((v) => v * p.slope + p.intercept).sort((a, b) => a - b);
  const [first, last] = [Math.floor(ends[0]!), Math.ceil(ends[1]!)];
  const [low, high] = p.values ? [first, last] : [theirs(ends[0]!), theirs(ends[1]!)];
  const shade = shadeOf(item, values ? 0 : Math.min(low, high), values ? values.top : Math.max(low, high));
  const grey = s.grey && readTable(s.grey);
  const data = new Uint16Array(Math.min(longest, last - first + 1));
  for (let i = 0; i < data.length; i++) {
    // A modality LUT of the file's own is taken for the state's: they are the same object's.
    let b = shade(p.values ? first + i : theirs(first + i));
    if (grey) b = grey.data[Math.round(b * (grey.data.length - 1))]! / grey.top;
    data[i] = Math.round(b * 65_535);
  }
  return { ...voi(first + data.length / 2, data.length), table: { first, top: 65_535, data, explanation: '' } };
}

/** From a value to a share of white; without an item all values there can be (PS3.4 N.2.1.2). */
function shadeOf(item: NonNullable<State['vois']>[number] | undefined, least: number, most: number): (v: number) => number {
  if (item?.table) {
    const t = readTable(item.table);
    return (v) => Math.min(1, look(t, Math.floor(v + 0.5)) / t.top);
  }
  if (!item?.window) return (v) => Math.max(0, Math.min(1, (v - least) / (most - least || 1)));
  const w = voi(item.window.center, item.window.width, item.window.function);
  // In finer steps than a screen has, by two windows of brightness.
  return (v) => fine(v, w);
}

function fine(v: number, w: VOI): number {
  const { center: c, width } = w;
  if (w.function === 'SIGMOID') return 1 / (1 + Math.exp((-4 * (v - c)) / width));
  const [middle, span] = w.function === 'LINEAR' ? [c - 0.5, width - 1] : [c, width];
  if (span <= 0) return brightness(v, w) / 255;
  return Math.max(0, Math.min(1, (v - middle) / span + 0.5));
}

/** A pane, in CSS pixels, and the picture in it. */
export interface Pane {
  width: number;
  height: number;
  columns: number;
  rows: number;
  /** Height of a pixel in widths. */
  aspect: number;
  ratio: number;
}

/** The displayed area of a frame in image coordinates: its least and greatest column and row. */
export function areaOf(s: State, instance: string, frame: number, columns: number, rows: number): { area: Area | undefined; from: Point; to: Point } {
  const area = s.areas?.find((a) => covers(a.images, instance, frame));
  if (!area) return { area, from: [0, 0], to: [columns, rows] };
  const [a, b] = [area.topLeft, area.bottomRight];
  return { area, from: [Math.min(a[0], b[0]) - 1, Math.min(a[1], b[1]) - 1], to: [Math.max(a[0], b[0]), Math.max(a[1], b[1])] };
}

const perMm = 96 / 25.4; // CSS pixels

/** How the picture lies: turned and flipped as the state says, its area in the pane. */
export function viewOf(s: State, p: Presentation, pane: Pane, instance: string, frame: number): View {
  // A page flips first and turns then; a state the other way round.
  const turns = s.flip ? (4 - s.turns) % 4 : s.turns;
  const { area, from, to } = areaOf(s, instance, frame, pane.columns, pane.rows);
  const fit = (w: number, h: number) => (turns % 2 ? Math.min(pane.width / h, pane.height / w) : Math.min(pane.width / w, pane.height / h));
  let scale = fit(to[0] - from[0], (to[1] - from[1]) * pane.aspect);
  if (area?.mode === 'MAGNIFY' && area.magnification) scale = area.magnification / pane.ratio;
  if (area?.mode === 'TRUE SIZE' && area.column) scale = area.column * perMm;
  const whole = fit(pane.columns, pane.rows * pane.aspect);
  const zoom = Math.max(0.1, Math.min(40, scale / whole));
  let x = ((from[0] + to[0]) / 2 - pane.columns / 2) * whole * zoom * (s.flip ? -1 : 1);
  let y = ((from[1] + to[1]) / 2 - pane.rows / 2) * whole * zoom * pane.aspect;
  for (let k = turns; k > 0; k--) [x, y] = [-y, x];
  return { zoom, panX: -x || 0, panY: -y || 0, turns, flipH: s.flip, flipV: false, invert: p.invert !== s.inverse };
}

/** CIE L*a*b* (D50, as ICC has it) as CSS says it. */
export const labColour = ([l, a, b]: number[]) => `lab(${l!.toFixed(1)} ${a!.toFixed(1)} ${b!.toFixed(1)})`;

/** The colour of a layer; of one that recommends none, the page's. */
export function layerColour(s: State, name: string): string | undefined {
  const l = s.layers?.find((x) => x.name === name);
  if (l?.lab) return labColour(l.lab);
  if (l?.grey !== undefined) return `rgb(${Math.round(l.grey * 255)} ${Math.round(l.grey * 255)} ${Math.round(l.grey * 255)})`;
  return undefined;
}
