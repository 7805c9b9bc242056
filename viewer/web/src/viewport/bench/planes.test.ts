import { describe, expect, it } from 'vitest';
import { paintPlane } from './planes';

describe('an overlay plane', () => {
  it('is its cells, the first in the lowest bit, in colour on clear', () => {
    const out = new Uint8ClampedArray(4 * 10);
    paintPlane({ label: '', roi: false, rows: 2, columns: 5, top: 0, left: 0, cells: btoa('\x09\x02') }, out);
    const set = [...Array(10).keys()].filter((i) => out[4 * i + 3] === 255);
    expect(set).toEqual([0, 3, 9]);
    expect(out[0]).toBeGreaterThan(200);
  });
  it('of a region lets the image through', () => {
    const out = new Uint8ClampedArray(4);
    paintPlane({ label: '', roi: true, rows: 1, columns: 1, top: 0, left: 0, cells: btoa('\x01') }, out);
    expect(out[3]).toBeLessThan(200);
  });
});
