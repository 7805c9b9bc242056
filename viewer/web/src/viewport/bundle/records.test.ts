import { describe, expect, it } from 'vitest';
import { Client } from '../../api/client';
import { describe as describeHead, readHead } from './head';
import { Loader } from '../loader';
import { openBundles } from '.';
import { BundleError, Records, type BundleRecord } from './records';
import { readBundle } from './stream';

function record(kind: string, frame: number, payload: Uint8Array | string = ''): Uint8Array {
  const body = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const out = new Uint8Array(12 + body.length);
  out.set(new TextEncoder().encode(kind));
  new DataView(out.buffer).setUint32(4, frame);
  new DataView(out.buffer).setUint32(8, body.length);
  out.set(body, 12);
  return out;
}
const join = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((p) => [...p]));
const magic = new TextEncoder().encode('DKB1');

describe('Records', () => {
  const whole = join(magic, record('indx', 0, 'abc'), record('prev', 2, 'previews'), record('none', 1), record('done', 0));
  const want = [['indx', 0, 'abc'], ['prev', 2, 'previews'], ['none', 1, ''], ['done', 0, '']];
  const shown = (r: BundleRecord) => [r.kind, r.frame, new TextDecoder().decode(r.payload)];

  it.each([1, 2, 5, 13, 1000])('come whole in pieces of %i bytes', (size) => {
    const records = new Records();
    const got: unknown[] = [];
    for (let i = 0; i < whole.length; i += size) for (const r of records.push(whole.subarray(i, i + size))) got.push(shown(r));
    expect(got).toEqual(want);
  });
  it('are none of what is no bundle, or claims too much', () => {
    expect(() => [...new Records().push(new TextEncoder().encode('<!doctype'))]).toThrow(BundleError);
    const huge = record('htj2', 0);
    new DataView(huge.buffer).setUint32(8, 0xffffffff);
    expect(() => [...new Records().push(join(magic, huge))]).toThrow(BundleError);
  });
});

const common = { rows: 2, columns: 2, samples: 1, bitsAllocated: 16, bitsStored: 12, signed: false, photometric: 'MONOCHROME2', slope: 1, intercept: -1024, type: 'HU', values: null, windows: [], tables: [], invert: false, padding: null, orientation: null, pixelSpacing: null };

async function gzip(v: unknown): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([JSON.stringify(v)]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
}

describe('the head', () => {
  const head = { instances: [{ id: 'a' }, { id: 'b' }], common, frames: [{ instance: 1, number: 1, position: [0, 0, 1] }, { instance: 0, number: 3, position: [0, 0, 2], intercept: 7 }] };
  it('says of each frame what all share and what is its own', async () => {
    const got = await readHead(await gzip(head));
    expect(got.map((d) => [d.key, d.presentation.intercept, d.presentation.position?.[2]])).toEqual([['b/1', -1024, 1], ['a/3', 7, 2]]);
  });
  it('may not name an instance it has not', () => expect(() => describeHead({ ...head, instances: [] } as never)).toThrow(BundleError));

  it('puts what follows in its place', async () => {
    const body = join(magic, record('head', 0, await gzip(head)), record('what', 9, 'unknown letters are passed over'), record('prev', 0, 'p'), record('htj2', 1, 'f'), record('htj2', 77, 'of no frame'), record('done', 0));
    const client = new Client({ fetch: async () => new Response(body) });
    const got: string[] = [];
    const to = { scrollPreview: (k: string) => got.push(`preview ${k}`), packedFrame: (k: string, p: { kind: string }) => got.push(`${p.kind} ${k}`) };
    expect(await readBundle(client, 's', null, to as never, new AbortController().signal)).toBe(true);
    expect(got).toEqual(['preview b/1', 'htj2 a/3']);
    const short = new Client({ fetch: async () => new Response(body.subarray(0, body.length - 12)) });
    await expect(readBundle(short, 's', null, to as never, new AbortController().signal)).rejects.toThrow(BundleError);
    const none = new Client({ fetch: async () => Response.json({ code: 'not_found' }, { status: 404 }) });
    expect(await readBundle(none, 's', null, to as never, new AbortController().signal)).toBe(false);
  });
});

describe('a browser that decodes nothing', () => {
  it('has the rest of a series once, frame by frame', async () => {
    const n = 200;
    const slots = Array.from({ length: n }, (_, i) => {
      const instance = { id: `i${i}`, displayable: 'image', preview: `/api/v1/instances/i${i}/preview`, rows: 2, columns: 2, samples: 1, bitsAllocated: 16, transferSyntax: 'x' };
      return { key: `i${i}/1`, series: 's', bundle: null, instance, frame: 1 } as never;
    });
    const packed = await gzip({ instances: slots.map((_, i) => ({ id: `i${i}` })), common: { ...common, position: null }, frames: slots.map((_, i) => ({ instance: i, number: 1 })) });
    let sent = 0;
    let asked = 0;
    let ended = false;
    let feed: () => void = () => {};
    const client = new Client({
      fetch: async (input, init) => {
        const url = String(input);
        if (url.includes('/bundle')) {
          const body = new ReadableStream<Uint8Array>({
            start: (c) => {
              init!.signal!.addEventListener('abort', () => ((ended = true), c.error(init!.signal!.reason)));
              c.enqueue(join(magic, record('head', 0, packed)));
              feed = () => ended || sent >= n || c.enqueue(record('htj2', sent++, 'f'));
              feed();
            },
          });
          return new Response(body);
        }
        if (!url.includes('/frames/')) return new Response('jpeg');
        asked++;
        feed(); // the line goes on while the page finds out
        return new Response(new Uint8Array(8), { headers: { 'X-Dokuei-Rows': '2', 'X-Dokuei-Columns': '2', 'X-Dokuei-Samples': '1', 'X-Dokuei-Bits': '16', 'X-Dokuei-Signed': 'false' } });
      },
    });
    const pool = { decode: () => Promise.reject(new Error('no decoder')), stop: () => {} };
    const loader = new Loader(client, { bundles: async () => openBundles(pool as never) });
    const look = loader.look();
    loader.show(look, slots, 0);
    for (let i = 0; i < 5000 && !(loader.frame('i199/1') && loader.calm.value); i++) await new Promise<void>((r) => setTimeout(r));
    expect(ended).toBe(true);
    expect(asked).toBe(n);
    expect(sent).toBeLessThan(10);
  });
});
