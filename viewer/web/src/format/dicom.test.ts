import { describe, expect, it } from 'vitest';
import type { Patient } from '../api/types';
import { formatDate, formatName, formatPerson, formatTime, parseAge, parseDate, parseSex, patientNames } from './dicom';

describe('dates and times', () => {
  it.each([
    ['20251122', '2025-11-22'],
    ['2025.11.22', '2025-11-22'],
    ['2025-11-22', '2025-11-22'],
    ['20251322', '20251322'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('%s is %s', (da, want) => expect(formatDate(da)).toBe(want));
  it('gives parts', () => expect(parseDate('19470501')).toEqual({ year: 1947, month: 5, day: 1 }));
  it.each([
    ['134500.123', '13:45'],
    ['1345', '13:45'],
    ['13', '13:00'],
    ['', ''],
  ])('%s is %s', (tm, want) => expect(formatTime(tm)).toBe(want));
});

describe('names', () => {
  const p = (name: string, ideographic = '', phonetic = ''): Patient => ({
    name,
    ideographic,
    phonetic,
    patientId: '1',
    birthDate: '',
    sex: '',
    age: null,
  });
  it('joins components', () => expect(formatName('YAMADA^TARO^^DR')).toBe('YAMADA TARO DR'));
  it('prefers kanji, read in kana', () =>
    expect(patientNames(p('YOSHIDA^KEIKO', '𠮷田^恵子', 'よしだ^けいこ'))).toEqual({ main: '𠮷田 恵子', reading: 'よしだ けいこ' }));
  it.each([
    ['Hamada^Koji=濱田^浩二=はまだ^こうじ', '濱田 浩二'],
    ['HAMADA^KOJI', 'HAMADA KOJI'],
    ['=濱田^浩二', '濱田 浩二'],
    ['', ''],
  ])('%s goes by %s', (pn, want) => expect(formatPerson(pn)).toBe(want));
  it.each([
    ['Hamada^Koji=濱田^浩二=はまだ^こうじ', 'Hamada Koji'],
    ['=濱田^浩二', '濱田 浩二'],
  ])('in English %s goes by %s', (pn, want) => expect(formatPerson(pn, 'en')).toBe(want));
  it('does not say the same twice', () => expect(patientNames(p('DOE^JANE'))).toEqual({ main: 'DOE JANE', reading: '' }));
  it('reads kanji by letters when there is no kana', () =>
    expect(patientNames(p('TAKAHASHI^JUN', '髙橋^淳'))).toEqual({ main: '髙橋 淳', reading: 'TAKAHASHI JUN' }));
});

describe('age and sex', () => {
  it.each([
    ['045Y', { n: 45, unit: 'Y' }],
    ['003M', { n: 3, unit: 'M' }],
    ['12', { n: 12, unit: 'Y' }],
    [78, { n: 78, unit: 'Y' }],
    ['old', null],
    [null, null],
    ['', null],
  ])('%s', (age, want) => expect(parseAge(age)).toEqual(want));
  it('knows three sexes of the standard', () => expect(['m', 'F ', 'O', 'X', ''].map(parseSex)).toEqual(['M', 'F', 'O', '', '']));
});
