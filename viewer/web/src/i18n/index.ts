import { effect, signal } from '@preact/signals';
import type { Named } from '../api/types';
import { formatTime, formatDate, parseAge, parseDate, parseSex } from '../format/dicom';
import { clockText, type TimeLeft } from '../format/timeleft';
import { recall, remember } from '../theme/theme';
import type { Key } from './ja';

export type Lang = 'ja' | 'en';
export type { Key };

type Dictionary = Record<Key, string>;
// One of the two is fetched with the page, the other when it is asked for: the
// first image does not wait for words nobody reads. What only parts of the pages
// say that are loaded later comes with the first of them.
const known = signal<Partial<Record<Lang, Partial<Dictionary>>>>({});
type Fetch = () => Promise<Partial<Dictionary>>;
const fetchers: Record<Lang, { shell: Fetch; later: Fetch }> = {
  ja: { shell: () => import('./ja').then((m) => m.ja), later: () => import('./ja.later').then((m) => m.later) },
  en: { shell: () => import('./en').then((m) => m.en), later: () => import('./en.later').then((m) => m.later) },
};
const have = new Set<Fetch>();
let all = false;
const key = 'dokuei.lang';

export const lang = signal<Lang>(initial());

export function followLang() {
  effect(() => {
    document.documentElement.lang = lang.value;
    remember(key, lang.value);
    // Without a line the other language goes on; it is tried again at the next change.
    learn(lang.value).catch(() => undefined);
  });
}

/** Has the words of a language when it is fulfilled. */
export async function learn(l: Lang) {
  const { shell, later } = fetchers[l];
  await Promise.all((all ? [shell, later] : [shell]).filter((f) => !have.has(f)).map(async (f) => {
    const words = await f();
    have.add(f);
    known.value = { ...known.peek(), [l]: { ...known.peek()[l], ...words } };
  }));
}

/** Has the words of the later parts too, now and whenever the language changes. */
export function learnAll(): Promise<void> {
  all = true;
  return learn(lang.peek());
}

function words(): Partial<Dictionary> {
  return known.value[lang.value] ?? known.value.ja ?? known.value.en ?? {};
}

function initial(): Lang {
  const kept = recall(key);
  if (kept === 'ja' || kept === 'en') return kept;
  return preferred(typeof navigator === 'undefined' ? [] : navigator.languages);
}

/** The first language of the browser that we have; English when none. */
export function preferred(languages: readonly string[]): Lang {
  for (const l of languages) {
    const tag = l.toLowerCase();
    if (tag === 'ja' || tag.startsWith('ja-')) return 'ja';
    if (tag === 'en' || tag.startsWith('en-')) return 'en';
  }
  return 'en';
}

type Vars = Record<string, string | number>;

/** The text for a key in the language chosen; {n} takes the variable n, {n|slice|slices} a word by its number. */
export function t(k: Key, vars?: Vars): string {
  return fill(words()[k] ?? k, vars);
}

/** As t, for a key made at run time: a code of the server that may be new to us. */
export function tOr(k: string, otherwise: Key, vars?: Vars): string {
  const d: Record<string, string> = words();
  return fill((Object.hasOwn(d, k) ? d[k] : d[otherwise]) ?? k, vars);
}

export function fill(text: string, vars?: Vars): string {
  if (!vars) return text;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    if (!Object.hasOwn(vars, name)) return whole;
    const value = vars[name];
    return one === undefined || many === undefined ? String(value) : String(value) === '1' ? one : many;
  });
}

/** A name in the language chosen: hospitals, panels and people carry both. */
export function named(n: Named | { name: string; nameEn?: string } | null | undefined): string {
  if (!n) return '';
  return lang.value === 'en' && n.nameEn ? n.nameEn : n.name;
}

export function num(n: number, digits = 0): string {
  return new Intl.NumberFormat(lang.value, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(n);
}

export function instant(at: string | null | undefined): string {
  const d = at ? new Date(at) : null;
  if (!d || Number.isNaN(d.getTime())) return '–';
  // Written as the dates of studies are, which no reader can take for another day.
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}

export function clock(at: string | null | undefined): string {
  const d = at ? new Date(at) : null;
  if (!d || Number.isNaN(d.getTime())) return '–';
  return new Intl.DateTimeFormat(lang.value === 'ja' ? 'ja-JP' : 'en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(d);
}

export function ago(at: string | null | undefined, now: number): string {
  const then = at ? Date.parse(at) : NaN;
  if (Number.isNaN(then)) return '–';
  const s = Math.round((then - now) / 1000);
  const f = new Intl.RelativeTimeFormat(lang.value, { numeric: 'auto', style: 'short' });
  const a = Math.abs(s);
  if (a < 60) return f.format(s, 'second');
  if (a < 3600) return f.format(Math.round(s / 60), 'minute');
  if (a < 86_400) return f.format(Math.round(s / 3600), 'hour');
  return f.format(Math.round(s / 86_400), 'day');
}

export function studyWhen(s: { studyDate: string; studyTime: string }): string {
  return [formatDate(s.studyDate), s.studyTime ? formatTime(s.studyTime) : ''].filter(Boolean).join(' ');
}

export function birth(da: string): string {
  const d = parseDate(da);
  if (!d) return da;
  if (lang.value !== 'ja') return formatDate(da);
  // The year of the era is what stands on Japanese papers.
  const era = new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { era: 'narrow', year: 'numeric' }).format(
    new Date(d.year, d.month - 1, d.day),
  );
  return `${formatDate(da)} (${era})`;
}

export function sexAge(p: { sex: string; age: string | number | null }): string {
  const sex = parseSex(p.sex);
  const age = parseAge(p.age);
  return [sex ? t(`sex.${sex}`) : '', age ? t(`age.${age.unit}`, { n: age.n }) : ''].filter(Boolean).join(' ');
}

export function timeLeftText(l: TimeLeft): string {
  const text = clockText(l.total, t('unit.day'), t('unit.hour'));
  return l.late ? t('time.late', { t: text }) : text;
}

/** The name of a rule. The one that always catches, and what offers before all is there, have no name of their own. */
export function ruleName(name: string): string {
  return name === 'fallback' || name === 'early' ? t(`rules.${name}`) : name;
}

export function within(seconds: number): string {
  if (seconds % 3600 === 0) return t('time.hours', { n: seconds / 3600 });
  if (seconds >= 60) return t('time.minutes', { n: Math.round(seconds / 60) });
  return t('time.seconds', { n: seconds });
}
