import type { SortColumn, SortKey, Workitem, Worklist } from '../api/types';

/** A page of a list with the cursor it was asked for with. */
interface Page {
  cursor: string;
  items: Workitem[];
  next: string | null;
}

export type Ask = (cursor: string, stop?: AbortSignal) => Promise<Worklist>;

// Pages holds as much of a list as was scrolled to, page by page, and how its pages are
// asked for: the cursors of one list say nothing in another. What changes is
// asked for again where it is looked at, not from the first page on: a list of a
// hundred thousand is never read whole.
export class Pages {
  private readonly pages: Page[];
  private constructor(
    private readonly ask: Ask,
    pages: Page[],
    readonly counts: Worklist['counts'],
    /** Every item once: one that has changed its place between two readings may stand on two pages. */
    readonly items: Workitem[] = once(pages.flatMap((p) => p.items)),
  ) {
    this.pages = pages;
  }

  static async first(ask: Ask, stop?: AbortSignal): Promise<Pages> {
    const l = await ask('', stop);
    return new Pages(ask, [{ cursor: '', items: l.items, next: l.next }], l.counts);
  }

  get more(): boolean {
    return this.pages.at(-1)?.next != null;
  }

  /** With the page behind the last. */
  async grow(): Promise<Pages> {
    const cursor = this.pages.at(-1)?.next;
    if (!cursor) return this;
    const l = await this.ask(cursor);
    const pages = [...this.pages, { cursor, items: l.items, next: l.next }];
    // Seldom does one stand in both: with a hundred thousand there, all are not put together anew for each page.
    const added = new Set(l.items.map((i) => i.id));
    return this.items.some((i) => added.has(i.id)) ? new Pages(this.ask, pages, this.counts) : new Pages(this.ask, pages, this.counts, this.items.concat(l.items));
  }

  /** With the pages read again on which the items from one to another place stand. */
  async refresh(from: number, to: number): Promise<Pages> {
    const pages = [...this.pages];
    let counts = this.counts;
    let at = 0;
    for (let n = 0; n < pages.length; n++) {
      const p = pages[n]!;
      const begin = at;
      at += p.items.length;
      if (n > 0 && (at <= from || begin > to)) continue;
      // A page goes on where the one before it ends now.
      const cursor = n === 0 ? '' : (pages[n - 1]!.next ?? p.cursor);
      const l = await this.ask(cursor);
      if (n === 0) counts = l.counts; // only the first page has them
      pages[n] = { cursor, items: l.items, next: l.next };
      if (l.next === null) {
        pages.length = n + 1;
        break;
      }
    }
    return new Pages(this.ask, pages, counts);
  }
}

function once(items: Workitem[]): Workitem[] {
  return [...new Map(items.map((i) => [i.id, i])).values()];
}

/** The order after a click on a column: up, down, the list's own; with more, beside those chosen before. */
export function nextSort(sort: SortKey[], column: SortColumn, more: boolean): SortKey[] {
  const at = sort.find((k) => k.column === column);
  const next = !at ? { column } : at.down ? null : { column, down: true };
  if (!more) return next ? [next] : [];
  const rest = sort.map((k) => (k.column === column ? next : k)).filter((k) => k !== null);
  return at ? rest : [...sort, { column }].slice(-4);
}

/**
 * Which rows of a list are near what is seen: their numbers, from one to before another, in
 * steps of some rows, so that a list that moves is not made anew for each.
 */
export function visible(top: number, height: number, row: number, count: number, beyond = 12, step = 8): { from: number; to: number } {
  const from = Math.max(0, Math.floor((Math.floor(top / row) - beyond) / step) * step);
  const to = Math.ceil((Math.ceil((top + height) / row) + beyond) / step) * step;
  return { from: Math.min(from, count), to: Math.min(count, to) };
}
