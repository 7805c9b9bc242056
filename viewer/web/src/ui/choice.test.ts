import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/error';
import { api } from '../session';
import { Choice } from './choice';

// A server that keeps one preference: another page may write it too.
function server() {
  const kept = { revision: 0, value: null as string[] | null };
  const waiting: (() => void)[] = [];
  vi.spyOn(api, 'preference').mockImplementation(async () => ({ ...kept }) as never);
  vi.spyOn(api, 'savePreference').mockImplementation(async (_, revision, value) => {
    await new Promise<void>((go) => waiting.push(go));
    if (revision !== kept.revision) throw new ApiError(409, { code: 'stale_preference' });
    Object.assign(kept, { revision: revision + 1, value });
    return { revision: kept.revision };
  });
  const answer = async () => {
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0), 30_000);
    waiting.shift()!();
  };
  return { kept, waiting, answer };
}

const adding = (x: string) => (now: string[] | null) => [...(now ?? []), x];

beforeEach(() => vi.restoreAllMocks());

describe('what a person chooses quickly', () => {
  it('is saved one after the other', async () => {
    const s = server();
    const c = new Choice<string[]>('x');
    await c.load();
    const both = [c.save(adding('a')), c.save(adding('b'))];
    await s.answer();
    await s.answer();
    await Promise.all(both);
    expect(s.kept).toEqual({ revision: 2, value: ['a', 'b'] });
    expect(api.savePreference).toHaveBeenCalledTimes(2);
  });
  it('is laid over what another page has saved, and a failure is told to who asked', async () => {
    const s = server();
    const c = new Choice<string[]>('x');
    await c.load();
    Object.assign(s.kept, { revision: 5, value: ['theirs'] });
    const mine = c.save(adding('a'));
    await s.answer();
    await s.answer();
    await mine;
    expect(s.kept.value).toEqual(['theirs', 'a']);
    vi.spyOn(api, 'savePreference').mockRejectedValueOnce(new ApiError(500, { code: 'internal' }));
    const lost = c.save(adding('b'));
    const next = c.save(adding('c'));
    await expect(lost).rejects.toThrow();
    await s.answer();
    await next;
    expect(s.kept.value).toEqual(['theirs', 'a', 'c']);
  });
});
