import type { Client } from '../../api/client';
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

export function openBundles(): Bundles {
  const pool = new Pool();
  return { read: readBundle, unpack: (p) => unpack(pool, p), stop: () => pool.stop() };
}
