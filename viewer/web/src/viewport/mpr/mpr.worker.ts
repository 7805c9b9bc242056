// Holds one volume and cuts pictures out of it, through a window, off the page's thread.
import { brightness, type VOI } from '../window';
import { nothing, reslice, type Cut } from './reslice';
import type { Volume } from './volume';

export interface CutAsk {
  id: number;
  cut: Cut;
  window: VOI;
  invert: boolean;
}
export interface CutAnswer {
  id: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

let volume: Volume | null = null;

self.onmessage = ({ data }: MessageEvent<{ volume: Volume } | CutAsk>) => {
  if ('volume' in data) {
    volume = data.volume;
    return;
  }
  if (!volume) return;
  const values = reslice(volume, data.cut);
  const out = new Uint32Array(values.length);
  const greys = new Uint32Array(65_536);
  for (let v = -32_768; v < 32_768; v++) {
    const b = brightness(v * volume.scale + volume.offset, data.window);
    greys[v + 32_768] = 0xff000000 | ((data.invert ? 255 - b : b) * 0x010101);
  }
  greys[nothing + 32_768] = 0xff000000;
  for (let i = 0; i < values.length; i++) out[i] = greys[values[i]! + 32_768]!;
  const answer: CutAnswer = { id: data.id, rgba: new Uint8ClampedArray(out.buffer) };
  self.postMessage(answer, { transfer: [answer.rgba.buffer] });
};
