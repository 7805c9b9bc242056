import { effect, signal } from '@preact/signals';
import type { Annotating } from '../../api/types';
import { api, onResume } from '../../session';
import { say } from '../../ui/toast';
import type { Softcopy } from '../foreign/softcopy';
import { Book, emptyPages } from '../marks/book';
import { Keeper } from '../marks/keeper';
import { nextNumber, type KeyImage } from '../marks/keyimage';
import type { Mark } from '../marks/mark';
import { measure } from '../marks/measure';
import { scaleAt } from '../marks/scale';
import type { Point } from '../space/plane';
import type { Slot } from '../stack';
import type { Stage } from '../stage';
import { drawTool, type Half, type Paper } from '../tools/draw';
import { editTool, gripAt } from '../tools/edit';
import type { MarkKind, Press, Tool } from '../tools/tool';
import { ucum, unitOf } from '../units';
import type { Viewer } from '../viewer';
import { voi } from '../window';
import { Cine } from './cine';
import { valuesText } from './values';
import { w } from './words';

// MarkDesk is where marks are made: it holds the book, what is half drawn and
// what is on its way, and measures.
export class MarkDesk implements Paper {
  readonly book = new Book();
  readonly drawing = signal<Half | null>(null);
  readonly moving = signal<Mark | null>(null);
  readonly visible = signal(true);
  /** The note whose text is being typed. */
  readonly typing = signal('');
  readonly cine: Cine;
  /** What is signed already: to be seen, not to be moved. */
  readonly signed = signal<Annotating[]>([]);

  constructor(
    private readonly stage: Stage,
    private readonly softcopy: Softcopy,
  ) {
    this.cine = new Cine(stage);
    // What is half drawn stays with its slice.
    this.off = effect(() => {
      const h = this.drawing.value;
      if (h && h.viewer.slot.value?.key !== h.key) queueMicrotask(() => (this.drawing.value = null));
    });
  }
  private readonly off: () => void;

  half(h: Half | null) {
    this.drawing.value = h;
  }

  refused() {
    say(w('mark.refused'));
  }

  done(viewer: Viewer, kind: MarkKind, points: Point[]) {
    const slot = viewer.slot.value;
    if (!slot) return;
    const mark = this.measured(viewer, { id: crypto.randomUUID(), kind, instance: slot.instance.sopInstanceUid, frame: slot.frame, points, text: '', values: [] });
    this.visible.value = true;
    this.book.add(mark);
    if (kind === 'text' || kind === 'arrow') this.typing.value = mark.id;
  }

  tool(kind: MarkKind, viewer: Viewer): Tool {
    return drawTool(kind, this.stage, viewer, this);
  }

  grab(viewer: Viewer, p: Press): Tool | null {
    const slot = viewer.slot.value;
    // While something is half drawn every press belongs to it.
    if (!slot || this.drawing.value || !this.visible.value || viewer.shown.value !== 'frame') return null;
    const own = this.book.pages.value.marks;
    const grip = gripAt(viewer, this.marksOf(slot).filter((m) => own.includes(m)), p);
    this.book.selected.value = grip?.mark.id ?? '';
    if (!grip) return null;
    return editTool(viewer, grip, (m) => (this.moving.value = m), (m) => this.book.change(this.measured(viewer, m)));
  }

  marksOf(slot: Slot): Mark[] {
    return [...this.signed.value.flatMap((a) => a.marks), ...this.book.pages.value.marks].filter((m) => m.instance === slot.instance.sopInstanceUid && m.frame === slot.frame);
  }

  /** The slice looked at becomes a key image as it is looked at; null when there is none. */
  addKey(): KeyImage | null {
    const v = this.stage.active.value;
    const slot = v.slot.value;
    if (!slot) return null;
    const { keys } = this.book.pages.value;
    const window = v.drawn.value && !v.drawn.value.table ? v.drawn.value : null;
    const key: KeyImage = {
      id: crypto.randomUUID(),
      number: nextNumber(keys),
      instance: slot.instance.sopInstanceUid,
      frame: slot.frame,
      window: window && { center: window.center, width: window.width, function: window.function },
      view: { ...v.view.value, width: v.placing.value?.width, height: v.placing.value?.height },
      text: '',
      ...this.softcopy.under(slot),
    };
    this.newestKey = key.id;
    this.book.setKeys([...keys, key].sort((a, b) => a.number - b.number));
    return key;
  }

  /** What the report calls the key image made last. */
  lastKeyText(): string {
    const last = this.newestKey && this.book.pages.value.keys.find((k) => k.id === this.newestKey);
    const key = last || this.book.pages.value.keys.at(-1);
    return key ? w('keys.name', { n: key.number }) : '';
  }
  private newestKey = '';

  /** The values of the mark that is selected, else of the one made last, as the report says them. */
  lastMarkText(): string {
    const { marks } = this.book.pages.value;
    const mark = marks.find((m) => m.id === this.book.selected.value) ?? marks.findLast((m) => m.values.length > 0);
    return mark ? valuesText(mark) : '';
  }

  showKey(k: KeyImage) {
    this.softcopy.restate(k);
    if (!this.stage.show(k.instance, k.frame)) return;
    const v = this.stage.active.value;
    const { width: _w, height: _h, ...view } = k.view;
    v.view.value = view;
    if (k.window) v.useCustom(voi(k.window.center, k.window.width, k.window.function));
  }

  captionKey(k: KeyImage, text: string) {
    if (text.trim() === k.text) return;
    this.book.setKeys(this.book.pages.value.keys.map((x) => (x.id === k.id ? { ...x, text: text.trim() } : x)));
  }
  removeKey(k: KeyImage) {
    this.book.setKeys(this.book.pages.value.keys.filter((x) => x.id !== k.id));
  }

  /** Whose set this is: it is kept on the server while a reader holds the workitem. */
  keepFor(workitem: string) {
    if (workitem === this.kept) return;
    this.release();
    this.kept = workitem;
    if (!workitem) return;
    const keeper = new Keeper(workitem, this.book, api);
    this.keeper.value = keeper;
    void keeper.start();
    const off = [api.beforeSigning(() => keeper.flush()), onResume(() => keeper.resume())];
    const leaving = () => void keeper.flush();
    addEventListener('pagehide', leaving);
    this.release = () => {
      for (const f of off) f();
      removeEventListener('pagehide', leaving);
      keeper.stop();
      this.keeper.value = null;
      // Signed or given back: what stays to be seen comes with the study.
      this.book.take(emptyPages);
    };
  }
  readonly keeper = signal<Keeper | null>(null);
  private kept = '';
  private release = () => {};

  /** A note gets its text; one without any is no note. */
  write(mark: Mark, text: string) {
    this.typing.value = '';
    const t = text.trim();
    if (mark.kind === 'text' && t === '') this.book.remove(mark.id);
    else if (t !== mark.text) this.book.change({ ...mark, text: t });
  }

  measured(viewer: Viewer, m: Mark): Mark {
    const slot = viewer.slot.value;
    const frame = slot && viewer.loader.frame(slot.key);
    if (!slot || !frame) return m;
    const unit = ucum(unitOf(slot.instance, frame.presentation, viewer.current.value?.modality ?? ''));
    return { ...m, values: measure(m.kind, m.points, scaleAt(viewer, slot), frame, unit) };
  }

  removeSelected() {
    if (this.book.selected.value) this.book.remove(this.book.selected.value);
  }
  clearImage() {
    const slot = this.stage.active.value.slot.value;
    if (slot) this.book.removeOn(slot.instance.sopInstanceUid, slot.frame);
  }

  stop() {
    this.release();
    this.off();
    this.cine.stop();
  }
}
