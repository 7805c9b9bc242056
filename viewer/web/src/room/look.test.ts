import { describe, expect, it } from 'vitest';
import type { Series } from '../api/types';
import { Client } from '../api/client';
import { Loader } from '../viewport/loader';
import { Placing } from '../viewport/placing';
import { Stage } from '../viewport/stage';
import { voi } from '../viewport/window';
import { goTo, placeOf } from './look';

const series = [
  { id: 'a', number: 1, modality: 'CT', description: '', bodyPart: '', instances: [1, 2, 3].map((n) => ({ id: `a${n}`, sopInstanceUid: `1.${n}`, number: n, frames: 1, displayable: 'image', rows: 512, columns: 512, preview: '' })) },
  { id: 'b', number: 2, modality: 'CT', description: '', bodyPart: '', instances: [1, 2].map((n) => ({ id: `b${n}`, sopInstanceUid: `2.${n}`, number: n, frames: 1, displayable: 'image', rows: 512, columns: 512, preview: '' })) },
] as unknown as Series[];

function stage(width: number, height: number): Stage {
  const s = new Stage(new Loader(new Client({ fetch: () => new Promise(() => {}) })));
  s.setSeries(series);
  const draw = () => (s.active.value.placing.value = new Placing(s.active.value.view.value, 512, 512, 1, width, height));
  draw();
  return Object.assign(s, { draw });
}

describe('a place', () => {
  it('is found on a page of another size: series, slice, window, and what lies in the middle', () => {
    const desktop = stage(1000, 800) as Stage & { draw: () => void };
    const phone = stage(390, 500) as Stage & { draw: () => void };
    desktop.open('b');
    const v = desktop.active.value;
    v.goTo(1);
    v.useCustom(voi(60, 120));
    v.zoomBy(3, 120, -40);
    v.turn();
    v.invert();
    v.zoomBy(1.5, 33, 44);
    desktop.draw();
    const place = placeOf(v, [10, 20])!;
    expect(goTo(phone, place)).toBe(true);
    phone.draw();
    const got = placeOf(phone.active.value, [10, 20])!;
    expect(got.view[1]).toBeCloseTo(place.view[1], 1);
    expect(got.view[2]).toBeCloseTo(place.view[2], 1);
    expect({ ...got, view: [got.view[0], ...got.view.slice(3)] }).toEqual({ ...place, view: [place.view[0], ...place.view.slice(3)] });
    expect(phone.active.value.active.value).toBe('b');
  });

  it('of a study that is not open is not found, and nothing moves', () => {
    const s = stage(400, 400);
    const before = s.active.value.index.value;
    expect(goTo(s, { series: 'z', instance: 'z1', frame: 1, window: null, view: [1, 0, 0, 0, 0, 0, 0], pointer: null })).toBe(false);
    expect(goTo(s, { series: 'a', instance: 'z1', frame: 1, window: null, view: [1, 0, 0, 0, 0, 0, 0], pointer: null })).toBe(false);
    expect(s.active.value.index.value).toBe(before);
  });

  it('goes back to the window of the file', () => {
    const [a, b] = [stage(400, 400), stage(400, 400)];
    b.active.value.useCustom(voi(1, 2));
    goTo(b, placeOf(a.active.value, null)!);
    expect(b.active.value.window.value).toBeNull();
  });
});
