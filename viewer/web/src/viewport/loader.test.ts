import { describe, expect, it, vi } from 'vitest';
import { Client } from '../api/client';
import type { Instance } from '../api/types';
import { Loader } from './loader';
import type { Slot } from './stack';

const headers = { 'X-Dokuei-Rows': '2', 'X-Dokuei-Columns': '2', 'X-Dokuei-Samples': '1', 'X-Dokuei-Bits': '16', 'X-Dokuei-Signed': 'false' };

function slots(n: number, over: Partial<Instance> = {}): Slot[] {
  return Array.from({ length: n }, (_, i) => {
    const id = `i${i}`;
    const instance = { id, displayable: 'image', preview: `/api/v1/instances/${id}/preview`, rows: 2, columns: 2, samples: 1, bitsAllocated: 16, transferSyntax: 'x', ...over } as Instance;
    return { key: `${id}/1`, series: 's', bundle: null, instance, frame: 1 };
  });
}

function harness(answer: (url: string) => Response | Promise<Response>) {
  const asked: string[] = [];
  let open = 0;
  let most = 0;
  let aborted = 0;
  const client = new Client({
    fetch: async (input, init) => {
      asked.push(String(input));
      if (isFrame(String(input))) init?.signal?.addEventListener('abort', () => aborted++);
      most = Math.max(most, ++open);
      await Promise.resolve();
      try {
        return await answer(String(input));
      } finally {
        open--;
      }
    },
  });
  return { client, asked, most: () => most, aborted: () => aborted };
}

async function settled(done: () => boolean) {
  for (let i = 0; i < 5000 && !done(); i++) await new Promise<void>((r) => setTimeout(r));
  expect(done()).toBe(true);
}

const frame = () => new Response(new Uint8Array(8), { headers });
const isFrame = (u: string) => u.includes('/frames/');

describe('Loader', () => {
  it('asks for the slice looked at first, then from there outwards, a few at a time', async () => {
    const h = harness((u) => (isFrame(u) ? frame() : new Response('jpeg')));
    const l = new Loader(h.client);
    const k = l.look();
    l.show(k, slots(20), 10);
    await settled(() => k.progress.value.loaded === 20);
    const order = h.asked.filter(isFrame).map((u) => Number(/i(\d+)/.exec(u)![1]));
    expect(order.slice(0, 5)).toEqual([10, 11, 9, 12, 8]);
    expect(h.asked[0]).toContain('i10/preview');
    expect(h.most()).toBeLessThanOrEqual(5);
  });

  it('asks for nothing else until the slice looked at is there', async () => {
    let open: () => void = () => {};
    const h = harness((u) => (u.includes('i5/frames') ? new Promise<Response>((r) => (open = () => r(frame()))) : isFrame(u) ? frame() : new Response('jpeg')));
    const l = new Loader(h.client);
    const k = l.look();
    l.show(k, slots(10), 5);
    await settled(() => l.preview('i5/1') !== undefined);
    expect(h.asked.length).toBe(2);
    open();
    await settled(() => k.progress.value.loaded === 10);
  });

  it('lets go of what is far away when a reader scrolls fast', async () => {
    const h = harness((u) => (isFrame(u) ? new Promise<Response>(() => {}) : new Response('jpeg')));
    const l = new Loader(h.client);
    const k = l.look();
    l.show(k, slots(100), 0);
    for (let i = 1; i < 100; i++) l.moveTo(k, i);
    await settled(() => h.asked.some((u) => u.includes('i99/frames')));
    expect(h.aborted()).toBeGreaterThan(90);
  });

  it('stays within its bytes, keeping what is near', async () => {
    const h = harness((u) => (isFrame(u) ? frame() : new Response('jpeg')));
    const l = new Loader(h.client, { frameBytes: 8 * 8 });
    const k = l.look();
    l.show(k, slots(50), 25);
    await settled(() => l.frame('i25/1') !== undefined && l.frame('i26/1') !== undefined);
    l.moveTo(k, 5);
    await settled(() => l.frame('i5/1') !== undefined && l.frame('i6/1') !== undefined && l.frame('i4/1') !== undefined);
    expect(k.progress.value.loaded).toBeLessThanOrEqual(8);
  });

  it('asks once for what has no decoder', async () => {
    const h = harness((u) =>
      isFrame(u) ? Response.json({ code: 'no_decoder', detail: 'HTJ2K' }, { status: 415 }) : new Response('', { headers: { 'X-Dokuei-Placeholder': 'no-decoder' } }),
    );
    const l = new Loader(h.client);
    const k = l.look();
    l.show(k, slots(200), 0);
    await settled(() => l.trouble('i199/1')?.code === 'no_decoder');
    expect(h.asked.filter(isFrame).length).toBeLessThanOrEqual(4);
    expect(l.preview('i0/1')).toBeUndefined();
  });

  it('asks how elaborate ones are shown, and shows none before it knows', async () => {
    const answer = { differ: true, slope: 2, intercept: -1000, type: 'HU', values: null, windows: [], tables: [], invert: false, padding: null, position: [0, 0, 5], orientation: null, pixelSpacing: null };
    const h = harness((u) => (u.includes('i1/presentation') ? Response.json({ code: 'broken_image' }, { status: 422 }) : u.includes('/presentation') ? Response.json({ ...answer, differ: !u.includes('i3/') }) : isFrame(u) ? frame() : new Response('jpeg')));
    const l = new Loader(h.client);
    const k = l.look();
    const two = slots(3, { elaborate: true });
    const film = slots(4, { elaborate: true })[3]!;
    l.show(k, [...two, film], 0);
    await settled(() => k.progress.value.loaded === 3);
    expect(l.frame('i2/1')?.presentation).toMatchObject({ slope: 2, intercept: -1000, position: [0, 0, 5] });
    expect(l.frame('i1/1')).toBeUndefined();
    expect(l.trouble('i1/1')?.code).toBe('broken_image');
    expect(h.asked).toContain('/api/v1/instances/i2/presentation?frame=1');
    // Frames that are all alike are asked about once.
    const asked = () => h.asked.filter((u) => u.includes('i3/presentation')).length;
    expect(asked()).toBe(1);
    l.show(k, [film, { ...film, key: 'i3/2', frame: 2 }], 1);
    await settled(() => k.progress.value.loaded === 2);
    expect(asked()).toBe(1);
  });

  it('says that a frame is broken, and goes on with the others', async () => {
    const h = harness((u) => (u.includes('i1/frames') ? new Response(new Uint8Array(3), { headers }) : isFrame(u) ? frame() : new Response('jpeg')));
    const l = new Loader(h.client);
    const k = l.look();
    l.show(k, slots(3), 0);
    await settled(() => k.progress.value.loaded === 2);
    expect(l.trouble('i1/1')?.code).toBe('bad_frame');
  });

  it('asks again after a new session', async () => {
    let signedIn = false;
    const h = harness((u) => (!signedIn ? Response.json({ code: 'unauthenticated' }, { status: 401 }) : isFrame(u) ? frame() : new Response('jpeg')));
    const l = new Loader(h.client);
    const k = l.look();
    l.show(k, slots(4), 0);
    await settled(() => l.trouble('i3/1')?.code === 'unauthenticated');
    signedIn = true;
    l.resume();
    await settled(() => k.progress.value.loaded === 4);
  });

  it('asks again for a preview that failed for want of a line, after a while or when there is one', async () => {
    vi.useFakeTimers();
    try {
      let line = false;
      const h = harness((u) => {
        if (isFrame(u)) return new Promise<Response>(() => {});
        if (!line) throw new TypeError('no line');
        return new Response('jpeg');
      });
      const l = new Loader(h.client);
      l.show(l.look(), slots(1), 0);
      const asked = () => h.asked.filter((u) => !isFrame(u)).length;
      await vi.advanceTimersByTimeAsync(1000);
      expect(asked()).toBe(1);
      await vi.advanceTimersByTimeAsync(120_000);
      const often = asked();
      expect(often).toBeGreaterThan(4);
      expect(often).toBeLessThan(12);
      line = true;
      l.resume();
      await vi.advanceTimersByTimeAsync(0);
      expect(l.preview('i0/1')?.size).toBe(4);
      l.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not ask again for a preview that there is none of', async () => {
    const h = harness((u) => (isFrame(u) ? new Promise<Response>(() => {}) : Response.json({ code: 'not_found' }, { status: 404 })));
    const l = new Loader(h.client);
    l.show(l.look(), slots(1), 0);
    await settled(() => h.asked.length === 2);
    l.resume();
    await settled(() => true);
    expect(h.asked.length).toBe(2);
    l.stop();
  });

  it('drops what is under way when another stack is shown', async () => {
    const gate: (() => void)[] = [];
    const h = harness((u) => (u.includes('old') ? new Promise<Response>((r) => gate.push(() => r(frame()))) : isFrame(u) ? frame() : new Response('jpeg')));
    const l = new Loader(h.client);
    const k = l.look();
    const old = slots(3).map((s) => ({ ...s, key: `old${s.key}`, instance: { ...s.instance, id: `old${s.instance.id}` } }));
    l.show(k, old, 0);
    l.show(k, slots(2), 0);
    for (const open of gate) open();
    await settled(() => k.progress.value.loaded === 2);
    expect(k.progress.value.total).toBe(2);
  });
});

describe('Loader with bundles', () => {
  const packed = (frame: object) => ({ kind: 'htj2', payload: new Uint8Array(4), of: {}, bytes: 4, frame });
  // A stream that is fed by hand.
  function streams(h: ReturnType<typeof harness>) {
    let to!: { scrollPreview(k: string, b: Uint8Array): void; packedFrame(k: string, p: never): void };
    let end!: (ok: boolean) => void;
    const read = (_: unknown, __: string, ___: null, receiver: typeof to) => {
      to = receiver;
      return new Promise<boolean>((r) => (end = r));
    };
    const unpack = async (p: { frame: object }) => p.frame as never;
    const l = new Loader(h.client, { bundles: async () => ({ read, unpack, stop: () => {} }) as never });
    return { l, to: () => to, end: (ok: boolean) => end(ok) };
  }
  const decoded = { bytes: 8, presentation: {} };

  it('asks for one preview, and lets the stream bring the rest', async () => {
    const h = harness((u) => (isFrame(u) ? frame() : new Response('jpeg')));
    const s = streams(h);
    const k = s.l.look();
    s.l.show(k, slots(9), 4);
    await settled(() => s.to() !== undefined);
    for (let i = 0; i < 9; i++) {
      s.to().scrollPreview(`i${i}/1`, new Uint8Array(2));
      s.to().packedFrame(`i${i}/1`, packed(decoded) as never);
    }
    s.end(true);
    await settled(() => k.progress.value.loaded === 9);
    expect(h.asked).toEqual(['/api/v1/instances/i4/preview']);
    expect(s.l.preview('i4/1')?.size).toBe(4); // its own stays: it is the larger
  });
  it('fetches one by one when there is no bundle', async () => {
    const h = harness((u) => (isFrame(u) ? frame() : new Response('jpeg')));
    const s = streams(h);
    const k = s.l.look();
    s.l.show(k, slots(5), 2);
    await settled(() => s.to() !== undefined);
    s.end(false);
    await settled(() => k.progress.value.loaded === 5);
    expect(h.asked.filter(isFrame).length).toBe(5);
  });
  it('asks for the slice looked at when the stream keeps it waiting', async () => {
    const h = harness((u) => (isFrame(u) ? frame() : new Response('jpeg')));
    const s = streams(h);
    const k = s.l.look();
    s.l.show(k, slots(5), 2);
    await settled(() => s.to() !== undefined);
    await new Promise((r) => setTimeout(r, 900));
    await settled(() => s.l.frame('i2/1') !== undefined);
    expect(h.asked.filter(isFrame)).toEqual(['/api/v1/instances/i2/frames/1']);
    s.l.stop();
  });
});
