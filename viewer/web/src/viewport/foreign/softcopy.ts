import { batch, computed, effect, signal, untracked } from '@preact/signals';
import type { Study } from '../../api/types';
import { api } from '../../session';
import { say } from '../../ui/toast';
import { w } from '../bench/words';
import type { View } from '../geometry';
import type { Slot } from '../stack';
import type { Stage } from '../stage';
import type { Viewer, WindowSource } from '../viewer';
import type { VOI } from '../window';
import type { Frame } from '../frame';
import type { Presentation } from '../presentation';
import { average, differing, masks, subtract, type Averaged } from './mask';
import { covers, storedRange, viewOf, windowOf, type State } from './state';

const grayscaleSoftcopy = '1.2.840.10008.5.1.4.1.1.11.1';

/** A presentation state and its hidden layers, by their places (worklist/room.PlaceState). */
export interface Told {
  id: string;
  hidden?: number[];
}

/** How a pane was looked at before the state, and which part of which is applied to it now. */
interface Applied {
  window: VOI | null;
  source: WindowSource;
  view: View;
  look: string;
  area: string;
}

// Softcopy holds the presentation states of the study and applies the one that is
// chosen: to every pane whose frame it is of, and to no other. What the reader changes
// then stays until the next image that has another part of the state.
export class Softcopy {
  readonly list = signal<State[]>([]);
  /** That came and cannot be shown. */
  readonly refused = signal(0);
  readonly chosen = signal<State | null>(null);
  /** Names of layers that are not shown. */
  readonly hidden = signal<ReadonlySet<string>>(new Set());
  /** By pane and series: each series of a pane remembers how it was left. */
  private readonly applied = new Map<string, Applied>();
  /** By state and instance; null: on its way, or none that fits. */
  private readonly averaged = new Map<string, Averaged | null>();
  private known = '';
  private readonly off: () => void;

  constructor(private readonly stage: Stage) {
    this.off = effect(() => {
      for (const v of stage.panes.value) this.apply(v);
    });
  }

  /** Asks for the states when there are others than those known. */
  of(study: Study) {
    const ids = (study.seriesList ?? []).flatMap((s) => s.instances ?? []).filter((i) => i.sopClass === grayscaleSoftcopy && i.origin === 'received').map((i) => i.id);
    const key = ids.join();
    if (key === this.known) return;
    this.known = key;
    if (ids.length === 0) return;
    api.json<{ states: State[]; refused: unknown[] }>(`/studies/${study.id}/states`).then(
      (a) => batch(() => {
        this.list.value = a.states;
        this.refused.value = a.refused.length;
      }),
      () => (this.known = ''),
    );
  }

  choose(s: State | null) {
    batch(() => {
      this.hidden.value = new Set();
      this.chosen.value = s;
    });
    if (!s) return;
    if (s.missing?.includes('mask')) say(w('state.mask'));
    const shown = this.stage.panes.value.some((v) => v.slot.value && isOf(s, v.slot.value));
    for (const i of shown ? [] : s.images) if (this.stage.show(i.instance, i.frames?.[0] ?? 1)) return;
  }

  toggle(layer: string) {
    const next = new Set(this.hidden.value);
    if (!next.delete(layer)) next.add(layer);
    this.hidden.value = next;
  }

  /** The state over a slot; null when none is. */
  over(slot: Slot): State | null {
    const s = this.chosen.value;
    return s && isOf(s, slot) ? s : null;
  }
  /** What a key image keeps of the state over a slot. */
  under(slot: Slot): { state?: string; hidden?: string[] } {
    const s = this.over(slot);
    const hidden = [...this.hidden.value].filter((name) => s?.layers?.some((l) => l.name === name));
    return s ? { state: s.instance, ...(hidden.length ? { hidden } : {}) } : {};
  }
  /** The state a key image was looked at under, for a slot that it is of. */
  keptUnder(k: { state?: string }, slot: Slot): State | null {
    const s = k.state ? this.list.value.find((x) => x.instance === k.state) : undefined;
    return s && isOf(s, slot) ? s : null;
  }
  /** Puts the state of a key image over its image again, or none. */
  restate(k: { state?: string; hidden?: string[] }) {
    batch(() => {
      this.chosen.value = this.list.value.find((x) => k.state && x.instance === k.state) ?? null;
      this.hidden.value = new Set(k.hidden);
    });
  }
  /** What who looks along is told of the state over a slot. */
  tell(slot: Slot): Told | undefined {
    const s = this.over(slot);
    if (!s) return undefined;
    const hidden = [...(s.layers ?? []).keys()].filter((n) => this.hidden.value.has(s.layers![n]!.name));
    return { id: s.id, ...(hidden.length ? { hidden } : {}) };
  }
  /** Chooses the state that was told of, or none; whether there is one now. */
  follow(told: Told | undefined): boolean {
    const s = (told && this.list.peek().find((x) => x.id === told.id)) ?? null;
    const hidden = new Set((told?.hidden ?? []).flatMap((n) => s?.layers?.[n]?.name ?? []));
    const known = this.hidden.peek();
    batch(() => {
      this.chosen.value = s;
      if (hidden.size !== known.size || [...hidden].some((name) => !known.has(name))) this.hidden.value = hidden;
    });
    return !!s;
  }
  readonly title = computed(() => (this.chosen.value ? titleOf(this.chosen.value) : ''));

  private apply(v: Viewer) {
    const slot = v.slot.value;
    void v.loader.version.value;
    const placing = v.placing.value;
    const s = slot && this.over(slot);
    const key = `${v.id} ${v.active.value}`;
    const before = this.applied.get(key);
    if (!slot || !s) {
      if (before) untracked(() => this.restore(v, key, before));
      return;
    }
    const masked = masks(s, slot.frame);
    const p = masked ? differing(v.presentation(slot)) : v.presentation(slot);
    this.mask(v, s, slot);
    const { sopInstanceUid: instance, bitsStored, signed } = slot.instance;
    const part = s.vois?.findIndex((x) => covers(x.images, instance, slot.frame)) ?? -1;
    const look = [s.id, part, masked, p.key, bitsStored, signed].join(' ');
    const area = placing ? [s.id, s.areas?.findIndex((x) => covers(x.images, instance, slot.frame)) ?? -1, placing.width, placing.height, placing.columns, placing.rows].join(' ') : '';
    if (before?.look === look && (area === '' || before.area === area)) return;
    untracked(() =>
      batch(() => {
        const now = before ?? { window: v.window.value, source: v.source.value, view: v.view.value, look: '', area: '' };
        if (now.look !== look) v.useCustom(stateWindow(s, p, slot));
        if (placing && now.area !== area) {
          const { width, height, columns, rows, aspect } = placing;
          v.view.value = viewOf(s, p, { width, height, columns, rows, aspect, ratio: devicePixelRatio || 1 }, instance, slot.frame);
        }
        this.applied.set(key, { ...now, look, area: area || now.area });
      }),
    );
  }

  // The frames of the mask are asked for once; until the mask is there its frames are not
  // drawn as if there were none.
  private mask(v: Viewer, s: State, slot: Slot) {
    if (!s.mask) {
      if (v.through.peek()) v.through.value = null;
      return;
    }
    const key = `${s.id} ${slot.instance.id}`;
    if (!this.averaged.has(key)) {
      this.averaged.set(key, null);
      const slots = maskSlots(s, slot);
      const made = slots ? Promise.all(slots.map((x) => v.loader.need(x))).then((all) => average(s, all)) : Promise.resolve(null);
      made.then(
        (mask) => {
          this.averaged.set(key, mask);
          if (!mask) say(w('state.mask'));
          this.arrived.value++;
        },
        () => {
          this.averaged.delete(key);
          say(w('state.mask'));
        },
      );
    }
    const round = this.arrived.value;
    if (this.through.get(v)?.key === `${key} ${round}` && v.through.peek()) return;
    const recent = new Map<Frame, Frame | null>();
    this.through.set(v, { key: `${key} ${round}` });
    v.through.value = (at, frame) => {
      if (!masks(s, at.frame) || !isOf(s, at)) return frame;
      const mask = this.averaged.get(`${s.id} ${at.instance.id}`);
      if (!mask) return null;
      let made = recent.get(frame);
      if (made === undefined) {
        made = subtract(s, frame, mask);
        recent.set(frame, made);
        for (const old of recent.keys()) if (recent.size > 8) recent.delete(old);
      }
      return made;
    };
  }
  private readonly arrived = signal(0);
  private readonly through = new WeakMap<Viewer, { key: string }>();

  private restore(v: Viewer, key: string, { window, source, view }: Applied) {
    this.applied.delete(key);
    batch(() => {
      v.through.value = null;
      v.window.value = window;
      v.source.value = source;
      v.view.value = view;
    });
  }

  stop() {
    this.off();
  }
}

const isOf = (s: State, slot: Slot) => s.images.length > 0 && covers(s.images, slot.instance.sopInstanceUid, slot.frame);

/** The window of a state over a slot. Differences are values of its modality LUT already. */
export function stateWindow(s: State, p: Presentation, { instance, frame }: Slot): VOI {
  const { sopInstanceUid, bitsStored, signed } = instance;
  const stored = storedRange(bitsStored, signed);
  if (!masks(s, frame)) return windowOf(s, p, stored, sopInstanceUid, frame);
  const reach = Math.min(32_767, stored.most - stored.least);
  return windowOf({ ...s, modality: undefined, values: undefined }, p, { least: -reach, most: reach }, sopInstanceUid, frame);
}

/** The frames of the same image that the mask of a state is the average of; null where some are missing. */
export function maskSlots(s: State, slot: Slot): Slot[] | null {
  const frames = s.mask?.frames ?? [];
  return frames.every((n) => n <= slot.instance.frames) ? frames.map((n) => ({ ...slot, frame: n, key: `${slot.instance.id}/${n}` })) : null;
}

export function titleOf(s: State): string {
  return s.description || s.label || w('state.untitled');
}
