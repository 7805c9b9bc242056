import type { Pages } from './book';
import { nextNumber } from './keyimage';

/** Puts together what two windows have made of one set since it was last the same for both. Nothing new is lost. */
export function merge(base: Pages, mine: Pages, theirs: Pages): Pages {
  const marks = mergeList(base.marks, mine.marks, theirs.marks);
  const keys = mergeList(base.keys, mine.keys, theirs.keys);
  // Two windows that both made a 図2: the later one takes a free number.
  for (const [i, k] of keys.entries()) {
    if (keys.slice(0, i).some((o) => o.number === k.number)) keys[i] = { ...k, number: nextNumber(keys) };
  }
  return { marks, keys };
}

function mergeList<T extends { id: string }>(base: T[], mine: T[], theirs: T[]): T[] {
  const of = (list: T[], id: string) => list.find((x) => x.id === id);
  const changed = (x: T) => JSON.stringify(of(base, x.id)) !== JSON.stringify(x);
  const out: T[] = [];
  for (const t of theirs) {
    const m = of(mine, t.id);
    if (m) out.push(changed(m) ? m : t);
    else if (!of(base, t.id) || changed(t)) out.push(t); // theirs is new, or newer than my removing it
  }
  for (const m of mine) if (!of(theirs, m.id) && changed(m)) out.push(m);
  return out;
}
