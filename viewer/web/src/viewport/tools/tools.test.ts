import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { plainView } from '../geometry';
import type { Mark } from '../marks/mark';
import { Placing } from '../placing';
import type { Point } from '../space/plane';
import type { Stage } from '../stage';
import type { Viewer } from '../viewer';
import { drawTool, type Half } from './draw';
import { editTool, gripAt } from './edit';
import { quicken, Wheel } from './quicken';
import type { MarkKind, Press, Tool } from './tool';

// A pane of 400 x 400 with an image of 100 x 100: four CSS pixels each.
function pane(shown = 'frame') {
  const slot = { key: 'a/1', frame: 1, instance: { sopInstanceUid: '1.2', imagerSpacing: null } };
  return {
    slot: signal(slot),
    shown: signal(shown),
    placing: signal(new Placing(plainView, 100, 100, 1, 400, 400)),
    presentation: () => ({ pixelSpacing: [1, 1] }),
  } as unknown as Viewer & { slot: { value: typeof slot } };
}

function press(x: number, y: number): Press {
  return { x, y, dx: 0, dy: 0, time: 0, width: 400, height: 400, at: [x / 4, y / 4], touch: false, shift: false };
}

function draw(kind: MarkKind, v = pane()) {
  const made: Point[][] = [];
  let half: Half | null = null;
  let refused = 0;
  const tool = drawTool(kind, {} as Stage, v, { half: (h) => (half = h), done: (_, __, points) => made.push(points), refused: () => refused++ });
  return { tool, made, half: () => half, refused: () => refused };
}

const drag = (t: Tool, from: [number, number], ...to: [number, number][]) => {
  t.down(press(...from));
  for (const p of to) t.move(press(...p));
  t.up(press(...to.at(-1)!));
};
const clickAt = (t: Tool, x: number, y: number) => {
  t.hover?.(press(x, y));
  t.down(press(x, y));
  t.up(press(x, y));
};

describe('drawing', () => {
  it('a length by a drag', () => {
    const d = draw('length');
    drag(d.tool, [40, 40], [60, 50], [80, 40]);
    expect(d.made).toEqual([[[10, 10], [20, 10]]]);
    expect(d.half()).toBeNull();
  });
  it('a length by two clicks, with the end at the pointer between them', () => {
    const d = draw('length');
    clickAt(d.tool, 40, 40);
    d.tool.hover!(press(100, 44));
    expect(d.half()!.points).toEqual([[10, 10], [25, 11]]);
    clickAt(d.tool, 80, 40);
    expect(d.made).toEqual([[[10, 10], [20, 10]]]);
  });
  it('an angle by a drag and a click, or three clicks', () => {
    const want = [[[10, 10], [20, 10], [20, 30]]];
    const one = draw('angle');
    drag(one.tool, [40, 40], [80, 40]);
    clickAt(one.tool, 80, 120);
    expect(one.made).toEqual(want);
    const other = draw('angle');
    clickAt(other.tool, 40, 40);
    clickAt(other.tool, 80, 40);
    clickAt(other.tool, 80, 120);
    expect(other.made).toEqual(want);
  });
  it('a Cobb angle by two drags or four clicks', () => {
    const want = [[[10, 10], [20, 10], [10, 50], [20, 55]]];
    const one = draw('cobb');
    drag(one.tool, [40, 40], [80, 40]);
    drag(one.tool, [40, 200], [80, 220]);
    expect(one.made).toEqual(want);
    const other = draw('cobb');
    for (const p of [[40, 40], [80, 40], [40, 200], [80, 220]] as [number, number][]) clickAt(other.tool, ...p);
    expect(other.made).toEqual(want);
  });
  it('a freehand outline, and none of a mere click', () => {
    const d = draw('freehand');
    drag(d.tool, [40, 40], [41, 40], [80, 40], [80, 80]);
    expect(d.made).toEqual([[[10, 10], [20, 10], [20, 20]]]);
    clickAt(d.tool, 200, 200);
    expect(d.made.length).toBe(1);
    expect(d.half()).toBeNull();
  });
  it('two axes at once', () => {
    const d = draw('bidirectional');
    drag(d.tool, [40, 40], [120, 40]);
    expect(d.made[0]).toEqual([[10, 10], [30, 10], [20, 15], [20, 5]]);
  });
  it('not on a preview', () => {
    const d = draw('length', pane('preview'));
    drag(d.tool, [40, 40], [80, 40]);
    expect([d.made.length, d.refused(), d.half()]).toEqual([0, 1, null]);
  });
  it('starts anew on another slice, and when it is given up', () => {
    const v = pane();
    const d = draw('angle', v);
    drag(d.tool, [40, 40], [80, 40]);
    v.slot.value = { ...v.slot.value, key: 'b/1' };
    drag(d.tool, [0, 0], [40, 0]);
    expect(d.half()!.points.slice(0, 2)).toEqual([[0, 0], [10, 0]]);
    d.tool.cancel();
    expect(d.half()).toBeNull();
    expect(d.made).toEqual([]);
  });
});

describe('editing', () => {
  const line: Mark = { id: 'a', kind: 'length', instance: '1.2', frame: 1, points: [[10, 10], [50, 10]], text: '', values: [] };
  const box: Mark = { id: 'b', kind: 'ellipse', instance: '1.2', frame: 1, points: [[60, 60], [80, 90]], text: '', values: [] };
  const v = pane();
  it('takes an end, a line, or nothing', () => {
    expect(gripAt(v, [line, box], press(44, 42))).toEqual({ mark: line, handle: 0 });
    expect(gripAt(v, [line, box], press(120, 43))).toEqual({ mark: line, handle: null });
    expect(gripAt(v, [line, box], press(280, 240))).toEqual({ mark: box, handle: null });
    expect(gripAt(v, [line, box], press(280, 300))).toBeNull();
  });
  it('moves one end, or all of it, and tells once', () => {
    const moved: Mark[] = [];
    const seen: (Mark | null)[] = [];
    const edit = (handle: number | null) => editTool(v, { mark: line, handle }, (m) => seen.push(m), (m) => moved.push(m));
    drag(edit(1), [200, 40], [210, 60], [200, 80]);
    drag(edit(null), [120, 40], [140, 60]);
    expect(moved.map((m) => m.points)).toEqual([[[10, 10], [50, 20]], [[15, 15], [55, 15]]]);
    expect(seen.at(-1)).toBeNull();
    const t = edit(0);
    t.down(press(40, 40));
    t.up(press(40, 40));
    expect(moved.length).toBe(2);
  });
});

describe('scrolling', () => {
  it('a quick hand goes further, within bounds', () => expect([0, 0.3, 1.2, 100].map(quicken)).toEqual([1, 1, 2, 4]));
  it('a notch is a slice, a run of notches several, a turn back starts anew', () => {
    const w = new Wheel();
    expect(w.turn(120, 0)).toBe(1);
    expect(w.turn(-120, 400)).toBe(-1);
    let n = 0;
    for (let i = 0; i < 30; i++) n = w.turn(120, 1000 + i * 20);
    expect(n).toBe(4);
    expect(w.turn(120, 5000)).toBe(1);
  });
  it('the small steps of a touchpad add up', () => {
    const w = new Wheel();
    expect([10, 10, 10, 10].map((p, i) => w.turn(p, i * 300))).toEqual([0, 0, 1, 0]);
  });
});
