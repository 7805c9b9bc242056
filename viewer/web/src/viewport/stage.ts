import { batch, computed, signal, type Signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { Series, Study } from '../api/types';
import type { Bench } from './bench/bench';
import type { Vec3 } from './geometry';
import type { Loader } from './loader';
import { slotsOf } from './stack';
import { Links } from './sync';
import type { ToolName } from './tools/tool';
import { Viewer } from './viewer';

export interface Grid {
  rows: number;
  columns: number;
}

export const mostRows = 4;

/** A place of the patient that is pointed at, to be marked in every pane that shows it. */
export interface Pointed {
  frameOfReference: string;
  at: Vec3;
}

// Stage is what a reader has before them: panes in a grid, one of them active,
// and the tool in hand. What is not needed to see the first image (marks, MPR,
// print …) is the Bench, which is loaded after it.
export class Stage {
  /** Of the study, then of earlier ones. */
  readonly series = signal<Series[]>([]);
  /** Earlier studies that were put beside this one. */
  readonly priors = signal<Study[]>([]);
  private own: Series[] = [];
  readonly grid = signal<Grid>({ rows: 1, columns: 1 });
  readonly panes: Signal<Viewer[]>;
  readonly at = signal(0);
  /** The active pane has the whole wall for a while; the others stay as they are behind it. */
  readonly alone = signal(false);
  readonly tool = signal<ToolName>('window');
  /** Panes of one frame of reference scroll together. */
  readonly linked = signal(true);
  /** Lines where the active slice cuts the others. */
  readonly lines = signal(true);
  readonly overlays = signal(true);
  readonly pointed = signal<Pointed | null>(null);
  /** Where somebody who shows their images points, in the active pane. */
  readonly guest = signal<{ at: [column: number, row: number]; name: string } | null>(null);
  readonly bench = signal<Bench | null>(null);
  /** The first image has been seen, or waited for long enough: the line is free for the rest. */
  readonly begun = signal(false);
  /** What stands in place of the panes for a while: planes cut from a stack. */
  readonly instead = signal<ComponentType | null>(null);
  private readonly links = new Links();
  readonly active = computed(() => this.panes.value[this.at.value] ?? this.panes.value[0]!);

  constructor(readonly loader: Loader) {
    this.panes = signal([new Viewer(loader)]);
  }

  /** The series of the study, again whenever more has come. */
  setSeries(own: Series[]) {
    this.own = own;
    const list = [...own, ...this.priors.value.flatMap((p) => p.seriesList ?? [])];
    this.series.value = list;
    for (const v of this.panes.value) v.setSeries(list);
    if (!this.panes.value.some((v) => v.active.value)) {
      const first = list.find((s) => slotsOf(s).length > 0) ?? list[0];
      if (first) this.open(first.id);
    }
  }

  addPrior(study: Study) {
    if (this.priors.value.some((p) => p.id === study.id)) return;
    this.priors.value = [...this.priors.value, study];
    this.setSeries(this.own);
  }

  /** The earlier study a series is of; undefined when it is of this one. */
  priorOf(series: string): Study | undefined {
    return this.priors.value.find((p) => p.seriesList?.some((s) => s.id === series));
  }

  /** Lays series out in a grid, one a pane; empty ids leave panes empty. */
  hang(rows: number, columns: number, ids: string[]) {
    this.setGrid(rows, columns);
    for (const [i, v] of this.panes.value.entries()) {
      const id = ids[i] ?? '';
      if (id && v.active.value !== id) v.open(id);
      if (!id) v.close();
    }
    this.activate(0);
  }

  /** Shows a series in the active pane, or in another. */
  open(id: string, pane = this.at.value) {
    const v = this.panes.value[pane];
    if (!v) return;
    this.instead.value = null;
    v.open(id);
    this.activate(pane);
  }

  /** Shows a frame of an instance in the active pane. False when the study has no such image. */
  show(sopInstanceUid: string, frame: number): boolean {
    for (const s of this.series.value) {
      const at = slotsOf(s).findIndex((x) => x.instance.sopInstanceUid === sopInstanceUid && x.frame === frame);
      if (at < 0) continue;
      if (this.active.value.active.value !== s.id) this.open(s.id);
      this.active.value.goTo(at);
      return true;
    }
    return false;
  }

  activate(pane: number) {
    if (pane < 0 || pane >= this.panes.value.length) return;
    this.at.value = pane;
    this.loader.prefer(this.active.value.look);
  }

  /** Panes that stay keep what they show; new ones take the next series nobody shows. */
  setGrid(rows: number, columns: number) {
    const grid = { rows: Math.max(1, Math.min(mostRows, rows)), columns: Math.max(1, Math.min(mostRows, columns)) };
    const wanted = grid.rows * grid.columns;
    const panes = [...this.panes.value];
    if (this.at.value >= wanted) {
      // The one worked in stays, in the first place.
      const [active] = panes.splice(this.at.value, 1);
      panes.unshift(active!);
    }
    for (const gone of panes.splice(wanted)) gone.stop();
    while (panes.length < wanted) {
      const v = new Viewer(this.loader);
      v.setSeries(this.series.value);
      panes.push(v);
    }
    batch(() => {
      this.grid.value = grid;
      this.alone.value = false;
      this.panes.value = panes;
      this.at.value = Math.min(this.at.value, wanted - 1);
    });
    const shown = new Set(panes.map((v) => v.active.value));
    const rest = this.series.value.filter((s) => !shown.has(s.id) && slotsOf(s).length > 0);
    for (const v of panes) {
      const next = v.active.value ? undefined : rest.shift();
      if (next) v.open(next.id);
    }
  }

  /** Scrolls a pane, and with it those that are linked. */
  step(n: number, v = this.active.value) {
    this.goTo(v.index.value + n, v);
  }
  goTo(index: number, v = this.active.value) {
    if (!this.linked.value) return v.goTo(index);
    this.links.note(v, this.panes.value);
    v.goTo(index);
    this.links.follow(v, this.panes.value);
  }

  /** Linked panes of different examinations keep the distance they have now. */
  setLinked(on: boolean) {
    this.links.reset();
    this.linked.value = on;
  }

  /** Gives the active pane the whole wall, or its place in the grid again. False when it is the only one. */
  enlarge(): boolean {
    if (this.panes.value.length < 2) return false;
    this.alone.value = !this.alone.value;
    return true;
  }

  nextPane(step: number) {
    const n = this.panes.value.length;
    this.activate((this.at.value + step + n) % n);
  }

  stop() {
    for (const v of this.panes.value) v.stop();
    this.bench.value?.stop();
    this.loader.stop();
  }
}
