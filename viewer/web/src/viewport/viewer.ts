import { batch, computed, signal } from '@preact/signals';
import type { Series } from '../api/types';
import { autoWindow } from './auto';
import { colourAt, storedValue, type Frame } from './frame';
import { plainView, type View } from './geometry';
import type { Loader, Look } from './loader';
import type { Placing } from './placing';
import { presentationOf, valueOf, type Presentation } from './presentation';
import { planeOf, type Plane, type Point } from './space/plane';
import { slotsOf, startOf, type Slot } from './stack';
import { meet, presetOf, presetsFor, voi, type VOI } from './window';

/** Where the window on screen came from: the file, the values, a preset by name, or the reader's hand. */
export type WindowSource = 'file' | 'auto' | 'custom' | (string & {});

export interface Probe {
  column: number;
  row: number;
  /** In the units of the modality; three numbers for colour. */
  values: number[];
}

/** What the canvas shows of the slot: nothing yet, a lossy preview, the true frame. */
export type Shown = 'nothing' | 'preview' | 'frame';

interface Kept {
  index: number;
  view: View;
  window: VOI | null;
  source: WindowSource;
  fileWindow: number;
}

let made = 0;

// Viewer is the state of one pane: which series, which slot of it, and how it is
// looked at. Each series remembers how it was left.
export class Viewer {
  readonly id = ++made;
  readonly series = signal<Series[]>([]);
  readonly active = signal('');
  readonly slots = signal<Slot[]>([]);
  readonly index = signal(0);
  readonly view = signal<View>(plainView);
  /** The reader's window; null for the one of the file. */
  readonly window = signal<VOI | null>(null);
  readonly source = signal<WindowSource>('file');
  readonly fileWindow = signal(0);
  readonly probe = signal<Probe | null>(null);
  readonly shown = signal<Shown>('nothing');
  /** The window the picture was last drawn with: where a drag starts from. */
  readonly drawn = signal<VOI | null>(null);
  /** Something is done to frames before they are drawn; null of one that cannot be yet. */
  readonly through = signal<((slot: Slot, frame: Frame) => Frame | null) | null>(null);
  /** How the picture lies in the pane since it was last drawn. */
  readonly placing = signal<Placing | null>(null);

  readonly slot = computed(() => this.slots.value[this.index.value]);
  readonly current = computed(() => this.series.value.find((s) => s.id === this.active.value));

  readonly look: Look;
  private readonly kept = new Map<string, Kept>();
  private readonly autos = new Map<string, VOI>();

  constructor(readonly loader: Loader) {
    this.look = loader.look();
  }

  /** The series there are, again whenever more has come. The slot looked at stays. */
  setSeries(list: Series[]) {
    this.series.value = list;
    const active = list.find((s) => s.id === this.active.value);
    if (!active) return;
    const before = this.slot.value?.key;
    const slots = slotsOf(active);
    const at = slots.findIndex((s) => s.key === before);
    batch(() => {
      this.slots.value = slots;
      this.index.value = at >= 0 ? at : startOf(slots);
    });
    this.loader.show(this.look, slots, this.index.value);
  }

  open(id: string) {
    const series = this.series.value.find((s) => s.id === id);
    if (!series) return;
    this.keep();
    const kept = this.kept.get(id);
    const slots = slotsOf(series);
    batch(() => {
      this.active.value = id;
      this.slots.value = slots;
      this.index.value = Math.min(kept?.index ?? startOf(slots), Math.max(0, slots.length - 1));
      this.view.value = kept?.view ?? plainView;
      this.window.value = kept?.window ?? null;
      this.source.value = kept?.source ?? 'file';
      this.fileWindow.value = kept?.fileWindow ?? 0;
      this.probe.value = null;
      // Of the new series nothing has been drawn yet.
      this.shown.value = 'nothing';
    });
    this.loader.show(this.look, slots, this.index.value);
  }

  /** Shows nothing, until a series is chosen. */
  close() {
    this.keep();
    batch(() => {
      this.active.value = '';
      this.slots.value = [];
      this.index.value = 0;
      this.shown.value = 'nothing';
    });
    this.loader.show(this.look, [], 0);
  }

  private keep() {
    if (!this.active.value) return;
    this.kept.set(this.active.value, {
      index: this.index.value,
      view: this.view.value,
      window: this.window.value,
      source: this.source.value,
      fileWindow: this.fileWindow.value,
    });
  }

  nextSeries(step: number) {
    const list = this.series.value.filter((s) => slotsOf(s).length > 0);
    const at = list.findIndex((s) => s.id === this.active.value);
    const next = list[at + step];
    if (next) this.open(next.id);
  }

  goTo(index: number) {
    const last = this.slots.value.length - 1;
    const i = Math.max(0, Math.min(last, index));
    if (last < 0 || i === this.index.value) return;
    this.index.value = i;
    this.probe.value = null;
    this.loader.moveTo(this.look, i);
  }
  step(n: number) {
    this.goTo(this.index.value + n);
  }

  change(part: Partial<View>) {
    this.view.value = { ...this.view.value, ...part };
  }
  invert() {
    this.change({ invert: !this.view.value.invert });
  }
  turn() {
    this.change({ turns: (this.view.value.turns + 1) % 4, panX: 0, panY: 0 });
  }
  // A flip is left-right on the screen however the image is turned.
  flip(across: 'h' | 'v') {
    const v = this.view.value;
    const horizontal = (across === 'h') === (v.turns % 2 === 0);
    this.change(horizontal ? { flipH: !v.flipH } : { flipV: !v.flipV });
  }
  fit() {
    this.change({ zoom: 1, panX: 0, panY: 0 });
  }
  reset() {
    this.view.value = plainView;
    this.useFileWindow(0);
  }
  zoomBy(factor: number, x = 0, y = 0) {
    const v = this.view.value;
    const zoom = Math.max(0.1, Math.min(40, v.zoom * factor));
    const k = zoom / v.zoom;
    // x, y are measured from the middle of the viewport: that place stays put.
    this.change({ zoom, panX: x - (x - v.panX) * k, panY: y - (y - v.panY) * k });
  }

  usePreset(id: string) {
    const p = presetsFor(this.current.value?.modality ?? '').find((x) => x.id === id);
    if (!p) return;
    this.window.value = voi(p.center, p.width);
    this.source.value = p.id;
  }
  useFileWindow(n: number) {
    this.window.value = null;
    this.fileWindow.value = n;
    this.source.value = 'file';
  }
  useAuto() {
    const slot = this.slot.value;
    const frame = slot && this.loader.frame(slot.key);
    if (!slot || !frame || frame.samples !== 1) return;
    this.window.value = autoWindow(frame);
    this.source.value = 'auto';
  }
  useCustom(w: VOI) {
    this.window.value = w;
    this.source.value = 'custom';
  }

  /** Reads the value at a place of the image; of true frames only. */
  point(at: Point | null) {
    const slot = this.slot.peek();
    const f = slot && at && this.loader.frame(slot.key);
    const probe = f ? probeAt(f, Math.floor(at[0]), Math.floor(at[1])) : null;
    if (probe || this.probe.peek()) this.probe.value = probe;
  }

  /** How a slot is shown; of its frame when that is here. */
  presentation(slot: Slot): Presentation {
    return this.loader.frame(slot.key)?.presentation ?? presentationOf(slot.instance);
  }

  /** The window to draw a grey frame with. */
  windowFor(slot: Slot, frame: Frame): VOI {
    if (this.window.value) return this.window.value;
    const { looks, type } = frame.presentation;
    const own = looks[this.fileWindow.value] ?? looks[0];
    if (own) return own;
    if (slot.instance.bitsAllocated === 1) return voi(1, 2); // black and white, all of one too
    // One for the whole series: it must not flicker from slice to slice.
    const known = this.autos.get(this.active.value);
    if (known) return known;
    const auto = autoWindow(frame);
    const series = this.current.value;
    const preset = type === 'US' ? null : presetOf(series?.modality ?? '', series?.bodyPart ?? '');
    const made = preset && meet(preset, auto) ? preset : auto;
    this.autos.set(this.active.value, made);
    return made;
  }

  /** Where the frame of a slot lies in the patient; null when nobody says. */
  plane(slot: Slot): Plane | null {
    const { rows, columns } = this.loader.frame(slot.key) ?? slot.instance;
    return planeOf(this.presentation(slot), columns, rows);
  }

  stop() {
    this.loader.leave(this.look);
  }
}

function probeAt(f: Frame, column: number, row: number): Probe | null {
  const colour = colourAt(f, column, row);
  if (colour) return { column, row, values: colour };
  const stored = storedValue(f, column, row);
  return stored === null ? null : { column, row, values: [valueOf(f.presentation, stored)] };
}
