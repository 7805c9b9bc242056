import { describe, expect, it } from 'vitest';
import { ByteCache } from './cache';

describe('ByteCache', () => {
  it('drops what is farthest, and never what was just put in', () => {
    let centre = 0;
    const c = new ByteCache<{ bytes: number }>(30, (k) => Math.abs(Number(k) - centre));
    for (const k of ['0', '1', '2', '3']) c.set(k, { bytes: 10 });
    // 3 is farthest from 0, but it was just asked for; 2 is next.
    expect(['0', '1', '2', '3'].map((k) => c.has(k))).toEqual([true, true, false, true]);
    expect(c.bytes).toBe(30);
    centre = 3;
    c.set('2', { bytes: 10 });
    expect(c.has('0')).toBe(false);
  });
  it('counts a value put in twice once', () => {
    const c = new ByteCache<{ bytes: number }>(30, () => 0);
    c.set('a', { bytes: 10 });
    c.set('a', { bytes: 20 });
    expect([c.size, c.bytes]).toEqual([1, 20]);
  });
  it('holds one value even over the limit', () => {
    const c = new ByteCache<{ bytes: number }>(5, () => 0);
    c.set('a', { bytes: 10 });
    c.set('b', { bytes: 10 });
    expect([c.has('a'), c.has('b')]).toEqual([false, true]);
  });
});
