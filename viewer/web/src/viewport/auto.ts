import { storedOf, type Frame } from './frame';
import { valueOf } from './presentation';
import { voi, type VOI } from './window';

// autoWindow is for a grey frame whose file names no window: from the 1st to the
// 99th hundredth of its values, without padding and without the air around the
// patient (the lowest value, when more than a tenth of the pixels share it). It
// is the rule previews are made by, so that the frame looks like its preview.
export function autoWindow(f: Frame): VOI {
  const p = f.presentation;
  const { counts, shift } = count(f, p.padding);
  let total = 0;
  for (const c of counts) total += c;
  let low = 0;
  let high = counts.length - 1;
  if (total > 0) {
    const lowest = counts.findIndex((c) => c > 0);
    const background = counts[lowest]!;
    const cut = background > total / 10 && background < total;
    const first = cut ? lowest + 1 : lowest;
    const rest = cut ? total - background : total;
    low = percentile(counts, first, rest, 1);
    high = percentile(counts, first, rest, 99);
    if (low === high) {
      // One value on a background: a mask.
      low = lowest;
      high = percentile(counts, first, rest, 100);
    }
  }
  const value = (k: number) => valueOf(p, f.deep ? storedOf(f, k) : k - shift);
  return between(value(low), value(high));
}

// counts[k] belongs to the stored value k - shift, in rising order.
function count(f: Frame, padding: [number, number] | null): { counts: Uint32Array; shift: number } {
  const size = 1 << f.bits;
  const shift = f.signed ? size >> 1 : 0;
  const counts = new Uint32Array(size);
  const [from, to] = padding ?? [1, 0];
  for (let i = 0; i < f.pixels.length; i++) {
    const deep = f.deep?.values[i];
    if (deep === undefined || deep < from || deep > to) counts[f.pixels[i]! ^ shift]!++;
  }
  if (!f.deep) counts.fill(0, clampTo(from + shift, size), clampTo(to + shift + 1, size));
  return { counts, shift };
}

function clampTo(k: number, size: number): number {
  return Math.max(0, Math.min(size, k));
}

function percentile(counts: Uint32Array, first: number, total: number, percent: number): number {
  const want = Math.floor((total * percent + 99) / 100);
  let sum = 0;
  for (let k = first; k < counts.length; k++) {
    sum += counts[k]!;
    if (sum >= want) return k;
  }
  return counts.length - 1;
}

// LINEAR is black at c-0.5-(w-1)/2 and white at c-0.5+(w-1)/2.
function between(a: number, b: number): VOI {
  if (a === b) return voi(a + 2, 2);
  return voi((a + b) / 2 + 0.5, Math.abs(b - a) + 1);
}
