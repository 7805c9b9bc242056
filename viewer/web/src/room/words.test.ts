import { describe, expect, it } from 'vitest';
import { words, type Word } from './words';

const keys = Object.keys(words.ja) as Word[];
const names = (s: string) => [...new Set([...s.matchAll(/\{(\w+)[|}]/g)].map((m) => m[1]))].sort();

describe('the words of rooms', () => {
  it('are the same in both languages', () => expect(Object.keys(words.en).sort()).toEqual([...keys].sort()));
  it.each(keys)('%s says something, with the same variables', (k) => {
    expect(words.ja[k].trim()).not.toBe('');
    expect(words.en[k].trim()).not.toBe('');
    expect(names(words.en[k])).toEqual(names(words.ja[k]));
    expect(words.en[k]).not.toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
  });
});
