import { describe, expect, it, vi } from 'vitest';
import { Client } from '../../api/client';
import type { Instance, Series } from '../../api/types';
import type { Frame } from '../frame';
import { Loader } from '../loader';
import { presentationOf } from '../presentation';
import { Stage } from '../stage';
import { Softcopy } from './softcopy';
import type { State } from './state';

const instance = { id: 'i', sopInstanceUid: '1', number: 1, frames: 3, rows: 1, columns: 2, samples: 1, bitsStored: 12, signed: false, displayable: 'image', position: null, orientation: null, pixelSpacing: null, frameOfReference: '', preview: '', slope: 1, intercept: 0, windows: [], paddingValue: null, paddingLimit: null, invert: false } as unknown as Instance;
const series: Series = { id: 's', number: 1, modality: 'XA', description: '', bodyPart: '', instances: [instance] };
const frame = (...pixels: number[]): Frame => ({ rows: 1, columns: 2, samples: 1, bits: 16, signed: false, deep: null, pixels: Uint16Array.from(pixels), presentation: presentationOf(instance), bytes: 4 });
const film: Record<string, Frame> = { 'i/1': frame(100, 100), 'i/2': frame(200, 300), 'i/3': frame(500, 40) };

describe('a state that is told of', () => {
  it('is chosen by who looks along, with the layers that are hidden', () => {
    const made = () => {
      const stage = new Stage(new Loader(new Client({ fetch: () => new Promise<Response>(() => {}) })));
      stage.setSeries([series]);
      return { stage, softcopy: new Softcopy(stage) };
    };
    const state: State = { id: 'x', instance: 'p', label: 'A', images: [{ instance: '1' }], vois: [{ window: { center: 10, width: 40 } }], inverse: false, turns: 0, flip: false, shutterGrey: 0, layers: [{ name: 'A', order: 1 }, { name: 'B', order: 2 }] };
    const [leader, along] = [made(), made()];
    const told = () => leader.softcopy.tell(leader.stage.active.value.slot.value!);
    expect(told()).toBeUndefined();
    leader.softcopy.list.value = [state];
    leader.softcopy.choose(state);
    leader.softcopy.toggle('B');
    expect(told()).toEqual({ id: 'x', hidden: [1] });
    expect(along.softcopy.follow(told())).toBe(false); // not known there yet
    along.softcopy.list.value = [state];
    expect(along.softcopy.follow(told())).toBe(true);
    expect([...along.softcopy.hidden.value]).toEqual(['B']);
    expect(along.stage.active.value.window.value).toMatchObject({ center: 10, width: 40 });
    expect(along.softcopy.follow(undefined)).toBe(false);
    expect([along.softcopy.chosen.value, along.stage.active.value.window.value]).toEqual([null, null]);
    for (const x of [leader, along]) x.softcopy.stop(), x.stage.stop();
  });
});

describe('a state with a mask', () => {
  it('shows differences in its own window where it is to, once the mask is there, and frames as they were without it', async () => {
    const loader = new Loader(new Client({ fetch: () => new Promise<Response>(() => {}) }));
    loader.frame = (key) => film[key];
    let come = () => {};
    const wait = new Promise<void>((r) => (come = r));
    loader.need = async (s) => (await wait, film[s.key]!);
    const stage = new Stage(loader);
    stage.setSeries([series]);
    const v = stage.active.value;
    const softcopy = new Softcopy(stage);
    const state: State = { id: 'x', instance: 'p', label: 'DSA', images: [{ instance: '1' }], vois: [{ window: { center: 0, width: 400 } }], inverse: false, turns: 0, flip: false, shutterGrey: 0, mask: { frames: [1, 2], ranges: [[3, 3]] } };
    softcopy.choose(state);
    v.goTo(2);
    const seen = () => {
      const slot = v.slot.value!;
      const f = v.through.value ? v.through.value(slot, film[slot.key]!) : film[slot.key]!;
      return f && [...(f.signed ? new Int16Array(f.pixels.buffer) : f.pixels)];
    };
    expect(seen()).toBeNull();
    come();
    await vi.waitFor(() => expect(seen()).toEqual([350, -160]), 30_000);
    expect([v.window.value!.center, v.window.value!.width]).toEqual([0, 400]);
    v.goTo(0);
    expect(seen()).toEqual([100, 100]);
    v.goTo(2);
    softcopy.choose(null);
    expect([v.through.value, v.window.value]).toEqual([null, null]);
    softcopy.stop();
    stage.stop();
  });
});
