import { describe, expect, it } from 'vitest';
import { Client } from '../api/client';
import type { Instance, Series } from '../api/types';
import { Loader } from './loader';
import { Stage } from './stage';

function series(id: string, zs: number[], frameOfReference: string, orientation = [1, 0, 0, 0, 1, 0]): Series {
  const instances = zs.map(
    (z, i) =>
      ({ id: `${id}${i}`, sopInstanceUid: `${id}.${i}`, number: i, frames: 1, rows: 10, columns: 10, samples: 1, displayable: 'image', position: orientation[1] ? [z, 0, 0] : [0, 0, z], orientation, pixelSpacing: [1, 1], frameOfReference, preview: '', slope: 1, intercept: 0, windows: [], paddingValue: null, paddingLimit: null, invert: false }) as unknown as Instance,
  );
  return { id, number: 1, modality: 'CT', description: '', bodyPart: '', instances };
}

const thick = series('thick', [0, 10, 20, 30, 40], 'here');
const thin = series('thin', Array.from({ length: 41 }, (_, i) => i), 'here');
const prior = series('prior', [100, 110, 120, 130, 140], 'there');
const sagittal = series('sagittal', [0, 5, 10], 'here', [0, 1, 0, 0, 0, -1]);

function stage(...list: Series[]) {
  const never = new Client({ fetch: () => new Promise<Response>(() => {}) });
  const s = new Stage(new Loader(never));
  s.setSeries(list);
  s.setGrid(1, list.length);
  return s;
}
const at = (s: Stage) => s.panes.value.map((v) => v.index.value);

describe('linked panes', () => {
  it('of one space go to the same place', () => {
    const s = stage(thick, thin);
    s.goTo(1);
    expect(at(s)).toEqual([1, 10]);
    s.goTo(33, s.panes.value[1]!);
    expect(at(s)).toEqual([3, 33]);
  });
  it('that are not parallel stay', () => {
    const s = stage(thick, sagittal);
    const before = at(s)[1];
    s.goTo(0);
    expect(at(s)).toEqual([0, before]);
  });
  it('of another examination keep the distance they were linked at', () => {
    const s = stage(thick, prior);
    s.setLinked(false);
    s.goTo(0);
    s.goTo(1, s.panes.value[1]!);
    s.setLinked(true);
    s.goTo(2);
    expect(at(s)).toEqual([2, 3]);
    s.goTo(2, s.panes.value[1]!);
    expect(at(s)).toEqual([1, 2]);
    s.goTo(0);
    s.goTo(4);
    s.goTo(3);
    expect(at(s)).toEqual([3, 4]);
  });
  it('go their own ways when not linked', () => {
    const s = stage(thick, thin);
    s.setLinked(false);
    s.goTo(0);
    expect(at(s)).toEqual([0, 20]);
  });
});

describe('the grid', () => {
  it('fills new panes with series nobody shows, and keeps what is worked in', () => {
    const s = stage(thick);
    s.setSeries([thick, thin, sagittal]);
    s.setGrid(2, 2);
    expect(s.panes.value.map((v) => v.active.value)).toEqual(['thick', 'thin', 'sagittal', '']);
    s.activate(2);
    s.setGrid(1, 1);
    expect(s.panes.value.map((v) => v.active.value)).toEqual(['sagittal']);
    s.setGrid(9, 0);
    expect(s.grid.value).toEqual({ rows: 4, columns: 1 });
  });
  it('gives one pane the whole wall, and all of them their places again', () => {
    const s = stage(thick, thin);
    s.activate(1);
    expect([s.enlarge(), s.alone.value, s.panes.value.length, s.active.value.active.value]).toEqual([true, true, 2, 'thin']);
    expect([s.enlarge(), s.alone.value, s.at.value]).toEqual([true, false, 1]);
    s.enlarge();
    s.setGrid(1, 1);
    expect([s.alone.value, s.enlarge()]).toEqual([false, false]);
  });
  it('takes a series into the pane it is put on', () => {
    const s = stage(thick, thin);
    s.open('thick', 1);
    expect([s.at.value, s.active.value.active.value]).toEqual([1, 'thick']);
    s.nextPane(1);
    expect(s.at.value).toBe(0);
  });
});
