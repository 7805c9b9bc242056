// Text of DICOM values (PS3.5 §6.2) made readable. Whatever does not parse is
// shown as it came: a page must not hide what a scanner wrote.

import type { Patient } from '../api/types';

export interface DateParts {
  year: number;
  month: number;
  day: number;
}

/** DA, YYYYMMDD (and the YYYY-MM-DD and YYYY.MM.DD that are about). */
export function parseDate(da: string): DateParts | null {
  const m = /^(\d{4})[-.]?(\d{2})[-.]?(\d{2})/.exec(da.trim());
  if (!m) return null;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  return { year, month, day };
}

export function formatDate(da: string): string {
  const d = parseDate(da);
  if (!d) return da;
  return `${d.year}-${pad(d.month)}-${pad(d.day)}`;
}

/** TM, HH[MM[SS[.F]]]. */
export function formatTime(tm: string): string {
  const m = /^(\d{2}):?(\d{2})?/.exec(tm.trim());
  if (!m) return tm;
  return `${m[1]}:${m[2] ?? '00'}`;
}

/** One component group of a PN: family^given^middle^prefix^suffix. */
export function formatName(pn: string): string {
  return pn.replace(/\^+/g, ' ').replace(/\s+/g, ' ').trim();
}

/** A whole PN, alphabetic=ideographic=phonetic, as the one name people go by in a language. */
export function formatPerson(pn: string, lang: 'ja' | 'en' = 'ja'): string {
  const [alphabetic = '', ideographic = '', phonetic = ''] = pn.split('=').map(formatName);
  return (lang === 'en' && alphabetic) || ideographic || alphabetic || phonetic;
}

/** The name to call the patient by, and how it is read. */
export function patientNames(p: Patient): { main: string; reading: string } {
  const ideographic = formatName(p.ideographic ?? '');
  const phonetic = formatName(p.phonetic ?? '');
  const alphabetic = formatName(p.name ?? '');
  const main = ideographic || alphabetic || phonetic;
  const reading = [phonetic, alphabetic].find((s) => s && s !== main) ?? '';
  return { main, reading };
}

export type AgeUnit = 'Y' | 'M' | 'W' | 'D';

/** AS, 045Y; a bare number is years. */
export function parseAge(age: string | number | null | undefined): { n: number; unit: AgeUnit } | null {
  if (age === null || age === undefined) return null;
  if (typeof age === 'number') return Number.isFinite(age) && age >= 0 ? { n: Math.floor(age), unit: 'Y' } : null;
  const m = /^\s*(\d{1,3})\s*([YMWD]?)\s*$/i.exec(age);
  if (!m) return null;
  return { n: Number(m[1]), unit: ((m[2] ?? '').toUpperCase() || 'Y') as AgeUnit };
}

/** M, F, O of (0010,0040); anything else is unknown. */
export function parseSex(sex: string): 'M' | 'F' | 'O' | '' {
  const s = (sex ?? '').trim().toUpperCase();
  return s === 'M' || s === 'F' || s === 'O' ? s : '';
}

function pad(n: number): string {
  return String(n).padStart(2, '0');
}
