import type { Painter } from './painter';
import type { Tool, Viewer } from './viewer';
import { dragWindow } from './window';

// Mouse: left does what the tool says, right is always window/level, middle (or
// shift) moves, wheel scrolls, with ctrl it zooms. Touch: one finger is the
// tool, two fingers zoom and move.
export function listen(box: HTMLElement, viewer: Viewer, painter: () => Painter | null): () => void {
  const down = new Map<number, { x: number; y: number }>();
  let doing: Tool | null = null;
  let carry = 0;
  let wheelCarry = 0;

  const place = (e: { clientX: number; clientY: number }) => {
    const r = box.getBoundingClientRect();
    return { x: e.clientX - r.left, y: e.clientY - r.top, w: r.width, h: r.height };
  };

  const onDown = (e: PointerEvent) => {
    if (e.target instanceof Element && e.target.closest('button, a, .track')) return;
    box.setPointerCapture(e.pointerId);
    down.set(e.pointerId, { x: e.clientX, y: e.clientY });
    doing = toolOf(e, viewer);
    carry = 0;
    box.focus({ preventScroll: true });
  };

  const onMove = (e: PointerEvent) => {
    const before = down.get(e.pointerId);
    if (!before) {
      if (e.pointerType === 'mouse') {
        const p = place(e);
        viewer.probe.value = painter()?.probe(p.x, p.y) ?? null;
      }
      return;
    }
    const [dx, dy] = [e.clientX - before.x, e.clientY - before.y];
    if (down.size === 2) pinch(e);
    else if (doing) drag(doing, dx, dy);
    down.set(e.pointerId, { x: e.clientX, y: e.clientY });
  };

  const pinch = (e: PointerEvent) => {
    const [idA, idB] = [...down.keys()] as [number, number];
    const other = down.get(e.pointerId === idA ? idB : idA)!;
    const before = down.get(e.pointerId)!;
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(e.clientX - other.x, e.clientY - other.y);
    const middle = place({ clientX: (e.clientX + other.x) / 2, clientY: (e.clientY + other.y) / 2 });
    viewer.change({ panX: viewer.view.value.panX + (e.clientX - before.x) / 2, panY: viewer.view.value.panY + (e.clientY - before.y) / 2 });
    if (was > 0) viewer.zoomBy(is / was, middle.x - middle.w / 2, middle.y - middle.h / 2);
  };

  const drag = (tool: Tool, dx: number, dy: number) => {
    const v = viewer.view.value;
    switch (tool) {
      case 'pan':
        viewer.change({ panX: v.panX + dx, panY: v.panY + dy });
        return;
      case 'zoom':
        viewer.zoomBy(Math.exp(-dy / 150));
        return;
      case 'window': {
        const w = viewer.window.value ?? viewer.drawn.value;
        if (w && viewer.shown.value === 'frame') viewer.useCustom(dragWindow(w, dx, dy, w.width >= 10));
        return;
      }
      case 'scroll': {
        const each = Math.max(4, Math.min(24, box.clientHeight / Math.max(1, viewer.slots.value.length)));
        carry += dy / each;
        const n = Math.trunc(carry);
        carry -= n;
        if (n) viewer.step(n);
      }
    }
  };

  const onUp = (e: PointerEvent) => {
    down.delete(e.pointerId);
    if (down.size === 0) doing = null;
  };
  const onLeave = () => {
    viewer.probe.value = null;
  };

  const onWheel = (e: WheelEvent) => {
    e.preventDefault();
    if (e.ctrlKey) {
      const p = place(e);
      viewer.zoomBy(Math.exp(-e.deltaY / 300), p.x - p.w / 2, p.y - p.h / 2);
      return;
    }
    // A notch of a wheel is one slice, a hard turn several; the small steps of
    // a touchpad add up.
    const pixels = e.deltaMode === WheelEvent.DOM_DELTA_LINE ? e.deltaY * 33 : e.deltaY;
    if (Math.abs(pixels) >= 50) {
      wheelCarry = 0;
      viewer.step(Math.sign(pixels) * Math.max(1, Math.round(Math.abs(pixels) / 120)));
      return;
    }
    wheelCarry += pixels / 30;
    const n = Math.trunc(wheelCarry);
    wheelCarry -= n;
    if (n) viewer.step(n);
  };

  const onDouble = (e: MouseEvent) => {
    if (!(e.target instanceof Element && e.target.closest('button, a, .track'))) viewer.fit();
  };
  const noMenu = (e: Event) => e.preventDefault();

  box.addEventListener('pointerdown', onDown);
  box.addEventListener('pointermove', onMove);
  box.addEventListener('pointerup', onUp);
  box.addEventListener('pointercancel', onUp);
  box.addEventListener('pointerleave', onLeave);
  box.addEventListener('wheel', onWheel, { passive: false });
  box.addEventListener('dblclick', onDouble);
  box.addEventListener('contextmenu', noMenu);
  return () => {
    box.removeEventListener('pointerdown', onDown);
    box.removeEventListener('pointermove', onMove);
    box.removeEventListener('pointerup', onUp);
    box.removeEventListener('pointercancel', onUp);
    box.removeEventListener('pointerleave', onLeave);
    box.removeEventListener('wheel', onWheel);
    box.removeEventListener('dblclick', onDouble);
    box.removeEventListener('contextmenu', noMenu);
  };
}

function toolOf(e: PointerEvent, viewer: Viewer): Tool {
  if (e.pointerType !== 'mouse') return viewer.tool.value;
  if (e.button === 2) return 'window';
  if (e.button === 1 || e.shiftKey) return 'pan';
  if (e.ctrlKey) return 'zoom';
  return viewer.tool.value;
}
