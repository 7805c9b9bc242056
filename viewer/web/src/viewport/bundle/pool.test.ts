import { afterEach, expect, it, vi } from 'vitest';
import { Pool } from './pool';

// A worker that decodes, or dies of what it is given.
let deaths = 0;
let hired: Fake[] = [];
class Fake {
  ended = false;
  onmessage: (e: { data: object }) => void = () => {};
  onerror: (e: { preventDefault(): void }) => void = () => {};
  constructor() {
    hired.push(this);
  }
  postMessage({ kind }: { kind: string }) {
    queueMicrotask(() => {
      if (deaths > 0) {
        deaths--;
        this.onerror({ preventDefault: () => {} });
      } else this.onmessage({ data: kind === 'bad' ? { error: 'not of this kind' } : { rows: 1, columns: 1, body: new ArrayBuffer(2) } });
    });
  }
  terminate() {
    this.ended = true;
  }
}
const payload = new Uint8Array(2);
const open = () => {
  hired = [];
  vi.stubGlobal('Worker', Fake);
  return new Pool();
};
afterEach(() => void vi.unstubAllGlobals());

it('replaces a worker that died, and its frame goes to the next', async () => {
  const pool = open();
  deaths = 1;
  expect((await pool.decode('htj2', payload, 1)).rows).toBe(1);
  expect(hired.map((w) => w.ended)).toEqual([true, false]);
});

it('gives a frame up that no worker survives, and decodes the others', async () => {
  const pool = open();
  deaths = 2;
  await expect(pool.decode('htj2', payload, 1)).rejects.toThrow('no decoder');
  expect((await pool.decode('htj2', payload, 1)).rows).toBe(1);
  expect(hired.map((w) => w.ended)).toEqual([true, true, false]);
});

it('keeps a worker that only says that it cannot', async () => {
  const pool = open();
  await expect(pool.decode('bad', payload, 1)).rejects.toThrow('not of this kind');
  expect((await pool.decode('htj2', payload, 1)).rows).toBe(1);
  expect(hired.length).toBe(1);
});

it('ends what waits when it is stopped', async () => {
  const pool = open();
  const waiting = [1, 2, 3, 4, 5, 6].map(() => pool.decode('htj2', payload, 1).catch((e: Error) => e.name));
  pool.stop();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['AbortError']));
});
