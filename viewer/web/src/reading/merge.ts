import type { Answers, Marks } from '../api/types';

// What two pages wrote beside the text of one draft, put together. Nothing here asks: of
// a mark that both changed the one stays that asks more of the reader.

export function alike(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

// Members in one order, what is not said left out: the server writes them in its own.
function sorted(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(sorted);
  if (typeof v !== 'object' || v === null) return v;
  const o = v as Record<string, unknown>;
  const said = Object.keys(o).filter((k) => !(o[k] === undefined || o[k] === null || o[k] === false || (Array.isArray(o[k]) && o[k].length === 0)));
  return Object.fromEntries(said.sort().map((k) => [k, sorted(o[k])]));
}

/** Entries of both pages, by what names one; removed is what one page took away. */
function union<T>(base: readonly T[], mine: readonly T[], theirs: readonly T[], name: (x: T) => string, both: (m: T, t: T, b: T | undefined) => T): T[] {
  const of = (list: readonly T[], id: string) => list.find((x) => name(x) === id);
  const ids = [...new Set([...theirs, ...mine].map(name))];
  return ids.flatMap((id) => {
    const [b, m, t] = [of(base, id), of(mine, id), of(theirs, id)];
    if (m === undefined || t === undefined) {
      const left = (m ?? t)!;
      return b !== undefined && alike(b, left) ? [] : [left]; // taken away there, unless changed here
    }
    return [alike(m, b) ? t : alike(t, b) ? m : both(m, t, b)];
  });
}

export function mergeMarks(base: Marks, mine: Marks, theirs: Marks): Marks {
  const list = <K extends 'figures' | 'measurements' | 'overrides' | 'origins'>(k: K) => [base[k] ?? [], mine[k] ?? [], theirs[k] ?? []] as const;
  const m = <T,>(x: T) => x;
  const one = <K extends 'critical' | 'teaching'>(k: K) => (alike(mine[k], base[k]) ? theirs[k] : alike(theirs[k], base[k]) ? mine[k] : (mine[k] ?? theirs[k]));
  const critical = one('critical');
  const teaching = one('teaching');
  const out: Marks = {
    ...mine,
    figures: union(...list('figures'), (f) => String(f.number), m),
    measurements: union(...list('measurements'), (v) => JSON.stringify(sorted(v)), m),
    overrides: union(...list('overrides'), (o) => `${o.rule} ${o.quote ?? ''}`, m),
    // Of one engine both took a text: read is what was read on both.
    origins: union(...list('origins'), (o) => `${o.kind} ${o.source}`, (a, b) => ({ ...a, text: a.text === b.text ? a.text : `${b.text}\n${a.text}`, seen: a.seen && b.seen && a.text === b.text })),
  };
  delete out.critical;
  delete out.teaching;
  if (critical) out.critical = critical;
  if (teaching) out.teaching = teaching;
  return out;
}

/** Per question: what this page changed, else what the other has. */
export function mergeAnswers(base: Answers, mine: Answers, theirs: Answers): Answers {
  const out: Answers = {};
  for (const k of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const got = alike(mine[k], base[k]) ? theirs[k] : mine[k];
    if (got !== undefined) out[k] = got;
  }
  return out;
}
