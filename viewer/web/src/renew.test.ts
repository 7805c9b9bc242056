import { afterEach, expect, it, vi } from 'vitest';
import { DraftKeeper } from './reading/draft';
import { flushAll, keeperOf, unsaved } from './reading/keepers';
import { idleMs, whenIdle } from './renew';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('a page is idle when nobody has touched it for a while, and again after that', () => {
  vi.useFakeTimers();
  const page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  const idle = vi.fn();
  const stop = whenIdle(idle);
  vi.advanceTimersByTime(idleMs - 1);
  page.dispatchEvent(new Event('keydown'));
  vi.advanceTimersByTime(idleMs - 1);
  expect(idle).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(1);
  expect(idle).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(idleMs);
  expect(idle).toHaveBeenCalledTimes(2);
  stop();
  vi.advanceTimersByTime(2 * idleMs);
  expect(idle).toHaveBeenCalledTimes(2);
});

it('what is written is on the server before a page goes', async () => {
  const saved: string[] = [];
  const door = {
    draft: () => Promise.reject(new Error('not asked for')),
    saveDraft: async (_: string, d: { sections: { findings: string } }) => (saved.push(d.sections.findings), { revision: 1, savedAt: '' }),
  };
  const keeper = keeperOf('w', () => new DraftKeeper('w', door as never, 'ja'));
  expect(unsaved()).toBe(false);
  keeper.edit('findings', 'no bleeding');
  expect(unsaved()).toBe(true);
  await flushAll();
  expect([saved, unsaved()]).toEqual([['no bleeding'], false]);
});
