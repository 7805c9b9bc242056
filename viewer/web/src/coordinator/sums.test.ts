import { describe, expect, it } from 'vitest';
import { byKey, byYear, duration, fiscalYear, monthsBack, roundUp } from './sums';

const now = Date.UTC(2026, 10, 28);

describe('fiscal years', () => {
  it.each([
    ['2026-04', 2026],
    ['2026-03', 2025],
    ['2027-01', 2026],
  ])('%s is of %i', (m, y) => expect(fiscalYear(m)).toBe(y));
  it('sums what is in the time, and says what is not whole', () => {
    const reads = [
      { month: '2025-04', facility: 'a', modality: 'CT', studies: 3 },
      { month: '2026-03', facility: 'b', modality: 'CT', studies: 4 },
      { month: '2026-04', facility: 'a', modality: 'MR', studies: 5 },
    ];
    expect(byYear(reads, { 2025: 10 }, 24, now)).toEqual([
      { year: 2026, reads: 5, target: 0, partial: true },
      { year: 2025, reads: 7, target: 10, partial: false },
      { year: 2024, reads: 0, target: 0, partial: true },
    ]);
    expect(byKey(reads, (r) => r.facility)).toEqual([
      { key: 'a', n: 8 },
      { key: 'b', n: 4 },
    ]);
  });
});

describe('months', () => {
  it('end with the present one, in Japan', () => expect(monthsBack(3, Date.UTC(2026, 11, 31, 15))).toEqual(['2026-11', '2026-12', '2027-01']));
});

it.each([
  [40, '40 s'],
  [600, '10 min'],
  [3600 * 3 + 300, '3:05 h'],
  [86_400 * 2 + 3600 * 4, '2 d 4 h'],
])('%i seconds are %s', (s, want) => expect(duration(s)).toBe(want));

it.each([
  [0, 1],
  [7, 10],
  [11, 20],
  [1800, 2000],
  [5000, 5000],
])('%i rounds up to %i', (n, want) => expect(roundUp(n)).toBe(want));
