import { describe, expect, it } from 'vitest';
import type { Workitem, Worklist } from '../api/types';
import { sameFilter } from './filters';
import { nextSort, Pages, visible } from './pages';

// A server with a list of ids; a cursor is the last id of a page.
function server(ids: string[], size = 3) {
  const asked: string[] = [];
  return {
    ids,
    asked,
    ask: (cursor: string): Promise<Worklist> => {
      asked.push(cursor);
      const at = cursor ? ids.findIndex((x) => x > cursor) : 0;
      const items = at < 0 ? [] : ids.slice(at, at + size);
      const next = at >= 0 && at + size < ids.length ? items.at(-1)! : null;
      return Promise.resolve({ items: items.map((id) => ({ id }) as Workitem), next, counts: cursor ? {} : { open: ids.length } });
    },
  };
}
const ids = (p: Pages) => p.items.map((i) => i.id).join('');

describe('pages of a list', () => {
  it('grow to the end', async () => {
    const s = server([...'abcdefgh']);
    let p = await Pages.first(s.ask);
    expect([ids(p), p.more]).toEqual(['abc', true]);
    p = await (await p.grow()).grow();
    expect([ids(p), p.more, p.counts.open]).toEqual(['abcdefgh', false, 8]);
    expect(await p.grow()).toBe(p);
  });
  it('are read again where they are looked at, and the first for its counts', async () => {
    const s = server([...'abcdefghijkl']);
    let p = await Pages.first(s.ask);
    for (let n = 0; n < 3; n++) p = await p.grow();
    s.asked.length = 0;
    s.ids.splice(7, 1); // h is gone
    p = await p.refresh(6, 8);
    expect(s.asked).toEqual(['', 'f']);
    expect([ids(p), p.counts.open]).toEqual(['abcdefgijkl', 11]);
  });
  it('end earlier when the list does', async () => {
    const s = server([...'abcdefg']);
    let p = await Pages.first(s.ask);
    p = await (await p.grow()).grow();
    s.ids.splice(2);
    p = await p.refresh(0, 6);
    expect([ids(p), p.more]).toEqual(['ab', false]);
  });
});

describe('the order', () => {
  it('goes up, down and back', () => {
    const a = nextSort([], 'patient', false);
    const b = nextSort(a, 'patient', false);
    expect([a, b, nextSort(b, 'patient', false)]).toEqual([[{ column: 'patient' }], [{ column: 'patient', down: true }], []]);
    expect(nextSort(b, 'left', false)).toEqual([{ column: 'left' }]);
  });
  it('takes a second column with shift', () => {
    const two = nextSort([{ column: 'priority' }], 'left', true);
    expect(two).toEqual([{ column: 'priority' }, { column: 'left' }]);
    expect(nextSort(two, 'priority', true)).toEqual([{ column: 'priority', down: true }, { column: 'left' }]);
  });
});

it('filters are compared without what is empty', () => {
  expect(sameFilter({ state: 'open', q: '' }, { state: 'open', sort: [] })).toBe(true);
  expect(sameFilter({ state: 'open' }, { state: 'open', modality: 'CT' })).toBe(false);
});

describe('rows that are seen', () => {
  it('are those on the screen and some beyond', () => expect(visible(46_000, 460, 46, 100_000)).toEqual({ from: 984, to: 1024 }));
  it('stay the same for some rows', () => expect(visible(46_000 + 3 * 46, 460, 46, 100_000)).toEqual({ from: 984, to: 1032 }));
  it('stay within the list', () => {
    expect(visible(0, 400, 46, 3)).toEqual({ from: 0, to: 3 });
    expect(visible(99_999, 400, 46, 3)).toEqual({ from: 3, to: 3 });
  });
});
