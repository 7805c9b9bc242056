import type { Answers, Sections, Template, TemplateItem, TemplateOption } from '../api/types';

// What the fields of a template write. Text is the report: a field finds the line
// it wrote before and changes it, and leaves what the reader has changed by hand.

const blank = { ja: '＿＿', en: '___' };
const join = { ja: '、', en: ', ' };

type Names = keyof Sections;

/** A line that stands in a section because of the answers. */
export interface Line {
  key: string;
  section: Names;
  text: string;
}

function languageOf(t: Template): 'ja' | 'en' {
  return t.language === 'en' ? 'en' : 'ja';
}

/** Whether the answers before it ask for an item. */
export function asked(t: Template, item: TemplateItem, answers: Answers): boolean {
  if (!item.when) return true;
  const at = item.when.indexOf('=');
  const other = t.items.find((i) => i.id === item.when!.slice(0, at));
  if (!other || !asked(t, other, answers)) return false;
  const given = answers[other.id] ?? [];
  return item.when
    .slice(at + 1)
    .split('|')
    .some((a) => given.includes(a));
}

function chosen(item: TemplateItem, answers: Answers): TemplateOption[] {
  const given = answers[item.id] ?? [];
  return (item.options ?? []).filter((o) => given.includes(o.id));
}

/** What stands where another item, or the item itself, names it. */
function valueOf(t: Template, item: TemplateItem, answers: Answers): string {
  const lang = languageOf(t);
  if (item.kind === 'choice' || item.kind === 'many') {
    const words = chosen(item, answers).map((o) => (item.inline && o.text ? o.text : o.label));
    return words.join(join[lang]) || blank[lang];
  }
  return (answers[item.id]?.[0] ?? '').trim() || blank[lang];
}

function filled(t: Template, item: TemplateItem, text: string, answers: Answers): string {
  return text.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    if (name === 'value') return valueOf(t, item, answers);
    if (name === 'score') return String((item.from ?? 0) - chosen(item, answers).length);
    const other = t.items.find((i) => i.id === name);
    return other ? valueOf(t, other, answers) : whole;
  });
}

function answered(item: TemplateItem, answers: Answers): boolean {
  const a = answers[item.id];
  return a !== undefined && (item.kind === 'many' || a.some((v) => v.trim() !== ''));
}

function hasNormal(item: TemplateItem): boolean {
  return !item.inline && !item.when && (item.kind === 'many' ? !!item.none : !!item.normal);
}

function isNormal(item: TemplateItem, answers: Answers): boolean {
  const a = answers[item.id];
  return a !== undefined && (item.kind === 'many' ? a.length === 0 : a[0] === item.normal);
}

/** All lines of the answers, in the order of the template. */
export function linesOf(t: Template, answers: Answers): Line[] {
  const out: Line[] = [];
  for (const item of t.items) {
    if (item.inline || !asked(t, item, answers) || !answered(item, answers)) continue;
    const section = (item.section || 'findings') as Names;
    const put = (key: string, where: Names, text: string | undefined) => text && out.push({ key, section: where, text: filled(t, item, text, answers) });
    if (item.kind === 'choice') {
      const [o] = chosen(item, answers);
      put(item.id, section, o?.text);
      put(`${item.id} impression`, 'impression', o?.impression);
    } else {
      put(item.id, section, item.kind === 'many' && answers[item.id]!.length === 0 ? item.none : item.text);
      for (const o of chosen(item, answers)) put(`${item.id} ${o.id}`, 'impression', o.impression);
    }
  }
  const normals = t.items.filter(hasNormal);
  if (normals.length > 0 && normals.every((i) => isNormal(i, answers)))
    for (const section of ['history', 'technique', 'comparison', 'findings', 'impression', 'recommendation'] as const) {
      const text = t.sections[section];
      if (text) out.push({ key: `all ${section}`, section, text });
    }
  return out;
}

/** The normal answer wherever nothing was answered yet. */
export function restNormal(t: Template, answers: Answers): Answers {
  const out = { ...answers };
  for (const item of t.items) if (hasNormal(item) && !answered(item, answers)) out[item.id] = item.kind === 'many' ? [] : [item.normal!];
  return out;
}

/** The sections after an answer has changed. */
export function rewrite(t: Template, before: Answers, after: Answers, sections: Sections): Sections {
  const out = { ...sections };
  const old = new Map(linesOf(t, before).map((l) => [l.key, l]));
  const now = linesOf(t, after);
  for (const l of old.values()) if (!now.some((n) => n.key === l.key)) out[l.section] = without(out[l.section] ?? '', l.text);
  now.forEach((l, n) => {
    const was = old.get(l.key);
    const text = out[l.section] ?? '';
    if (was?.text === l.text && holds(text, l.text)) return;
    if (was && holds(text, was.text)) {
      out[l.section] = replaced(text, was.text, l.text);
      return;
    }
    // What was changed by hand stays, and is not written a second time.
    if (was?.text === l.text) return;
    const earlier = now.slice(0, n).filter((x) => x.section === l.section && holds(text, x.text));
    out[l.section] = withLine(text, earlier.at(-1)?.text, l.text);
  });
  return out;
}

const linesIn = (text: string) => text.split('\n');

function holds(text: string, line: string): boolean {
  return `\n${text}\n`.includes(`\n${line}\n`);
}
function replaced(text: string, line: string, by: string): string {
  return `\n${text}\n`.replace(`\n${line}\n`, () => `\n${by}\n`).slice(1, -1);
}
function without(text: string, line: string): string {
  if (!holds(text, line)) return text;
  return `\n${text}\n`
    .replace(`\n${line}\n`, () => '\n')
    .slice(1)
    .replace(/\n$/, '');
}
/** text with a line more: after another one, or at the end. */
function withLine(text: string, line: string | undefined, more: string): string {
  if (text.trim() === '') return more;
  if (line !== undefined) return replaced(text, line, `${line}\n${more}`);
  const list = linesIn(text.replace(/\s+$/, ''));
  return [...list, more].join('\n');
}

/** Where the next place to fill in is, from a place on and then from the start; null without one. */
export function nextBlank(text: string, from: number): [number, number] | null {
  const all = [...text.matchAll(/＿{2,}|_{3,}/g)].map((m): [number, number] => [m.index, m.index + m[0].length]);
  return all.find(([start]) => start >= from) ?? all[0] ?? null;
}
