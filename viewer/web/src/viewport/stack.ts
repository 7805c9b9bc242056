import type { Instance, Series } from '../api/types';

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

/**
 * What to scroll through: every frame of every instance that is, or should have been, a
 * picture, in the order of the server. Its stream begins in the middle of that order, and
 * the picture that it sends along is of that middle.
 */
export function slotsOf(series: Series): Slot[] {
  const pictures = (series.instances ?? []).filter((i) => i.displayable === 'image' || i.displayable === 'undecodable');
  return pictures.flatMap((instance) => {
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

/** Instances that are papers, not pictures: PDF, structured reports and the like. Presentation states are chosen elsewhere. */
export function documentsOf(series: Series): Instance[] {
  if (series.modality === 'PR') return [];
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
