import type { Slot } from '../stack';
import type { Viewer } from '../viewer';
import type { Point } from '../space/plane';

/** What a step of one column and of one row is worth. */
export interface Scale {
  x: number;
  y: number;
  /** UCUM: mm, or {pixels} when the file says no size. */
  unit: 'mm' | '{pixels}';
  /** The size is that at the detector (Imager Pixel Spacing): in the patient it is smaller. */
  detector: boolean;
}

export const pixels: Scale = { x: 1, y: 1, unit: '{pixels}', detector: false };

/** Pixel Spacing (PS3.3 10.7.1.3) is of rows first. It holds in the plane of the frame however the gantry was tilted. */
export function scaleOf(spacing: number[] | null | undefined, detector = false): Scale | null {
  const [y, x] = spacing ?? [];
  return x! > 0 && y! > 0 ? { x: x!, y: y!, unit: 'mm', detector } : null;
}

export function scaleAt(viewer: Viewer, slot: Slot): Scale {
  return scaleFor(viewer.presentation(slot).pixelSpacing, slot.instance.imagerSpacing);
}

/** The scale by Pixel Spacing and Imager Pixel Spacing: where both are the same, nobody has calibrated it (PS3.3 10.7.1.2), and it is that of the detector. */
export function scaleFor(spacing: number[] | null, imager: number[] | null): Scale {
  const calibrated = scaleOf(spacing);
  const detector = scaleOf(imager, true);
  if (calibrated && detector && calibrated.x === detector.x && calibrated.y === detector.y) return detector;
  return calibrated ?? detector ?? pixels;
}

export function toUnits(s: Scale, [c, r]: Point): Point {
  return [c * s.x, r * s.y];
}

export function distance(s: Scale, a: Point, b: Point): number {
  return Math.hypot((a[0] - b[0]) * s.x, (a[1] - b[1]) * s.y);
}
