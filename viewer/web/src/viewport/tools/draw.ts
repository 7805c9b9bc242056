import { shortAxis } from '../marks/bidirectional';
import { pointsOf } from '../marks/mark';
import { pixels, scaleAt } from '../marks/scale';
import type { Point } from '../space/plane';
import type { Stage } from '../stage';
import type { Viewer } from '../viewer';
import type { MarkKind, Press, Tool } from './tool';

/** What is being drawn and is no mark yet. */
export interface Half {
  viewer: Viewer;
  kind: MarkKind;
  key: string;
  points: Point[];
}

/** Where drawing tools put what they draw. */
export interface Paper {
  half(h: Half | null): void;
  done(viewer: Viewer, kind: MarkKind, points: Point[]): void;
  /** The true pixels are not there yet: measuring waits. */
  refused(): void;
}

const click = 4; // CSS pixels: less than this is no drag
const apart = 2; // of two points of a freehand line

// Points are set by dragging from one to the next or by clicks, as the reader
// likes: the last point follows the pointer until it is set.
//
//	idle ─down→ drawing ─up after a drag→ sets the point, next one follows
//	               └─up without one→ the point follows until the next down
//	drawing with all points set → a mark
export function drawTool(kind: MarkKind, _: Stage, viewer: Viewer, paper: Paper): Tool {
  let points: Point[] = [];
  let key = '';
  let from: Press | null = null;

  const show = () => paper.half(points.length ? { viewer, kind, key, points } : null);
  const end = () => {
    points = [];
    from = null;
    show();
  };
  const finish = () => {
    const made = kind === 'bidirectional' ? [...points, ...shortAxis(viewer.slot.value ? scaleAt(viewer, viewer.slot.value) : pixels, points)] : points;
    end();
    paper.done(viewer, kind, made);
  };
  // The short axis comes by itself.
  const wanted = kind === 'bidirectional' ? 2 : pointsOf[kind];
  const follow = (at: Point) => {
    if (kind === 'freehand') {
      const last = points.at(-1)!;
      const zoom = viewer.placing.value?.layout.scaleX ?? 1;
      if (Math.hypot(at[0] - last[0], at[1] - last[1]) * zoom >= apart) points = [...points, at];
    } else points = [...points.slice(0, -1), at];
    show();
  };

  return {
    down(p) {
      const slot = viewer.slot.value;
      if (!p.at || !slot) return;
      if (viewer.shown.value !== 'frame') {
        end();
        paper.refused();
        return;
      }
      if (points.length && key !== slot.key) end();
      from = p;
      if (points.length === 0) {
        key = slot.key;
        points = wanted === 1 || kind === 'freehand' ? [p.at] : [p.at, p.at];
      } else follow(p.at);
      // The second line of a Cobb angle begins where the pointer goes down.
      if (kind === 'cobb' && points.length === 3) points = [...points.slice(0, 2), p.at, p.at];
      show();
    },
    move(p) {
      if (p.at && points.length) follow(p.at);
    },
    up(p) {
      if (!from || points.length === 0) return;
      const dragged = Math.hypot(p.x - from.x, p.y - from.y) >= click;
      from = null;
      if (kind === 'freehand') return points.length >= wanted ? finish() : end();
      // A click that began a line: its end follows until the next click.
      const begun = !dragged && samePlace(points.at(-1)!, points.at(-2));
      if (begun && wanted > 1) return;
      if (points.length >= wanted) return finish();
      points = [...points, points.at(-1)!];
      show();
    },
    hover(p) {
      if (p.at && points.length && !(kind === 'cobb' && points.length === 3)) follow(p.at);
    },
    cancel: end,
  };
}

function samePlace(a: Point, b: Point | undefined): boolean {
  return !!b && a[0] === b[0] && a[1] === b[1];
}
