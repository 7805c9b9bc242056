import { batch, signal } from '@preact/signals';
import type { Study } from '../../api/types';
import { num } from '../../i18n';
import { api } from '../../session';
import type { Vec3 } from '../geometry';
import { toPlane, type Point } from '../space/plane';
import { slotsOf, type Slot } from '../stack';
import type { Stage } from '../stage';
import { unitText } from '../units';
import type { Viewer } from '../viewer';
import { cut, type Piece } from './cut';

/** A place in a document of another maker: on frames of an image, or in a frame of reference (mm). */
export interface Region {
  type: string;
  points: number[][];
  instance?: string;
  frames?: number[];
  frameOfReference?: string;
}

export interface Quantity {
  name: string;
  how?: string;
  value: number;
  unit: string;
  on?: number[];
}

export interface Group {
  tracking?: string;
  trackingUid?: string;
  finding?: string;
  site?: string;
  instance?: string;
  regions?: Region[];
  quantities?: Quantity[];
  notes?: string[];
}

export interface MeasuredDocument {
  id: string;
  title: string;
  observer?: string;
  device?: string;
  manufacturer?: string;
  model?: string;
  created?: string;
  verified: boolean;
  groups: Group[];
}

/** What is drawn of a region on one slot. */
export interface Seen {
  key: string;
  type: string;
  pieces: Piece[];
  words: string[];
  selected: boolean;
}

const structured = new Set(['1.2.840.10008.5.1.4.1.1.88.22', '1.2.840.10008.5.1.4.1.1.88.33', '1.2.840.10008.5.1.4.1.1.88.34', '1.2.840.10008.5.1.4.1.1.88.35']);

// Measures holds what others have measured on the study: to be seen, never changed.
export class Measures {
  readonly documents = signal<MeasuredDocument[]>([]);
  readonly refused = signal(0);
  readonly visible = signal(true);
  /** The group last gone to. */
  readonly selected = signal<Group | null>(null);
  private known = '';

  constructor(private readonly stage: Stage) {}

  /** Asks for the documents when there are others than those known. */
  of(study: Study) {
    const ids = (study.seriesList ?? []).flatMap((s) => s.instances ?? []).filter((i) => structured.has(i.sopClass) && i.origin === 'received').map((i) => i.id);
    const key = ids.join();
    if (key === this.known) return;
    this.known = key;
    if (ids.length === 0) return;
    api.json<{ documents: MeasuredDocument[]; refused: unknown[] }>(`/studies/${study.id}/measurements`).then(
      (a) => batch(() => {
        this.documents.value = a.documents;
        this.refused.value = a.refused.length;
      }),
      () => (this.known = ''),
    );
  }

  /** What lies on a slot of a pane. */
  on(viewer: Viewer, slot: Slot): Seen[] {
    if (!this.visible.value) return [];
    return this.documents.value.flatMap((d) =>
      d.groups.flatMap((g, k) =>
        (g.regions ?? []).flatMap((r, i): Seen[] => {
          const pieces = placed(r, viewer, slot);
          return pieces.length ? [{ key: `${d.id} ${k} ${i}`, type: r.type, pieces, words: wordsOf(g, i), selected: this.selected.value === g }] : [];
        }),
      ),
    );
  }

  /** Goes to the first image a group lies on. */
  show(g: Group): boolean {
    this.selected.value = g;
    this.visible.value = true;
    for (const r of g.regions ?? []) {
      if (r.instance && this.stage.show(r.instance, r.frames?.[0] ?? 1)) return true;
      if (r.frameOfReference && this.showSpace(r)) return true;
    }
    return !!g.instance && this.stage.show(g.instance, 1);
  }

  private showSpace(r: Region): boolean {
    const v = this.stage.active.value;
    let best: Slot | null = null;
    let least = Infinity;
    for (const slot of this.stage.series.value.flatMap(slotsOf)) {
      const plane = r.frameOfReference === slot.instance.frameOfReference ? v.plane(slot) : null;
      if (!plane || placed(r, v, slot).length === 0) continue;
      const depths = r.points.map((p) => toPlane(plane, p as Vec3).distance);
      const whole = Math.max(...depths.map(Math.abs));
      // Where all of it lies, before where it is only cut: there nearest to its middle.
      const away = whole <= reach(slot) ? whole : 1e6 + Math.abs(r.type === 'MULTIPOINT' ? depths[0]! : (Math.min(...depths) + Math.max(...depths)) / 2);
      // Of slices as near, the one in the series looked at.
      if (away < least - 1e-6 || (away < least + 1e-6 && slot.series === v.active.value && best?.series !== slot.series)) [best, least] = [slot, away];
    }
    return !!best && this.stage.show(best.instance.sopInstanceUid, best.frame);
  }
}

/** How far from the plane of a slice, in mm, something still lies in it. */
function reach(slot: Slot): number {
  return Math.max(0.5, (slot.instance.sliceThickness ?? 0) / 2) + 1e-3;
}

/** What of a region is seen on a slot, in image coordinates; nothing when it does not lie there. */
export function placed(r: Region, viewer: Pick<Viewer, 'plane'>, slot: Slot): Piece[] {
  if (r.instance) return r.instance === slot.instance.sopInstanceUid && (!r.frames?.length || r.frames.includes(slot.frame)) ? [{ type: r.type, points: r.points as Point[] }] : [];
  const plane = r.frameOfReference && r.frameOfReference === slot.instance.frameOfReference ? viewer.plane(slot) : null;
  return plane ? cut(r.type, r.points as Vec3[], plane, reach(slot)) : [];
}

export function quantityText(q: Quantity): string {
  const digits = Number.isInteger(q.value) ? 0 : Math.abs(q.value) < 10 ? 2 : 1;
  return `${q.how || q.name} ${num(q.value, digits)} ${unitText(q.unit)}`.trim().replace(' °', '°');
}

const mostLines = 6;

/** Beside a region: its name, and the values that were inferred from it. */
export function wordsOf(g: Group, region: number): string[] {
  const of = (g.quantities ?? []).filter((q) => (q.on?.length ? q.on.includes(region) : region === 0));
  const name = g.tracking || g.finding || '';
  return [name, ...of.map(quantityText)].filter(Boolean).slice(0, mostLines);
}
