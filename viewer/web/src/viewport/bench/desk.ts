import { effect, signal } from '@preact/signals';
import { say } from '../../ui/toast';
import { Book } from '../marks/book';
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
import { Cine } from './cine';
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

  constructor(private readonly stage: Stage) {
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
    const grip = gripAt(viewer, this.marksOf(slot), p);
    this.book.selected.value = grip?.mark.id ?? '';
    if (!grip) return null;
    return editTool(viewer, grip, (m) => (this.moving.value = m), (m) => this.book.change(this.measured(viewer, m)));
  }

  marksOf(slot: Slot): Mark[] {
    return this.book.pages.value.marks.filter((m) => m.instance === slot.instance.sopInstanceUid && m.frame === slot.frame);
  }

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
    this.off();
    this.cine.stop();
  }
}
