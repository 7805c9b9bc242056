import { describe, expect, it } from 'vitest';
import { Client } from '../api/client';
import type { Workitem } from '../api/types';
import { Ahead } from './ahead';

const item = (id: string, instances = 2) => ({ id, state: 'SCHEDULED', study: { id: `s-${id}`, instances, state: 'complete' } }) as Workitem;
const study = (id: string) => ({
  id,
  instances: 2,
  state: 'complete',
  seriesList: [{ id: `r-${id}`, bundle: `/api/v1/series/r-${id}/bundle/1`, instances: [1, 2].map((n) => ({ id: `${id}-${n}`, number: n, frames: 1, displayable: 'image', size: 10, preview: `/api/v1/instances/${id}-${n}/preview` })) }],
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
      if (url.includes('/studies/')) return Response.json(study(/studies\/([^?]+)/.exec(url)![1]!));
      return new Response('bytes');
    },
  });
  return { client, asked, stopped, hold: (on: boolean) => (hold = on) };
}

async function settled(done: () => boolean) {
  for (let i = 0; i < 1000 && !done(); i++) await new Promise<void>((r) => setTimeout(r));
  expect(done()).toBe(true);
}

describe('Ahead', () => {
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

  it('asks before it is known who asks, once, and for both at once when it knows the study', async () => {
    const h = harness();
    const a = new Ahead(h.client);
    a.begin('a');
    await settled(() => h.asked.length === 1);
    expect(h.asked).toEqual(['/api/v1/workitems/a']);
    await expect(a.ask('a')).rejects.toThrow(); // the answer of this server is no workitem
    a.expect([item('b')]);
    void a.ask('b').catch(() => undefined);
    expect(h.asked.slice(-2).sort()).toEqual(['/api/v1/studies/s-b', '/api/v1/workitems/b']);
  });
});
