import type { Reads } from './figures';

/** Months up to the present one, oldest first, as the server names them: 2026-11. */
export function monthsBack(n: number, now: number): string[] {
  const d = new Date(now + 9 * 3_600_000);
  return Array.from({ length: n }, (_, i) => new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - (n - 1 - i), 1)).toISOString().slice(0, 7));
}

/** The fiscal year of a month: that of 2026 begins in April 2026. */
export function fiscalYear(month: string): number {
  const [y = 0, m = 0] = month.split('-').map(Number);
  return m >= 4 ? y : y - 1;
}

/** Reads by fiscal year with its target, newest first. A year of which not every month is in the time looked at, or that is not over, is partial. */
export function byYear(reads: Reads[], targets: Record<string, number>, months: number, now: number): { year: number; reads: number; target: number; partial: boolean }[] {
  const seen = new Map<number, { months: number; reads: number }>();
  for (const m of monthsBack(months, now)) {
    const y = seen.get(fiscalYear(m)) ?? { months: 0, reads: 0 };
    y.months++;
    y.reads += reads.reduce((n, r) => n + (r.month === m ? r.studies : 0), 0);
    seen.set(fiscalYear(m), y);
  }
  return [...seen].sort((a, b) => b[0] - a[0]).map(([year, y]) => ({ year, reads: y.reads, target: targets[String(year)] ?? 0, partial: y.months < 12 }));
}

export function byKey(reads: Reads[], of: (r: Reads) => string): { key: string; n: number }[] {
  const sums = new Map<string, number>();
  for (const r of reads) sums.set(of(r), (sums.get(of(r)) ?? 0) + r.studies);
  return [...sums].map(([key, n]) => ({ key, n })).sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1));
}

/** 45 s, 12 min, 3:05 h, 2 d 4 h: as exact as one wants to compare it. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  const min = Math.round(s / 60);
  if (min < 60) return `${min} min`;
  if (min < 48 * 60) return `${Math.floor(min / 60)}:${String(min % 60).padStart(2, '0')} h`;
  return `${Math.floor(min / 1440)} d ${Math.round((min % 1440) / 60)} h`;
}

/** The least round number that is not below n: 1, 2 or 5 times a power of ten. */
export function roundUp(n: number): number {
  if (n <= 0) return 1;
  const p = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 5, 10].map((k) => k * p).find((k) => k >= n) ?? 10 * p;
}
