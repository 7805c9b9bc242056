import type { ListFilter } from '../api/types';

/** Whether two filters ask for the same list. */
export function sameFilter(a: ListFilter, b: ListFilter): boolean {
  const plain = (f: ListFilter) => JSON.stringify(Object.entries(f).filter(([, v]) => v !== '' && v !== undefined && (!Array.isArray(v) || v.length > 0)).sort());
  return plain(a) === plain(b);
}
