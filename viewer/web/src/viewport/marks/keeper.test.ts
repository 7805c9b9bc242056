import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/error';
import { Book, emptyPages, type Pages } from './book';
import { Keeper } from './keeper';
import type { KeyImage } from './keyimage';
import type { Mark } from './mark';
import { merge } from './merge';

const mark = (id: string, text = ''): Mark => ({ id, kind: 'length', instance: '1.2', frame: 1, points: [[0, 0], [1, 1]], text, values: [] });
const key = (id: string, number: number) => ({ id, number }) as KeyImage;
const pages = (...marks: Mark[]): Pages => ({ marks, keys: [] });
const ids = (p: Pages) => p.marks.map((m) => m.id + m.text);

describe('merge', () => {
  it('keeps what either has made', () => expect(ids(merge(pages(mark('a')), pages(mark('a'), mark('b')), pages(mark('a'), mark('c'))))).toEqual(['a', 'c', 'b']));
  it('removes what one removed and the other left alone', () => {
    expect(ids(merge(pages(mark('a'), mark('b')), pages(mark('a')), pages(mark('a'), mark('b'))))).toEqual(['a']);
    expect(ids(merge(pages(mark('a'), mark('b')), pages(mark('a'), mark('b')), pages(mark('a'))))).toEqual(['a']);
  });
  it('keeps what one removed and the other changed', () => {
    expect(ids(merge(pages(mark('a')), pages(), pages(mark('a', '!'))))).toEqual(['a!']);
    expect(ids(merge(pages(mark('a')), pages(mark('a', '!')), pages()))).toEqual(['a!']);
  });
  it('takes mine where both changed one', () => expect(ids(merge(pages(mark('a')), pages(mark('a', '1')), pages(mark('a', '2'))))).toEqual(['a1']));
  it('gives two key images two numbers', () => {
    const got = merge(emptyPages, { marks: [], keys: [key('x', 1)] }, { marks: [], keys: [key('y', 1), key('z', 2)] });
    expect(got.keys.map((k) => `${k.id}${k.number}`)).toEqual(['y1', 'z2', 'x3']);
  });
});

// One set on a server that compares revisions.
function server() {
  const s = { revision: 0, pages: emptyPages, fail: null as unknown, saves: 0 };
  const door = {
    annotations: async () => ({ ...s.pages, revision: s.revision, savedAt: null }),
    saveAnnotations: async (_: string, a: Pages & { revision: number }) => {
      if (s.fail) throw s.fail;
      if (a.revision !== s.revision) throw new ApiError(409, { code: 'stale_draft' });
      s.saves++;
      s.pages = { marks: a.marks, keys: a.keys };
      return { revision: ++s.revision, savedAt: '' };
    },
  };
  return { s, door };
}

describe('Keeper', () => {
  it('saves when the hand rests, and what another machine has is there', async () => {
    vi.useFakeTimers();
    const { s, door } = server();
    const one = new Book();
    const k = new Keeper('w', one, door);
    await k.start();
    one.add(mark('a'));
    one.add(mark('b'));
    expect(k.state.value).toBe('dirty');
    await vi.advanceTimersByTimeAsync(1000);
    expect([s.saves, ids(s.pages), k.state.value]).toEqual([1, ['a', 'b'], 'clean']);
    const other = new Book();
    await new Keeper('w', other, door).start();
    expect(ids(other.pages.value)).toEqual(['a', 'b']);
    vi.useRealTimers();
  });
  it('puts together what two windows have drawn', async () => {
    const { s, door } = server();
    const [one, two] = [new Book(), new Book()];
    const [k, l] = [new Keeper('w', one, door), new Keeper('w', two, door)];
    await Promise.all([k.start(), l.start()]);
    one.add(mark('a'));
    await k.flush();
    two.add(mark('b'));
    await l.flush();
    expect(ids(s.pages)).toEqual(['a', 'b']);
    expect(ids(two.pages.value)).toEqual(['a', 'b']);
    expect(l.state.value).toBe('clean');
  });
  it('waits for a line, and says when it is refused', async () => {
    const { s, door } = server();
    const b = new Book();
    const k = new Keeper('w', b, door);
    await k.start();
    s.fail = new ApiError(503, {});
    b.add(mark('a'));
    await k.flush();
    expect(k.state.value).toBe('waiting');
    s.fail = null;
    await k.flush();
    expect([ids(s.pages), k.state.value]).toEqual([['a'], 'clean']);
    s.fail = new ApiError(422, { code: 'bad_annotations' });
    b.add(mark('c'));
    await k.flush();
    expect(k.state.value).toBe('refused');
    k.stop();
  });
});
