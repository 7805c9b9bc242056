// Stacks that scroll together do so by where their slices lie in the patient.

import type { Vec3 } from './geometry';
import { depth, parallel, toPlane, type Plane } from './space/plane';
import type { Slot } from './stack';
import type { Viewer } from './viewer';

/** Both lie in one frame of reference (PS3.3 C.7.4.1): their coordinates can be compared. */
export function sameSpace(a: Slot, b: Slot): boolean {
  return !!a.instance.frameOfReference && a.instance.frameOfReference === b.instance.frameOfReference;
}

// Links brings the parallel panes to where one of them is. Within one frame of
// reference the coordinates say where that is. Another examination has a frame
// of its own: there the distance between the two at the time they were linked
// is kept, so that a reader who has lined them up once scrolls both.
export class Links {
  private readonly offsets = new Map<string, number>();

  /** From now on as they stand now. */
  reset() {
    this.offsets.clear();
  }

  /** Notes how the others stand to the leader, before it moves. */
  note(leader: Viewer, panes: Viewer[]) {
    for (const { slot, plane, v, other, theirs } of pairs(leader, panes)) {
      if (sameSpace(slot, other)) continue;
      const key = pair(leader, v);
      if (!this.offsets.has(key)) this.offsets.set(key, depth(plane, theirs));
      this.offsets.set(pair(v, leader), depth(theirs, plane));
    }
  }

  follow(leader: Viewer, panes: Viewer[]) {
    for (const { slot, plane, v, other } of pairs(leader, panes)) {
      const offset = sameSpace(slot, other) ? 0 : this.offsets.get(pair(leader, v));
      if (offset === undefined) continue;
      const i = nearest(v, (p) => Math.abs(depth(plane, p) - offset));
      if (i >= 0) v.goTo(i);
    }
  }
}

const pair = (a: Viewer, b: Viewer) => `${a.active.value} ${b.active.value}`;

function* pairs(leader: Viewer, panes: Viewer[]) {
  const slot = leader.slot.value;
  const plane = slot && leader.plane(slot);
  if (!slot || !plane) return;
  for (const v of panes) {
    const other = v.slot.value;
    const theirs = other && v.plane(other);
    if (v === leader || !other || !theirs || !parallel(plane, theirs)) continue;
    yield { slot, plane, v, other, theirs };
  }
}

/** The slot of a pane at the least distance; -1 when none has a place. */
export function nearest(v: Viewer, distance: (p: Plane) => number): number {
  let best = -1;
  let least = Infinity;
  for (const [i, s] of v.slots.value.entries()) {
    const p = v.plane(s);
    const d = p ? distance(p) : Infinity;
    if (d < least) {
      least = d;
      best = i;
    }
  }
  return best;
}

/** The slot on which a place of the patient lies, or nearest to it. */
export function slotAt(v: Viewer, at: Vec3): number {
  return nearest(v, (p) => Math.abs(toPlane(p, at).distance));
}
