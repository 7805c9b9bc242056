import type { Reads } from './figures';

/** Months up to the present one, oldest first, as the server names them: 2026-11. */
export function monthsBack(n: number, now: number): string[] {
  const d = new Date(now + 9 * 3_600_000);
  return Array.from({ length: n }, (_, i) => new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - (n - 1 - i), 1)).toISOString().slice(0, 7));
}

/** The fiscal year of a moment in Japan: that of 2026 begins in April 2026. */
export function fiscalYear(at: number): number {
  const d = new Date(at + 9 * 3_600_000);
  return d.getUTCFullYear() - (d.getUTCMonth() < 3 ? 1 : 0);
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
  const h = Math.round(min / 60);
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** The least round number that is not below n: 1, 2 or 5 times a power of ten. */
export function roundUp(n: number): number {
  if (n <= 0) return 1;
  const p = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 5, 10].map((k) => k * p).find((k) => k >= n) ?? 10 * p;
}
