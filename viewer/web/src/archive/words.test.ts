import { describe, expect, it } from 'vitest';
import { words } from './words';

describe('words of the archive', () => {
  it('says everything in both languages, with the same places to fill in', () => {
    const places = (s: string) => [...s.matchAll(/\{(\w+)/g)].map((m) => m[1]).sort();
    for (const k of Object.keys(words.ja) as (keyof typeof words.ja)[]) {
      expect(words.en[k].trim()).not.toBe('');
      expect([...new Set(places(words.en[k]))]).toEqual([...new Set(places(words.ja[k]))]);
    }
  });
});
