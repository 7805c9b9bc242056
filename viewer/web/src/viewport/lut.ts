import { storedOf, type Words } from './frame';
import { valueOf, type Presentation } from './presentation';
import { brightness, type VOI } from './window';

export interface LUTInput {
  words: Words;
  presentation: Presentation;
  window: VOI;
  /** Asked for by the reader, on top of what the file says. */
  invert: boolean;
}

// buildLUT gives the brightness of every stored word: one look-up a pixel
// instead of the arithmetic, and exactly the value the arithmetic gives.
export function buildLUT({ words, presentation: p, window, invert }: LUTInput): Uint8ClampedArray {
  const lut = new Uint8ClampedArray(1 << words.bits);
  const flip = p.invert !== invert;
  const [from, to] = words.deep ? [1, 0] : (p.padding ?? [1, 0]);
  for (let word = 0; word < lut.length; word++) {
    const stored = storedOf(words, word);
    // Pixel Padding (PS3.3 C.7.5.1.1.2) is not part of the image: it is
    // background whichever way round the grey scale is.
    if (stored >= from && stored <= to) continue;
    const b = brightness(valueOf(p, stored), window);
    lut[word] = flip ? 255 - b : b;
  }
  return lut;
}
