import { describe, expect, it, vi } from 'vitest';
import { Client } from '../api/client';
import type { Me, Workitem } from '../api/types';
import { me } from '../session';
import { Ahead } from './ahead';

const item = (id: string, instances = 2) => ({ id, state: 'SCHEDULED', study: { id: `s-${id}`, instances, state: 'complete' } }) as Workitem;
const study = (id: string) => ({
  id,
  instances: 2,
  state: 'complete',
  seriesList: [{ id: `r-${id}`, bundle: `/api/v1/series/r-${id}/bundle/1`, instances: [1, 2].map((n) => ({ id: `${id}-${n}`, number: n, frames: 1, displayable: 'image', size: 10, preview: `/api/v1/instances/${id}-${n}/preview` })) }],
});

const packed = (s: ReturnType<typeof study>) => ({
  ...s,
  seriesList: s.seriesList.map(({ instances, ...r }) => ({
    ...r,
    instances: instances.length,
    shared: { frames: 1, displayable: 'image', size: 10 },
    columns: { id: instances.map((i) => i.id), number: instances.map((i) => i.number) },
  })),
});

function harness() {
  const asked: string[] = [];
  const stopped: string[] = [];
  let hold = false;
  const client = new Client({
    fetch: async (input, init) => {
      const url = String(input);
      asked.push(url);
      if (hold) {
        await new Promise((_, refuse) => init?.signal?.addEventListener('abort', () => (stopped.push(url), refuse(new DOMException('stopped', 'AbortError')))));
      }
      const opening = /workitems\/(\w+)\/opening/.exec(url)?.[1];
      if (opening) return Response.json({ item: item(opening), study: packed(study(`s-${opening}`)), picture: { url: `/api/v1/instances/s-${opening}-2/preview`, type: 'image/jpeg', data: btoa('JPEG') } });
      if (url.includes('/studies/')) return Response.json(study(/studies\/([^?]+)/.exec(url)![1]!));
      return new Response('bytes');
    },
  });
  return { client, asked, stopped, hold: (on: boolean) => (hold = on) };
}

async function settled(done: () => boolean) {
  for (let i = 0; i < 5000 && !done(); i++) await new Promise<void>((r) => setTimeout(r));
  expect(done()).toBe(true);
}

describe('Ahead', () => {
  it('has the series of a first picture come while the page is made, for who reads and no longer than somebody may take it', async () => {
    vi.useFakeTimers();
    const begun: AbortSignal[] = [];
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => (begun.push(init.signal!), new Promise<Response>(() => {})));
    try {
      const stream = '/api/v1/series/r/bundle/1';
      const answer = { item: item('a'), study: packed(study('s-a')), picture: { url: '/p', type: 'image/jpeg', data: '', shape: 1, stream } };
      const client = new Client({ fetch: async () => Response.json(answer) });
      me.value = null;
      new Ahead(client).begin('a');
      await vi.advanceTimersByTimeAsync(0);
      expect(begun.length).toBe(0);
      me.value = { desk: 'reading' } as Me;
      new Ahead(client).begin('a');
      await vi.advanceTimersByTimeAsync(0);
      expect(Object.keys(globalThis.early!)).toEqual([stream]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect([Object.keys(globalThis.early!), begun.map((s) => s.aborted)]).toEqual([[], [true]]);
    } finally {
      vi.unstubAllGlobals();
      vi.useRealTimers();
      me.value = undefined;
    }
  });
  it('gives the instances of an opening what they share, and the addresses of their pictures', async () => {
    const series = [
      { id: 'r', instances: 2, shared: { signed: true }, columns: { id: ['a', 'b'], number: [1, 2], rows: [512, 256] } },
      { id: 'q', instances: 1, shared: { id: 'c', number: 1 }, columns: {} },
    ];
    const client = new Client({ fetch: async () => Response.json({ item: item('a'), study: { ...study('s-a'), seriesList: series }, picture: null }) });
    const { study: opened } = await new Ahead(client).ask('a');
    const of = (id: string) => ({ preview: `/api/v1/instances/${id}/preview`, thumbnail: `/api/v1/instances/${id}/thumbnail` });
    expect(opened.seriesList!.map((s) => s.instances)).toEqual([
      [{ id: 'a', number: 1, rows: 512, signed: true, ...of('a') }, { id: 'b', number: 2, rows: 256, signed: true, ...of('b') }],
      [{ id: 'c', number: 1, ...of('c') }],
    ]);
  });

  it('has the description and the first picture of the next items, in order, and says it only looks ahead', async () => {
    const h = harness();
    const a = new Ahead(h.client);
    a.expect([item('a'), item('b')]);
    await settled(() => h.asked.length === 4);
    expect(h.asked).toEqual(['/api/v1/studies/s-a?ahead=1', '/api/v1/instances/s-a-2/preview', '/api/v1/studies/s-b?ahead=1', '/api/v1/instances/s-b-2/preview']);
    await settled(() => a.picture('/api/v1/instances/s-b-2/preview') !== undefined);
    expect(a.opened('a')?.study.id).toBe('s-a');
    expect(a.opened('z')).toBeUndefined();
  });

  it('asks for nothing twice, unless it has changed', async () => {
    const h = harness();
    const a = new Ahead(h.client);
    a.expect([item('a')]);
    await settled(() => a.picture('/api/v1/instances/s-a-2/preview') !== undefined);
    a.expect([item('a')]);
    expect(a.opened('a')).toBeDefined();
    expect(h.asked.length).toBe(2);
    a.expect([item('a', 3)]);
    expect(a.opened('a')).toBeUndefined();
    a.expect([item('a', 3)]);
    await settled(() => a.picture('/api/v1/instances/s-a-2/preview') !== undefined);
    expect(h.asked.at(-1)).toBe(h.asked[1]);
  });

  it('stops for what is asked in earnest, and keeps no more than a few', async () => {
    const h = harness();
    h.hold(true);
    const a = new Ahead(h.client);
    a.expect([item('a'), item('b')]);
    await settled(() => h.asked.length === 1);
    expect(a.opened('b')).toBeUndefined();
    await settled(() => h.stopped.length === 1);
    h.hold(false);
    a.expect(['c', 'd', 'e', 'f', 'g', 'h'].map((id) => item(id)));
    await settled(() => h.asked.length === 1 + 2 * 4);
    await settled(() => a.picture('/api/v1/instances/s-f-2/preview') !== undefined);
    expect(a.opened('g')).toBeUndefined();
    expect(a.opened('f')).toBeDefined();
  });

  it('brings the images of the very next only when told to', async () => {
    const h = harness();
    const a = new Ahead(h.client);
    a.expect([item('a'), item('b')], true);
    await settled(() => h.asked.length === 5);
    expect(h.asked[4]).toBe('/api/v1/series/r-s-a/bundle/1');
    a.clear();
    expect(a.picture('/api/v1/instances/s-a-2/preview')).toBeUndefined();
  });

  it('does not bring images that the browser may not keep, and asks for them again', async () => {
    let growing = true;
    const asked: string[] = [];
    const ended: string[] = [];
    const client = new Client({
      fetch: async (input) => {
        const url = String(input);
        asked.push(url);
        if (url.includes('/studies/')) return Response.json(study('s-a'));
        if (!url.includes('/bundle/')) return new Response('bytes');
        const body = new ReadableStream({
          pull: (c) => {
            c.enqueue(new Uint8Array(9));
            if (growing) return;
            c.close();
            ended.push('whole');
          },
          cancel: () => void ended.push('let go'),
        });
        return new Response(body, { headers: { 'Cache-Control': growing ? 'no-store' : 'private, max-age=31536000, immutable' } });
      },
    });
    const a = new Ahead(client);
    a.expect([item('a')], true);
    await settled(() => ended.length === 1);
    growing = false;
    a.expect([item('a')], true);
    await settled(() => ended.length === 2);
    await new Promise<void>((r) => setTimeout(r));
    a.expect([item('a')], true);
    await new Promise<void>((r) => setTimeout(r));
    expect(ended).toEqual(['let go', 'whole']);
    expect(asked.filter((u) => u.includes('/bundle/')).length).toBe(2);
  });

  it('asks again for what was refused before anybody had signed in', async () => {
    let signedIn = false;
    const a = new Ahead(new Client({ fetch: async () => (signedIn ? Response.json({ item: item('a'), study: packed(study('s-a')), picture: null }) : Response.json({ code: 'unauthenticated' }, { status: 401 })) }));
    a.begin('a');
    await new Promise<void>((r) => setTimeout(r, 20));
    signedIn = true;
    expect((await a.ask('a')).item.id).toBe('a');
  });

  it('asks before it is known who asks, once, and has the picture that came with the answer', async () => {
    const h = harness();
    const a = new Ahead(h.client);
    a.begin('a');
    await settled(() => h.asked.length === 1);
    const { item: opened } = await a.ask('a');
    expect(h.asked).toEqual(['/api/v1/workitems/a/opening']);
    expect(opened.id).toBe('a');
    const picture = a.picture('/api/v1/instances/s-a-2/preview');
    expect(new TextDecoder().decode(picture?.body)).toBe('JPEG');
    expect(picture?.headers.get('Content-Type')).toBe('image/jpeg');
    a.clear();
    expect(a.picture('/api/v1/instances/s-a-2/preview')).toBeUndefined();
  });
});
