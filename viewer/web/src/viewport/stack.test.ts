import { describe, expect, it } from 'vitest';
import type { Instance, Series } from '../api/types';
import { centreOut, documentsOf, slotsOf } from './stack';

function instance(id: string, over: Partial<Instance> = {}): Instance {
  return {
    id,
    sopInstanceUid: id,
    sopClass: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntax: '1.2.840.10008.1.2.1',
    transferSyntaxName: 'Explicit VR Little Endian',
    number: null,
    frames: 1,
    rows: 512,
    columns: 512,
    samples: 1,
    bitsAllocated: 16,
    bitsStored: 16,
    signed: true,
    photometric: 'MONOCHROME2',
    slope: 1,
    intercept: 0,
    windows: [],
    position: null,
    orientation: [1, 0, 0, 0, 1, 0],
    pixelSpacing: [0.5, 0.5],
    imagerSpacing: null,
    frameOfReference: '1.2.3',
    frameTime: null,
    sliceThickness: 1,
    paddingValue: null,
    paddingLimit: null,
    invert: false,
    elaborate: false,
    laterality: '',
    displayable: 'image',
    origin: 'received',
    conflict: false,
    size: 1,
    thumbnail: '',
    preview: '',
    ...over,
  };
}
const ids = (list: Instance[]) => list.map((i) => i.id).join('');

describe('slotsOf', () => {
  const series = (instances: Instance[]): Series => ({ id: 's', number: 1, modality: 'CT', description: '', bodyPart: '', instances });
  it('keeps the order of the server, whichever way it goes through the body', () => {
    const down = [30, 20, 10].map((z, i) => instance('abc'[i]!, { number: i + 1, position: [0, 0, z] }));
    expect(slotsOf(series(down)).map((s) => s.key)).toEqual(['a/1', 'b/1', 'c/1']);
  });
  it('has a slot for each frame', () => {
    const slots = slotsOf(series([instance('a', { frames: 3, number: 1 }), instance('b', { number: 2 })]));
    expect(slots.map((s) => s.key)).toEqual(['a/1', 'a/2', 'a/3', 'b/1']);
  });
  it('has one for what cannot be decoded, and none for papers', () => {
    const s = series([instance('a', { displayable: 'undecodable', frames: 40 }), instance('p', { displayable: 'document' }), instance('n', { displayable: 'none' })]);
    expect(slotsOf(s).map((x) => x.key)).toEqual(['a/1']);
    expect(ids(documentsOf(s))).toBe('pn');
  });
});

describe('centreOut', () => {
  it.each([
    [2, 5, [2, 3, 1, 4, 0]],
    [0, 3, [0, 1, 2]],
    [4, 5, [4, 3, 2, 1, 0]],
    [0, 0, []],
  ])('from %d of %d', (c, n, want) => expect([...centreOut(c, n)]).toEqual(want));
});
