import type { View } from '../geometry';

/** An image the reader refers to, as it was looked at. */
export interface KeyImage {
  id: string;
  /** As the report calls it: 図1, Fig. 1. */
  number: number;
  instance: string;
  frame: number;
  window: { center: number; width: number; function: string } | null;
  view: View;
  text: string;
}

/** The first number that no key image has. */
export function nextNumber(keys: KeyImage[]): number {
  let n = 1;
  while (keys.some((k) => k.number === n)) n++;
  return n;
}
