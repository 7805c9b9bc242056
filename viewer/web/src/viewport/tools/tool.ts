import type { Point } from '../space/plane';
import type { Stage } from '../stage';
import type { Viewer } from '../viewer';

export type Navigation = 'scroll' | 'window' | 'zoom' | 'pan' | 'crosshair';
export const markKinds = ['length', 'angle', 'cobb', 'bidirectional', 'ellipse', 'rectangle', 'freehand', 'arrow', 'text', 'point'] as const;
export type MarkKind = (typeof markKinds)[number];
export type ToolName = Navigation | MarkKind;

/** A pointer on a pane: in CSS pixels from its corner, and in the image when one is there. */
export interface Press {
  x: number;
  y: number;
  /** Since the event before. */
  dx: number;
  dy: number;
  /** ms of the event, for speed. */
  time: number;
  width: number;
  height: number;
  at: Point | null;
  touch: boolean;
  shift: boolean;
}

/** Tool is a state machine over the events of one pointer on one pane. */
export interface Tool {
  down(p: Press): void;
  move(p: Press): void;
  up(p: Press): void;
  /** The gesture became another one (a second finger, Escape). */
  cancel(): void;
  /** The pointer moves with no button down. */
  hover?(p: Press): void;
}

export type ToolMaker = (stage: Stage, viewer: Viewer) => Tool;
