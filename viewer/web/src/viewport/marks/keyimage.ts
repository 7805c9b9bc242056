import { plainView, type View } from '../geometry';
import { Placing } from '../placing';

/** An image the reader refers to, as it was looked at. */
export interface KeyImage {
  id: string;
  /** As the report calls it: 図1, Fig. 1. */
  number: number;
  instance: string;
  frame: number;
  window: { center: number; width: number; function: string } | null;
  /** How it lay in a pane of that many pixels; older ones do not say of how many. */
  view: View & { width?: number; height?: number };
  text: string;
  /** The presentation state it was looked at under, and its layers that were hidden. */
  state?: string;
  hidden?: string[];
}

/** A key image as it was looked at, in a picture whose longer side is that many pixels. */
export function placed({ view }: KeyImage, columns: number, rows: number, aspect: number, side: number): Placing {
  const { width = 0, height = 0, ...seen } = view;
  if (width > 0 && height > 0) {
    const k = side / Math.max(width, height);
    return new Placing({ ...seen, panX: seen.panX * k, panY: seen.panY * k }, columns, rows, aspect, Math.round(width * k), Math.round(height * k));
  }
  const whole = { ...plainView, turns: seen.turns, flipH: seen.flipH, flipV: seen.flipV };
  const k = side / Math.max(columns, rows * aspect);
  const size = [Math.round(columns * k), Math.round(rows * aspect * k)];
  if (seen.turns % 2 !== 0) size.reverse();
  return new Placing(whole, columns, rows, aspect, size[0]!, size[1]!);
}

/** The first number that no key image has. */
export function nextNumber(keys: KeyImage[]): number {
  let n = 1;
  while (keys.some((k) => k.number === n)) n++;
  return n;
}
