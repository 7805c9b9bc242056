import { effect, signal } from '@preact/signals';
import { errorCode } from '../api/error';
import type { Named } from '../api/types';
import { named } from '../i18n';
import { api, me } from '../session';
import { sayProblem } from '../ui/problem';
import type { Softcopy, Told } from '../viewport/foreign/softcopy';
import { Placing } from '../viewport/placing';
import type { Point } from '../viewport/space/plane';
import type { Stage } from '../viewport/stage';
import type { Viewer } from '../viewport/viewer';
import { voi } from '../viewport/window';

/** Where the leader is (worklist/room.Place). */
export interface Place {
  series: string;
  instance: string;
  frame: number;
  window: [center: number, width: number] | null;
  /** Zoom, column and row in the middle of the pane, quarter turns, flips across and down, inverted. */
  view: [zoom: number, column: number, row: number, turns: number, flipH: number, flipV: number, invert: number];
  pointer: Point | null;
  /** The presentation state that the image is under. */
  state?: Told | undefined;
}

export interface Look {
  id: string;
  leader: Named;
  members: Named[];
  revision: number;
  state: Place;
}

const pause = 100; // ms between two moves that are sent

/** What a pane shows, in terms that hold for a pane of any size. */
export function placeOf(v: Viewer, pointer: Point | null, states?: Softcopy): Place | null {
  const slot = v.slot.value;
  const placing = v.placing.value;
  if (!slot || !placing) return null;
  const view = v.view.value;
  const own = v.window.value ?? (v.fileWindow.value > 0 ? v.drawn.value : null);
  const [column, row] = placing.toImage(placing.width / 2, placing.height / 2);
  const round = (x: number) => Math.round(x * 100) / 100;
  return {
    series: slot.series,
    instance: slot.instance.id,
    frame: slot.frame,
    window: own && !own.table ? [own.center, own.width] : null,
    view: [view.zoom, round(column), round(row), view.turns, Number(view.flipH), Number(view.flipV), Number(view.invert)],
    pointer: pointer && [round(pointer[0]), round(pointer[1])],
    state: states?.tell(slot),
  };
}

/** Brings the active pane of a stage to a place; false when the study has no such image here. */
export function goTo(stage: Stage, p: Place): boolean {
  if (!stage.series.value.some((s) => s.id === p.series)) return false;
  if (stage.active.value.active.value !== p.series) stage.open(p.series);
  const v = stage.active.value;
  const at = v.slots.value.findIndex((s) => s.instance.id === p.instance && s.frame === p.frame);
  if (at < 0) return false;
  v.goTo(at);
  // Here it may not be known yet: then it is tried again when it is (LookBar).
  const under = stage.bench.value?.states.follow(p.state);
  const now = v.window.value;
  if (under && !p.window) {
    // its own, which no center and width say
  } else if (!p.window) {
    if (now || v.fileWindow.value !== 0) v.useFileWindow(0);
  } else if (now?.center !== p.window[0] || now?.width !== p.window[1]) v.useCustom(voi(...p.window));
  const [zoom, column, row, turns, flipH, flipV, invert] = p.view;
  const view = { zoom, panX: 0, panY: 0, turns, flipH: flipH === 1, flipV: flipV === 1, invert: invert === 1 };
  const placing = v.placing.value;
  if (placing) {
    const bare = new Placing(view, placing.columns, placing.rows, placing.aspect, placing.width, placing.height);
    const [x, y] = bare.toScreen([column, row]);
    view.panX = placing.width / 2 - x;
    view.panY = placing.height / 2 - y;
  }
  const was = v.view.value;
  if (Object.entries(view).some(([k, x]) => was[k as keyof typeof was] !== x)) v.view.value = view;
  return true;
}

// Together is the part that this page has in a study looked at together: it
// follows whoever leads, or says where it is when it leads itself.
export class Together {
  /** What goes on in the room; null when nothing does. */
  readonly look = signal<Look | null>(null);
  readonly joined = signal(false);
  /** The leader shows an image that is not here: of an earlier study that is not open. */
  readonly elsewhere = signal(false);
  private source: EventSource | null = null;
  private readonly pointer = signal<Point | null>(null);
  private stopLeading: (() => void) | null = null;
  private sending = false;
  private next: Place | null = null;
  private last = '';

  constructor(
    private readonly stage: Stage,
    readonly study: string,
  ) {}

  get leads(): boolean {
    return this.joined.value && this.look.value?.leader.id === me.value?.userId;
  }

  /** Asks whether somebody looks. */
  async check() {
    if (this.joined.peek()) return;
    try {
      this.look.value = await api.json<Look | null>(`/rooms/${this.study}/look`);
    } catch {
      this.look.value = null; // no member, or no line: then there is nothing to join
    }
  }

  /** Sits down at it, or begins it. */
  async join() {
    // Without a picture yet there is nothing to begin with, but a seat to take.
    const place = this.place(null);
    try {
      this.take(await api.json<Look>(`/rooms/${this.study}/look`, { method: 'POST', body: place }));
    } catch (e) {
      sayProblem(e);
      return;
    }
    this.joined.value = true;
    this.listen();
    this.take(this.look.peek()!);
  }

  private place(pointer: Point | null): Place | null {
    return placeOf(this.stage.active.value, pointer, this.stage.bench.value?.states);
  }

  /** What was said before a picture was drawn, or its presentation states were here, holds for it. */
  arrive() {
    const look = this.look.peek();
    if (look) this.take(look);
  }

  async leave() {
    this.part();
    try {
      await api.json(`/rooms/${this.study}/look`, { method: 'DELETE' });
    } catch (e) {
      sayProblem(e);
    }
    await this.check();
  }

  async lead(user: string) {
    try {
      this.take(await api.json<Look>(`/rooms/${this.study}/look/leader`, { method: 'POST', body: { user } }));
    } catch (e) {
      sayProblem(e);
    }
  }

  /** The page is left. The seat goes with the silence, or at once with the sign of leaving. */
  stop() {
    if (this.joined.peek()) void this.leave();
    this.part();
  }

  private part() {
    this.joined.value = false;
    this.look.value = null;
    this.stage.guest.value = null;
    this.source?.close();
    this.source = null;
    this.stopLeading?.();
    this.stopLeading = null;
  }

  private listen() {
    this.source?.close();
    const source = new EventSource(`/api/v1/rooms/${this.study}/look/stream`);
    this.source = source;
    source.addEventListener('look', (m) => this.take(JSON.parse((m as MessageEvent<string>).data) as Look));
    source.addEventListener('over', () => {
      this.part();
      void this.check();
    });
    // A stream that is refused: the seat was given up while there was no line.
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      this.part();
      void this.check();
    };
  }

  private take(look: Look) {
    const before = this.look.peek();
    if (before?.id === look.id && before.revision > look.revision) return;
    this.look.value = look;
    if (!this.joined.peek()) return;
    if (look.leader.id === me.value?.userId) {
      this.stage.guest.value = null;
      this.elsewhere.value = false;
      this.stopLeading ??= this.follow();
      return;
    }
    this.stopLeading?.();
    this.stopLeading = null;
    this.elsewhere.value = !goTo(this.stage, look.state);
    const at = look.state.pointer;
    this.stage.guest.value = at && !this.elsewhere.value ? { at, name: named(look.leader) } : null;
  }

  // While this page leads: whatever its active pane shows is sent, at most so often.
  private follow(): () => void {
    const move = (e: PointerEvent) => {
      const pane = e.target instanceof Element ? e.target.closest<HTMLElement>('.canvas') : null;
      const v = pane && this.stage.panes.peek()[Number(pane.dataset.paneNumber) - 1];
      if (!pane || v !== this.stage.active.peek()) return void (this.pointer.value = null);
      const r = pane.getBoundingClientRect();
      this.pointer.value = v.placing.peek()?.toImage(e.clientX - r.left, e.clientY - r.top) ?? null;
    };
    document.addEventListener('pointermove', move);
    const off = effect(() => {
      this.next = this.place(this.pointer.value);
      void this.send();
    });
    return () => {
      document.removeEventListener('pointermove', move);
      off();
      this.next = null;
    };
  }

  private async send() {
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.next) {
        const text = JSON.stringify(this.next);
        const place = this.next;
        this.next = null;
        if (text === this.last) continue;
        this.last = text;
        await api.json(`/rooms/${this.study}/look`, { method: 'PUT', body: place });
        await new Promise((r) => setTimeout(r, pause));
      }
    } catch (e) {
      this.last = '';
      // Somebody has taken the lead a moment ago, or hands are too quick: the stream tells.
      if (!['not_leader', 'too_many', 'no_look'].includes(errorCode(e))) sayProblem(e);
    } finally {
      this.sending = false;
    }
  }
}

/** The study on this page, for what stands elsewhere on it. */
export const here = signal<Together | null>(null);
