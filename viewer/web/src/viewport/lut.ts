import type { VOI } from './window';
import { brightness } from './window';

export interface LUTInput {
  bits: 8 | 16;
  signed: boolean;
  slope: number;
  intercept: number;
  window: VOI;
  /** MONOCHROME1, or inverted by the reader (both together cancel out). */
  invert: boolean;
  padding: number | null;
}

// buildLUT gives the brightness of every stored word: one look-up a pixel
// instead of the arithmetic, and exactly the value the arithmetic gives.
// A signed sample is looked up by its two's complement word.
export function buildLUT(p: LUTInput): Uint8ClampedArray {
  const size = 1 << p.bits;
  const half = size >> 1;
  const lut = new Uint8ClampedArray(size);
  for (let word = 0; word < size; word++) {
    const stored = p.signed && word >= half ? word - size : word;
    const b = brightness(stored * p.slope + p.intercept, p.window);
    lut[word] = p.invert ? 255 - b : b;
  }
  // Pixel Padding Value (PS3.3 C.7.5.1.1.2) is not part of the image: it is
  // background whichever way round the grey scale is.
  if (p.padding !== null && Number.isInteger(p.padding)) {
    const word = p.padding < 0 ? p.padding + size : p.padding;
    if (word >= 0 && word < size) lut[word] = 0;
  }
  return lut;
}
