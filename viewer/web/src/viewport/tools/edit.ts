import { moveEnd } from '../marks/bidirectional';
import type { Mark } from '../marks/mark';
import { scaleAt } from '../marks/scale';
import { distanceTo, shapeOf } from '../marks/shape';
import type { Point } from '../space/plane';
import type { Viewer } from '../viewer';
import type { Press, Tool } from './tool';

/** What of a mark is taken: one of its points, or all of it. */
export interface Grip {
  mark: Mark;
  handle: number | null;
}

const handleReach = 9;
const lineReach = 6;
const fingers = 2.2;

/** The mark under a press: a point of one before a line of another, the newest first. */
export function gripAt(viewer: Viewer, marks: Mark[], p: Press): Grip | null {
  const placing = viewer.placing.peek();
  if (!placing) return null;
  const k = p.touch ? fingers : 1;
  const shapes = marks.map((mark) => ({ mark, shape: shapeOf(mark.kind, mark.points, (q) => placing.toScreen(q)) })).reverse();
  for (const { mark, shape } of shapes) {
    const handle = shape.handles.findIndex(([x, y]) => Math.hypot(x - p.x, y - p.y) <= handleReach * k);
    if (handle >= 0) return { mark, handle };
  }
  const hit = shapes.find(({ shape }) => distanceTo(shape, p.x, p.y) <= lineReach * k);
  return hit ? { mark: hit.mark, handle: null } : null;
}

/** Moves what was gripped. moving shows it on its way, moved is told once it is put down elsewhere. */
export function editTool(viewer: Viewer, { mark, handle }: Grip, moving: (m: Mark | null) => void, moved: (m: Mark) => void): Tool {
  let at: Point | null = null;
  let now = mark;
  const shifted = (to: Point): Point[] => {
    if (handle === null) return now.points.map(([c, r]) => [c + to[0] - at![0], r + to[1] - at![1]]);
    const slot = viewer.slot.value;
    if (mark.kind === 'bidirectional' && slot) return moveEnd(scaleAt(viewer, slot), now.points, handle, to);
    return now.points.map((p, i) => (i === handle ? to : p));
  };
  return {
    down(p) {
      at = p.at;
    },
    move(p) {
      if (!p.at || !at) return;
      now = { ...now, points: shifted(p.at) };
      at = p.at;
      moving(now);
    },
    up() {
      moving(null);
      if (now !== mark) moved(now);
    },
    cancel: () => moving(null),
  };
}
