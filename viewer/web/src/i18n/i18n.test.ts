import { describe, expect, it } from 'vitest';
import { en as enShell } from './en';
import { later as enLater } from './en.later';
import { fill, lang, named, preferred, sexAge, t, tOr, timeLeftText, within } from './index';
import { ja as jaShell, type Key } from './ja';
import { later as jaLater } from './ja.later';

const ja = { ...jaShell, ...jaLater };
const en = { ...enShell, ...enLater };

const keys = Object.keys(ja) as Key[];
const names = (s: string) => [...new Set([...s.matchAll(/\{(\w+)[|}]/g)].map((m) => m[1]))].sort();

describe('the two dictionaries', () => {
  it.each([[jaShell, enShell], [jaLater, enLater]])('have the same keys', (a, b) => expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort()));
  it('say nothing twice', () => expect(keys.length).toBe(Object.keys(jaShell).length + Object.keys(jaLater).length));
  it.each(keys)('%s says something, with the same variables', (k) => {
    expect(ja[k].trim()).not.toBe('');
    expect(en[k].trim()).not.toBe('');
    expect(names(en[k])).toEqual(names(ja[k]));
  });
  it('are not mixed up', () => {
    const kana = /[\u3040-\u30ff\u4e00-\u9fff]/;
    expect(keys.filter((k) => kana.test(en[k]))).toEqual([]);
  });
});

describe('choosing a language', () => {
  it.each([
    [['ja-JP', 'en'], 'ja'],
    [['en-GB', 'ja'], 'en'],
    [['fr', 'ja'], 'ja'],
    [['fr'], 'en'],
    [[], 'en'],
  ] as const)('%o is %s', (l, want) => expect(preferred(l)).toBe(want));
});

describe('filling in', () => {
  it('puts variables in their places', () => expect(fill('{n} of {of}', { n: 3, of: 9 })).toBe('3 of 9'));
  it('knows one from many', () => expect([1, 2, '1,000'].map((n) => fill('{n} {n|image|images}', { n }))).toEqual(['1 image', '2 images', '1,000 images']));
  it('leaves unknown ones, and nothing of an object, in', () => expect(fill('{n} {constructor}', { n: 1 })).toBe('1 {constructor}'));
  it('does not fill in what a value brings', () => expect(fill('{a}', { a: '{b}', b: 'x' })).toBe('{b}'));
});

describe('in a language', () => {
  it('codes without a text get the general one', () => {
    lang.value = 'en';
    expect(tOr('error.brand_new', 'error.unknown', { code: 'brand_new' })).toContain('brand_new');
    expect(tOr('error.constructor', 'error.unknown', { code: 'x' })).toContain('(x)');
  });
  it('names follow', () => {
    lang.value = 'ja';
    expect(named({ id: '', name: '海部病院', nameEn: 'Kaifu Hospital' })).toBe('海部病院');
    lang.value = 'en';
    expect(named({ id: '', name: '海部病院', nameEn: 'Kaifu Hospital' })).toBe('Kaifu Hospital');
    expect(named({ id: '', name: '海部病院' })).toBe('海部病院');
    expect(named(null)).toBe('');
  });
  it('sex and age', () => {
    lang.value = 'ja';
    expect(sexAge({ sex: 'F', age: '078Y' })).toBe('女性 78歳');
    expect(sexAge({ sex: '', age: null })).toBe('');
  });
  it('times', () => {
    lang.value = 'ja';
    expect(timeLeftText({ urgency: 'late', late: true, total: 725, days: 0, hours: 0, minutes: 12, seconds: 5 })).toBe('12:05 超過');
    expect([within(1800), within(86_400), within(30)]).toEqual(['30分', '24時間', '30秒']);
    expect(t('tab.open')).toBe('読影待ち');
  });
});
