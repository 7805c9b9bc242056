import type { Instance, Series } from '../api/types';
import { axes, slicePosition } from './geometry';

/** One place of a series that can be scrolled to: an instance, or a frame of one. */
export interface Slot {
  key: string;
  /** Id of the series. */
  series: string;
  /** Address of the series as one stream. */
  bundle: string | null;
  instance: Instance;
  /** 1-based. */
  frame: number;
}

// Slices are put in order by where they lie in the patient when that is an
// order at all: one plane for all, no two in the same place. Series that visit
// a place twice (diffusion, dynamic, phases) keep the order of their numbers,
// or b-values and phases would be shuffled into each other.
export function sortInstances(instances: Instance[]): Instance[] {
  const byNumber = [...instances].sort((a, b) => (a.number ?? Infinity) - (b.number ?? Infinity) || compare(a.sopInstanceUid, b.sopInstanceUid));
  const at = positions(byNumber);
  if (!at) return byNumber;
  return byNumber.map((instance, i) => ({ instance, p: at[i]! })).sort((a, b) => a.p - b.p).map(({ instance }) => instance);
}

const samePlane = 1e-3;
const samePlace = 1e-2;

function positions(instances: Instance[]): number[] | null {
  const first = instances[0]?.orientation;
  if (instances.length < 2 || !axes(first)) return null;
  const out: number[] = [];
  for (const i of instances) {
    if (i.frames > 1 || !i.orientation || i.orientation.some((v, k) => Math.abs(v - first![k]!) > samePlane)) return null;
    const p = slicePosition(i.position, i.orientation);
    if (p === null) return null;
    out.push(p);
  }
  const sorted = [...out].sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) if (sorted[i]! - sorted[i - 1]! < samePlace) return null;
  return out;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What to scroll through: every frame of every instance that is, or should have been, a picture. */
export function slotsOf(series: Series): Slot[] {
  const pictures = (series.instances ?? []).filter((i) => i.displayable === 'image' || i.displayable === 'undecodable');
  return sortInstances(pictures).flatMap((instance) => {
    const frames = instance.displayable === 'image' ? Math.max(1, Math.min(instance.frames || 1, 100_000)) : 1;
    return Array.from({ length: frames }, (_, i) => ({ key: `${instance.id}/${i + 1}`, series: series.id, bundle: series.bundle ?? null, instance, frame: i + 1 }));
  });
}

/** Where a series opens: a volume in its middle, where the organ is; a film at its beginning. */
export function startOf(slots: Slot[]): number {
  return slots.some((s) => s.frame > 1) ? 0 : Math.floor(slots.length / 2);
}

/** The slot that is seen first of a study. */
export function firstLook(list: Series[]): Slot | undefined {
  for (const s of list) {
    const slots = slotsOf(s);
    if (slots.length > 0) return slots[startOf(slots)];
  }
  return undefined;
}

/** Instances that are papers, not pictures: PDF, structured reports and the like. */
export function documentsOf(series: Series): Instance[] {
  return (series.instances ?? []).filter((i) => i.displayable === 'document' || i.displayable === 'none');
}

/** Indices from a centre outwards, ahead before behind: the order to fetch in. */
export function* centreOut(centre: number, length: number): Generator<number> {
  if (centre >= 0 && centre < length) yield centre;
  for (let d = 1; d < length; d++) {
    if (centre + d < length) yield centre + d;
    if (centre - d >= 0) yield centre - d;
  }
}

// Lossy transfer syntaxes (PS3.5 A.4): a reader has to know.
const lossy = new Set([
  '1.2.840.10008.1.2.4.50',
  '1.2.840.10008.1.2.4.51',
  '1.2.840.10008.1.2.4.81',
  '1.2.840.10008.1.2.4.91',
  '1.2.840.10008.1.2.4.93',
  '1.2.840.10008.1.2.4.203',
]);

export function isLossy(i: Instance): boolean {
  return lossy.has(i.transferSyntax);
}
