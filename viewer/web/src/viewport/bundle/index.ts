import type { Client } from '../../api/client';
import { isAbort } from '../../api/error';
import type { Frame } from '../frame';
import { Pool } from './pool';
import { readBundle, unpack, type Packed, type Receiver } from './stream';

export type { Packed, Receiver };

/** What the loader does with bundles. It is fetched after the first preview. */
export interface Bundles {
  read(client: Client, series: string, url: string | null, to: Receiver, stop: AbortSignal): Promise<boolean>;
  unpack(p: Packed): Promise<Frame>;
  stop(): void;
}

/** Frames in a row that cannot be decoded before no more is brought that way. */
const enough = 3;

// What is not decoded here the server decodes, and it comes over the line a second
// time. Where that is the rule, because this browser has no decoder or reads none of
// these, bundles end: the rest comes once, frame by frame.
export function openBundles(pool = new Pool()): Bundles {
  const running = new Set<AbortController>();
  let failed = 0;
  return {
    async read(client, series, url, to, stop) {
      if (failed >= enough) return false;
      const mine = new AbortController();
      const end = () => mine.abort();
      stop.addEventListener('abort', end);
      running.add(mine);
      try {
        stop.throwIfAborted();
        return await readBundle(client, series, url, to, mine.signal);
      } finally {
        running.delete(mine);
        stop.removeEventListener('abort', end);
      }
    },
    async unpack(p) {
      try {
        const frame = await unpack(pool, p);
        failed = 0;
        return frame;
      } catch (e) {
        if (!isAbort(e) && ++failed === enough) for (const r of running) r.abort();
        throw e;
      }
    },
    stop: () => pool.stop(),
  };
}
