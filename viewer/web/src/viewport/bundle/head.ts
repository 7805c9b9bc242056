import type { RawPresentation } from '../../api/types';
import { readPresentation, type Presentation } from '../presentation';
import { BundleError } from './records';

/** What the head of a bundle says of one frame. */
export interface FrameHead extends RawPresentation {
  instance: number;
  number: number;
  rows: number;
  columns: number;
  samples: number;
  bitsAllocated: number;
  bitsStored: number;
  signed: boolean;
  photometric: string;
}

interface Head {
  instances: { id: string }[];
  common: Partial<FrameHead>;
  frames: Partial<FrameHead>[];
}

export interface Described {
  /** Of the slot: instance and frame. */
  key: string;
  head: FrameHead;
  presentation: Presentation;
}

/** Reads the payload of a head record: gzip of JSON. */
export async function readHead(payload: Uint8Array<ArrayBuffer>): Promise<Described[]> {
  const stream = new Blob([payload]).stream().pipeThrough(new DecompressionStream('gzip'));
  return describe((await new Response(stream).json()) as Head);
}

export function describe(h: Head): Described[] {
  return h.frames.map((f) => {
    const head = { ...h.common, ...f } as FrameHead;
    const instance = h.instances[head.instance];
    if (!instance) throw new BundleError('a frame of no instance');
    return { key: `${instance.id}/${head.number}`, head, presentation: readPresentation({ ...head, differ: false }) };
  });
}
