import { describe, expect, it } from 'vitest';
import { Book } from './book';
import { nextNumber, type KeyImage } from './keyimage';
import type { Mark } from './mark';

const mark = (id: string, text = ''): Mark => ({ id, kind: 'length', instance: '1.2', frame: 1, points: [[0, 0], [1, 1]], text, values: [] });
const ids = (b: Book) => b.pages.value.marks.map((m) => m.id + m.text);

describe('Book', () => {
  it('goes back and forth over every step', () => {
    const b = new Book();
    const seen = [ids(b)];
    const steps = [() => b.add(mark('a')), () => b.add(mark('b')), () => b.change(mark('a', '!')), () => b.remove('b'), () => b.removeOn('1.2', 1)];
    for (const f of steps) {
      f();
      seen.push(ids(b));
    }
    expect(seen).toEqual([[], ['a'], ['a', 'b'], ['a!', 'b'], ['a!'], []]);
    for (let i = steps.length - 1; i >= 0; i--) {
      b.undo();
      expect(ids(b)).toEqual(seen[i]);
    }
    expect(b.canUndo.value).toBe(false);
    b.undo();
    for (let i = 1; i <= steps.length; i++) {
      b.redo();
      expect(ids(b)).toEqual(seen[i]);
    }
    expect(b.canRedo.value).toBe(false);
  });
  it('forgets what was undone once something else is done', () => {
    const b = new Book();
    b.add(mark('a'));
    b.undo();
    b.add(mark('c'));
    expect([b.canRedo.value, ids(b)]).toEqual([false, ['c']]);
  });
  it('takes no step where nothing changes', () => {
    const b = new Book();
    b.remove('nobody');
    b.removeOn('1.2', 7);
    expect(b.canUndo.value).toBe(false);
  });
});

it('a key image gets the first number that is free', () => {
  const keys = [1, 2, 4].map((number) => ({ number }) as KeyImage);
  expect([nextNumber([]), nextNumber(keys)]).toEqual([1, 3]);
});
