import { computed, signal } from '@preact/signals';
import type { Mark } from './mark';
import type { KeyImage } from './keyimage';

/** Everything a reader has put on the images of one study. */
export interface Pages {
  marks: Mark[];
  keys: KeyImage[];
}

export const emptyPages: Pages = { marks: [], keys: [] };
const remembered = 200;

// Book holds the marks and key images of a study with every step that can be
// undone. Its pages are values: a step puts another in the place of the last.
export class Book {
  readonly pages = signal<Pages>(emptyPages);
  readonly selected = signal('');
  readonly canUndo = computed(() => this.past.value.length > 0);
  readonly canRedo = computed(() => this.future.value.length > 0);
  private readonly past = signal<Pages[]>([]);
  private readonly future = signal<Pages[]>([]);

  /** Takes what the server has: no step of the reader's. */
  take(pages: Pages) {
    this.pages.value = pages;
  }

  private step(next: Pages) {
    this.past.value = [...this.past.value.slice(1 - remembered), this.pages.value];
    this.future.value = [];
    this.pages.value = next;
  }

  add(mark: Mark) {
    this.step({ ...this.pages.value, marks: [...this.pages.value.marks, mark] });
    this.selected.value = mark.id;
  }

  change(mark: Mark) {
    this.step({ ...this.pages.value, marks: this.pages.value.marks.map((m) => (m.id === mark.id ? mark : m)) });
  }

  remove(id: string) {
    if (!this.pages.value.marks.some((m) => m.id === id)) return;
    this.step({ ...this.pages.value, marks: this.pages.value.marks.filter((m) => m.id !== id) });
    this.selected.value = '';
  }

  removeOn(instance: string, frame: number) {
    const marks = this.pages.value.marks.filter((m) => m.instance !== instance || m.frame !== frame);
    if (marks.length < this.pages.value.marks.length) this.step({ ...this.pages.value, marks });
  }

  setKeys(keys: KeyImage[]) {
    this.step({ ...this.pages.value, keys });
  }

  undo() {
    const before = this.past.value.at(-1);
    if (!before) return;
    this.past.value = this.past.value.slice(0, -1);
    this.future.value = [this.pages.value, ...this.future.value];
    this.pages.value = before;
  }
  redo() {
    const [next, ...rest] = this.future.value;
    if (!next) return;
    this.future.value = rest;
    this.past.value = [...this.past.value, this.pages.value];
    this.pages.value = next;
  }
}
