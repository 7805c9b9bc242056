import { describe, expect, it } from 'vitest';
import { gaps, hours, mondayOf, plusDays, tokyo, type Shift, type Span } from './week';

const at = (h: number) => new Date(Date.UTC(2026, 5, 1, h)).toISOString();
const span = (a: number, b: number): Span => ({ from: at(a), to: at(b) });
const shift = (a: number, b: number, kind: Shift['kind']): Shift => ({ ...span(a, b), id: 'x', reader: 'r', kind });
const start = Date.UTC(2026, 5, 1);
const desk = { reading: [] as Span[], onCall: [] as Span[], always: false, exceptions: [] as Shift[] };
const inHours = (list: [number, number][]) => list.map(([a, b]) => [(a - start) / 3_600_000, (b - start) / 3_600_000]);

describe('days are those of Japan', () => {
  it('begins a day nine hours before UTC does', () => expect([tokyo(Date.UTC(2026, 5, 1, 14, 59)), tokyo(Date.UTC(2026, 5, 1, 15))]).toEqual(['2026-06-01', '2026-06-02']));
  it.each([
    ['2026-06-01T03:00:00Z', '2026-06-01'],
    ['2026-06-07T14:59:00Z', '2026-06-01'],
    ['2026-06-07T15:00:00Z', '2026-06-08'],
  ])('%s is in the week of %s', (t, want) => expect(mondayOf(Date.parse(t))).toBe(want));
  it('counts over the end of a month', () => expect(plusDays('2026-02-27', 2)).toBe('2026-03-01'));
  it('names hours', () => expect([hours(span(0, 3)), hours(span(12, 20))]).toEqual(['06-01 09:00–12:00', '06-01 21:00 – 06-02 05:00']));
});

describe('gaps', () => {
  it('is everything when there is nobody', () => expect(inHours(gaps([], start, 86_400_000))).toEqual([[0, 24]]));
  it('is what two readers leave', () => expect(inHours(gaps([{ ...desk, reading: [span(0, 8)] }, { ...desk, onCall: [span(6, 12)] }], start, 86_400_000))).toEqual([[12, 24]]));
  it('is nothing with one who is always there', () => expect(gaps([{ ...desk, always: true }], start, 86_400_000)).toEqual([]));
  it('counts an absence', () => expect(inHours(gaps([{ ...desk, always: true, exceptions: [shift(3, 5, 'absent')] }], start, 86_400_000))).toEqual([[3, 5]]));
  it('and an extra shift, the latest of two', () =>
    expect(inHours(gaps([{ ...desk, exceptions: [shift(0, 24, 'absent'), shift(2, 4, 'reading')] }], start, 86_400_000))).toEqual([
      [0, 2],
      [4, 24],
    ]));
});
