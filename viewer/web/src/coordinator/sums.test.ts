import { describe, expect, it } from 'vitest';
import { byKey, duration, fiscalYear, monthsBack, roundUp } from './sums';

it('sums by what is asked, the most first', () => {
  const reads = [
    { month: '2025-04', facility: 'a', modality: 'CT', studies: 3 },
    { month: '2026-03', facility: 'b', modality: 'CT', studies: 4 },
    { month: '2026-04', facility: 'a', modality: 'MR', studies: 5 },
  ];
  expect(byKey(reads, (r) => r.facility)).toEqual([
    { key: 'a', n: 8 },
    { key: 'b', n: 4 },
  ]);
});

describe('months', () => {
  it('end with the present one, in Japan', () => expect(monthsBack(3, Date.UTC(2026, 11, 31, 15))).toEqual(['2026-11', '2026-12', '2027-01']));
});

it('a fiscal year begins in April, in Japan', () => expect([fiscalYear(Date.UTC(2027, 2, 31, 14, 59)), fiscalYear(Date.UTC(2027, 2, 31, 15))]).toEqual([2026, 2027]));

it.each([
  [40, '40 s'],
  [600, '10 min'],
  [3600 * 3 + 300, '3:05 h'],
  [86_400 * 2 + 3600 * 4, '2 d 4 h'],
  [86_400 * 3 - 900, '3 d 0 h'],
])('%i seconds are %s', (s, want) => expect(duration(s)).toBe(want));

it.each([
  [0, 1],
  [7, 10],
  [11, 20],
  [1800, 2000],
  [5000, 5000],
])('%i rounds up to %i', (n, want) => expect(roundUp(n)).toBe(want));
