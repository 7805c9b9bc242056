import type { Client } from '../../api/client';
import { assemble, FrameError, type Frame } from '../frame';
import { readHead, type Described } from './head';
import type { Pool } from './pool';
import { BundleError, Records } from './records';

/** A frame as it came, to be decoded when it is looked at. */
export interface Packed {
  kind: string;
  payload: Uint8Array<ArrayBuffer>;
  of: Described;
  bytes: number;
}

export interface Receiver {
  scrollPreview(key: string, jpeg: Uint8Array<ArrayBuffer>): void;
  packedFrame(key: string, p: Packed): void;
}

/** Reads the bundle of a series until its end; false when there is none to be had. */
export async function readBundle(client: Client, series: string, url: string | null, to: Receiver, stop: AbortSignal): Promise<boolean> {
  const body = (await client.bundle(series, url, stop))?.body;
  if (!body) return false;
  const records = new Records();
  const reader = body.getReader();
  // One that was asked for before (early.ts) does not know of stop.
  stop.addEventListener('abort', () => void reader.cancel().catch(() => undefined));
  let frames: Described[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new BundleError('it ends before its end');
    for (const r of records.push(value)) {
      const of = frames[r.frame];
      switch (r.kind) {
        case 'head':
          frames = await readHead(r.payload);
          break;
        case 'prev':
          if (of) to.scrollPreview(of.key, r.payload);
          break;
        case 'htj2':
        case 'defl':
        case 'jpeg':
          if (of) to.packedFrame(of.key, { kind: r.kind, payload: r.payload, of, bytes: r.payload.length });
          break;
        case 'done':
          return true;
      }
    }
  }
}

/** The true frame of what came packed. */
export async function unpack(pool: Pool, p: Packed): Promise<Frame> {
  const { head, presentation } = p.of;
  const a = await pool.decode(p.kind, p.payload, head.samples);
  if ((a.rows ?? head.rows) !== head.rows || (a.columns ?? head.columns) !== head.columns || !a.body) throw new FrameError('it has another size than its head says');
  return assemble(a.body, { rows: head.rows, columns: head.columns, samples: head.samples === 3 ? 3 : 1, cell: head.samples === 3 ? 1 : Math.ceil(head.bitsAllocated / 8), signed: head.signed }, presentation);
}
