import type { Frame } from './frame';
import { voi, type VOI } from './window';

// autoWindow covers the values of a frame without the outer hundredth on each
// side, padding left out: what to show when the file names no window.
export function autoWindow(f: Frame, slope: number, intercept: number, padding: number | null, cut = 0.01): VOI {
  const size = 1 << f.bits;
  const half = size >> 1;
  const counts = new Uint32Array(size);
  for (let i = 0; i < f.pixels.length; i++) {
    const word = f.pixels[i]!;
    counts[f.signed ? word ^ half : word]!++;
  }
  // counts[k] belongs to the stored value k - shift, in rising order.
  const shift = f.signed ? half : 0;
  if (padding !== null && Number.isInteger(padding)) {
    const k = padding + shift;
    if (k >= 0 && k < size) counts[k] = 0;
  }
  let total = 0;
  for (const c of counts) total += c;
  if (total === 0) return voi(128, 256);
  const edge = total * cut;
  const low = firstOver(counts, edge) - shift;
  const high = firstOver(counts, Math.max(0, Math.ceil(total - edge) - 1)) - shift;
  const a = low * slope + intercept;
  const b = high * slope + intercept;
  // LINEAR reaches from c-0.5-(w-1)/2 to c-0.5+(w-1)/2.
  return voi((a + b) / 2 + 0.5, Math.abs(b - a) + 1);
}

/** The first place where the sum of the counts passes a number. */
function firstOver(counts: Uint32Array, at: number): number {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    sum += counts[k]!;
    if (sum > at) return k;
  }
  return counts.length - 1;
}
