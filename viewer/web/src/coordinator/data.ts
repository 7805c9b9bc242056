import type { Named, Workitem } from '../api/types';
import { api } from '../session';

const pageSize = 100;
const mostPages = 10;

/** All workitems, up to a thousand: the numbers of the overview count what is open, and that is shorter. */
export async function readWorkitems(stop?: AbortSignal, q = ''): Promise<{ items: Workitem[]; whole: boolean }> {
  let cursor = '';
  const items: Workitem[] = [];
  for (let n = 0; n < mostPages; n++) {
    const page = await api.worklist('all', q, cursor, pageSize, stop);
    items.push(...page.items);
    if (!page.next) return { items, whole: true };
    cursor = page.next;
  }
  return { items, whole: false };
}

export function isOpen(w: Workitem): boolean {
  return w.state === 'SCHEDULED' || w.state === 'IN PROGRESS';
}
export function isLate(w: Workitem, now: number): boolean {
  return isOpen(w) && Date.parse(w.deadline) < now;
}

/** Panels and readers come as ids in one place and as names in another. */
export function lookUp(list: Named[] | undefined, x: string | Named): Named {
  if (typeof x !== 'string') return x;
  return list?.find((n) => n.id === x) ?? { id: x, name: x };
}
