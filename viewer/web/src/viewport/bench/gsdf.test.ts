import { describe, expect, it } from 'vitest';
import { jndIndex, jndsBetween } from './gsdf';

describe('the Grayscale Standard Display Function', () => {
  // PS3.14 Annex B.
  it.each([
    [0.05, 1],
    [0.0547, 2],
    [1.0, 71.5],
    [3993.4, 1023],
  ])('has %d cd/m² at index %d', (l, j) => expect(jndIndex(l)).toBeCloseTo(j, 0));
  it('counts the steps of a monitor', () => {
    expect(jndsBetween(0.5, 400)).toBeGreaterThan(600);
    expect(jndsBetween(400, 0.5)).toBeNull();
    expect(jndsBetween(0.01, 400)).toBeNull();
    expect(jndsBetween(NaN, 400)).toBeNull();
  });
});
