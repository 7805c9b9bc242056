import { describe, expect, it } from 'vitest';
import { brightness, dragWindow, meet, presetOf, presetsFor, voi } from './window';

describe('LINEAR, PS3.3 C.11.2.1.2.1', () => {
  const w = voi(2048, 4096);
  // The standard's own examples: c=2048 w=4096, and 1 and 0-wide edges.
  it.each([
    [0, 0],
    [-1, 0],
    [4095, 255],
    [5000, 255],
    [2047.5, 128],
  ])('value %d is %d', (x, y) => expect(brightness(x, w)).toBe(y));
  it('with width 1 is a threshold', () => {
    const step = voi(40, 1);
    expect([39, 39.5, 40].map((x) => brightness(x, step))).toEqual([0, 0, 255]);
  });
  it('with width 2 has one step between', () => {
    const narrow = voi(1, 2);
    expect([0, 0.5, 1, 2].map((x) => brightness(x, narrow))).toEqual([0, 128, 255, 255]);
  });
  it('treats a width of nothing as 1', () => expect(voi(40, 0).width).toBe(1));
});

describe('LINEAR_EXACT, C.11.2.1.3.2', () => {
  const w = voi(0, 2, 'LINEAR_EXACT');
  it.each([
    [-1, 0],
    [0, 128],
    [1, 255],
    [-2, 0],
    [2, 255],
  ])('value %d is %d', (x, y) => expect(brightness(x, w)).toBe(y));
});

describe('SIGMOID, C.11.2.1.3.1', () => {
  const w = voi(100, 50, 'sigmoid ');
  it('is half way at the centre', () => expect(brightness(100, w)).toBe(128));
  it('rises and is symmetric', () => {
    for (let d = 1; d < 100; d++) {
      expect(brightness(100 + d, w)).toBeGreaterThanOrEqual(brightness(100 + d - 1, w));
      expect(Math.abs(brightness(100 + d, w) + brightness(100 - d, w) - 255)).toBeLessThanOrEqual(1);
    }
  });
});

describe('every function', () => {
  it.each(['LINEAR', 'LINEAR_EXACT', 'SIGMOID'])('%s never falls and stays in 0…255', (fn) => {
    const w = voi(40, 80, fn);
    let before = -1;
    for (let x = -1100; x < 3000; x++) {
      const y = brightness(x, w);
      expect(y).toBeGreaterThanOrEqual(Math.max(before, 0));
      expect(y).toBeLessThanOrEqual(255);
      before = y;
    }
  });
  it('unknown names are LINEAR', () => expect(voi(1, 2, 'CUBIC').function).toBe('LINEAR'));
});

describe('dragging', () => {
  it('across widens, down raises the centre', () => {
    const w = dragWindow(voi(40, 350), 10, 20, true);
    expect(w).toMatchObject({ width: 360, center: 60 });
  });
  it('never gets below width 1', () => expect(dragWindow(voi(40, 10), -5000, 0, true).width).toBe(1));
});

describe('presets', () => {
  it('have their own keys', () => {
    const keys = presetsFor('CT').map((p) => p.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
  it.each([
    ['CT', 'HEAD', 40],
    ['CT', 'chest ', -600],
    ['CT', '', 40],
    ['CT', 'LSPINE', 50],
    ['CT', 'HEART', 250],
    ['CT', 'CARDIAC', 250],
    ['CT', 'IAC', 480],
    ['CT', 'EAR', 480],
    ['MR', 'HEAD', undefined],
  ])('of %s %s', (modality, part, center) => expect(presetOf(modality, part)?.center).toBe(center));
  it('help only where the values are', () => expect([meet(voi(40, 80), voi(0, 2000)), meet(voi(40, 80), voi(5000, 100))]).toEqual([true, false]));
  it('are for Hounsfield units only', () => expect(presetsFor('MR')).toEqual([]));
});
