import type { Point } from '../space/plane';
import type { MarkKind } from '../tools/tool';

/** A measured value as it is kept and written to the structured report. */
export interface Value {
  name: 'length' | 'long' | 'short' | 'angle' | 'area' | 'mean' | 'sd' | 'min' | 'max' | 'value';
  value: number;
  /** UCUM (PS3.16 CID 82): mm, mm2, deg, [hnsf'U], {pixels}, 1 … */
  unit: string;
}

/** Something drawn on one frame. */
export interface Mark {
  id: string;
  kind: MarkKind;
  /** SOP Instance UID, and frame from 1. */
  instance: string;
  frame: number;
  /** In image coordinates; what they mean depends on the kind (see pointsOf). */
  points: Point[];
  text: string;
  /** As measured on the true pixels when the mark was drawn or last moved. */
  values: Value[];
}

/** How many points a kind has; freehand has as many as the hand drew. */
export const pointsOf: Record<MarkKind, number> = {
  length: 2,
  angle: 3, // the vertex second
  cobb: 4, // two lines
  bidirectional: 4, // the long axis, then the short one
  ellipse: 2, // opposite corners of its box
  rectangle: 2,
  freehand: 3,
  arrow: 2, // the tip first
  text: 1,
  point: 1,
};
