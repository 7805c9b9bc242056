import type { Stage } from './stage';
import { isNavigation, navigation } from './tools/navigate';
import { Wheel } from './tools/quicken';
import type { Press, Tool, ToolName } from './tools/tool';
import type { Viewer } from './viewer';

const notPicture = 'button, a, input, .track, .mark-text';

// Mouse: left does what the tool says, right is always window/level, middle (or
// shift) moves, wheel scrolls, with ctrl it zooms. Touch: one finger is the
// tool, two fingers zoom and move. A mark under the pointer is taken before any
// tool is.
export function listen(box: HTMLElement, stage: Stage, viewer: Viewer): () => void {
  const down = new Map<number, { x: number; y: number }>();
  const tools = new Map<ToolName, Tool>();
  const wheel = new Wheel();
  let doing: Tool | null = null;

  const place = (e: { clientX: number; clientY: number }) => {
    const r = box.getBoundingClientRect();
    return { x: e.clientX - r.left, y: e.clientY - r.top, width: r.width, height: r.height };
  };
  const press = (e: PointerEvent, before = { x: e.clientX, y: e.clientY }): Press => {
    const p = place(e);
    const at = viewer.placing.peek()?.toImage(p.x, p.y) ?? null;
    return { ...p, at, dx: e.clientX - before.x, dy: e.clientY - before.y, time: e.timeStamp, touch: e.pointerType !== 'mouse', shift: e.shiftKey };
  };
  // A mark that needs several presses keeps its state between them.
  const tool = (name: ToolName): Tool | null => {
    let made = tools.get(name) ?? null;
    if (!made) {
      made = isNavigation(name) ? navigation[name](stage, viewer) : (stage.bench.peek()?.tool(name, stage, viewer) ?? null);
      if (made) tools.set(name, made);
    }
    return made;
  };
  const own = (e: Event) => !(e.target instanceof Element && e.target.closest(notPicture));

  const onDown = (e: PointerEvent) => {
    stage.activate(stage.panes.peek().indexOf(viewer));
    if (!own(e)) return;
    box.setPointerCapture(e.pointerId);
    down.set(e.pointerId, { x: e.clientX, y: e.clientY });
    box.focus({ preventScroll: true });
    if (down.size > 1) {
      doing?.cancel();
      doing = null;
      return;
    }
    const name = toolOf(e, stage);
    const p = press(e);
    doing = (name === stage.tool.peek() && stage.bench.peek()?.grab(stage, viewer, p)) || tool(name);
    doing?.down(p);
  };

  const onMove = (e: PointerEvent) => {
    const before = down.get(e.pointerId);
    if (!before) {
      if (e.pointerType !== 'mouse') return;
      const p = press(e);
      viewer.point(p.at);
      tools.get(stage.tool.peek())?.hover?.(p);
      return;
    }
    if (down.size === 2) pinch(e);
    else doing?.move(press(e, before));
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
    if (was > 0) viewer.zoomBy(is / was, middle.x - middle.width / 2, middle.y - middle.height / 2);
  };

  const onUp = (e: PointerEvent) => {
    const before = down.get(e.pointerId);
    down.delete(e.pointerId);
    if (down.size > 0 || !before) return;
    if (e.type === 'pointercancel') doing?.cancel();
    else doing?.up(press(e, before));
    doing = null;
  };
  const onLeave = () => viewer.point(null);

  const onWheel = (e: WheelEvent) => {
    e.preventDefault();
    if (e.ctrlKey) {
      const p = place(e);
      viewer.zoomBy(Math.exp(-e.deltaY / 300), p.x - p.width / 2, p.y - p.height / 2);
      return;
    }
    const n = wheel.turn(e.deltaMode === WheelEvent.DOM_DELTA_LINE ? e.deltaY * 33 : e.deltaY, e.timeStamp);
    if (n) stage.step(n, viewer);
  };

  const onDouble = (e: MouseEvent) => {
    if (own(e) && isNavigation(stage.tool.peek()) && !stage.enlarge()) viewer.fit();
  };
  const noMenu = (e: Event) => e.preventDefault();
  // Another tool in hand: what was half drawn is given up.
  const offTool = stage.tool.subscribe(() => {
    for (const t of tools.values()) t.cancel();
  });

  const listeners: [string, (e: never) => void][] = [
    ['pointerdown', onDown],
    ['pointermove', onMove],
    ['pointerup', onUp],
    ['pointercancel', onUp],
    ['pointerleave', onLeave],
    ['dblclick', onDouble],
    ['contextmenu', noMenu],
  ];
  for (const [name, f] of listeners) box.addEventListener(name, f as EventListener);
  box.addEventListener('wheel', onWheel, { passive: false });
  return () => {
    offTool();
    for (const [name, f] of listeners) box.removeEventListener(name, f as EventListener);
    box.removeEventListener('wheel', onWheel);
  };
}

function toolOf(e: PointerEvent, stage: Stage): ToolName {
  const name = stage.tool.peek();
  if (e.pointerType !== 'mouse') return name;
  if (e.button === 2) return 'window';
  if (e.button === 1) return 'pan';
  if (e.shiftKey && isNavigation(name)) return 'pan';
  if (e.ctrlKey && isNavigation(name)) return 'zoom';
  return name;
}
