// The tools that change how images are looked at.

import { toPatient } from '../space/plane';
import { slotAt } from '../sync';
import { dragWindow } from '../window';
import { quicken } from './quicken';
import type { Navigation, Press, Tool, ToolMaker } from './tool';

const nothing = () => {};
const dragging = (move: (p: Press) => void): Tool => ({ down: nothing, move, up: nothing, cancel: nothing });

const pan: ToolMaker = (_, viewer) =>
  dragging((p) => {
    const v = viewer.view.value;
    viewer.change({ panX: v.panX + p.dx, panY: v.panY + p.dy });
  });

const zoom: ToolMaker = (_, viewer) => dragging((p) => viewer.zoomBy(Math.exp(-p.dy / 150)));

// Of a preview there are no values to window.
const window: ToolMaker = (_, viewer) =>
  dragging((p) => {
    const w = viewer.window.value ?? viewer.drawn.value;
    if (w && viewer.shown.value === 'frame') viewer.useCustom(dragWindow(w, p.dx, p.dy, w.width >= 10));
  });

// A pane's height is the whole stack, and a quick hand goes further.
const scroll: ToolMaker = (stage, viewer) => {
  let carry = 0;
  let last = 0;
  return {
    down(p) {
      carry = 0;
      last = p.time;
    },
    move(p) {
      const each = Math.max(4, Math.min(24, p.height / Math.max(1, viewer.slots.value.length)));
      carry += (p.dy * quicken(Math.abs(p.dy) / Math.max(1, p.time - last))) / each;
      last = p.time;
      const n = Math.trunc(carry);
      carry -= n;
      if (n) stage.step(n, viewer);
    },
    up: nothing,
    cancel: nothing,
  };
};

// Points at a place of the patient: every pane of the same frame of reference
// goes to its slice and marks it.
const crosshair: ToolMaker = (stage, viewer) => {
  const point = (p: Press) => {
    const slot = viewer.slot.value;
    const plane = slot && viewer.plane(slot);
    const frameOfReference = slot?.instance.frameOfReference;
    if (!plane || !frameOfReference || !p.at) return;
    const at = toPatient(plane, p.at);
    stage.pointed.value = { frameOfReference, at };
    for (const v of stage.panes.value) {
      if (v === viewer || v.slot.value?.instance.frameOfReference !== frameOfReference) continue;
      const i = slotAt(v, at);
      if (i >= 0) v.goTo(i);
    }
  };
  return { down: point, move: point, up: nothing, cancel: nothing };
};

export const navigation: Record<Navigation, ToolMaker> = { pan, zoom, window, scroll, crosshair };

export function isNavigation(name: string): name is Navigation {
  return Object.hasOwn(navigation, name);
}
