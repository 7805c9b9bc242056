import { effect, signal } from '@preact/signals';
import { errorCode, isPassing } from '../../api/error';
import type { Annotating } from '../../api/types';
import { emptyPages, type Book, type Pages } from './book';
import { merge } from './merge';

/** What a keeper needs of the server. */
export interface AnnotationDoor {
  annotations(workitem: string): Promise<Annotating>;
  saveAnnotations(workitem: string, a: Pages & { revision: number }): Promise<{ revision: number; savedAt: string }>;
}

export type KeeperState = 'loading' | 'clean' | 'dirty' | 'saving' | 'waiting' | 'refused';

const quietMs = 700;
const retryMs = 8000;

// Keeper sees that the server has what is in a book: it saves when the hand
// rests, one save at a time, each on top of the revision before. When another
// window has saved in between, both are put together and saved again.
export class Keeper {
  readonly state = signal<KeeperState>('loading');
  private base: Pages = emptyPages;
  private revision = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private off = () => {};

  constructor(
    private readonly workitem: string,
    private readonly book: Book,
    private readonly door: AnnotationDoor,
  ) {}

  async start() {
    try {
      const a = await this.door.annotations(this.workitem);
      this.revision = a.revision;
      this.base = pagesOf(a);
      // What was drawn while the answer was on its way stays.
      this.book.take(merge(emptyPages, this.book.pages.value, this.base));
      this.state.value = 'clean';
      this.off = effect(() => {
        if (this.book.pages.value === this.base) return;
        if (same(this.book.pages.value, this.base)) return;
        if (this.state.peek() !== 'saving') this.state.value = 'dirty';
        this.later(quietMs);
      });
    } catch (e) {
      if (!isPassing(e) && errorCode(e) !== 'unauthenticated') {
        this.state.value = 'refused';
        return;
      }
      this.timer = setTimeout(() => void this.start(), retryMs);
    }
  }

  /** Saves now what is not saved. */
  async flush() {
    clearTimeout(this.timer);
    if (this.state.value === 'loading' || this.state.value === 'refused') return;
    for (let i = 0; i < 5 && !same(this.book.pages.value, this.base); i++) {
      this.running ??= this.save().finally(() => (this.running = null));
      await this.running;
      if (this.stuck()) return;
    }
  }

  resume() {
    if (this.state.value === 'waiting' || this.state.value === 'dirty') void this.flush();
    if (this.state.value === 'loading') {
      clearTimeout(this.timer);
      void this.start();
    }
  }

  stop() {
    this.off();
    void this.flush();
  }

  private stuck(): boolean {
    return this.state.value === 'waiting' || this.state.value === 'refused';
  }

  private later(ms: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  private async save() {
    const pages = this.book.pages.value;
    this.state.value = 'saving';
    try {
      const { revision } = await this.door.saveAnnotations(this.workitem, { revision: this.revision, ...pages });
      this.revision = revision;
      this.base = pages;
      this.state.value = same(this.book.pages.value, pages) ? 'clean' : 'dirty';
    } catch (e) {
      await this.refused(e);
    }
  }

  private async refused(e: unknown) {
    if (errorCode(e) === 'stale_draft') {
      try {
        const theirs = await this.door.annotations(this.workitem);
        const merged = merge(this.base, this.book.pages.value, pagesOf(theirs));
        this.revision = theirs.revision;
        this.base = pagesOf(theirs);
        this.book.take(merged);
        this.state.value = 'dirty';
        return;
      } catch (again) {
        e = again;
      }
    }
    if (isPassing(e) || errorCode(e) === 'unauthenticated') {
      this.state.value = 'waiting';
      if (errorCode(e) !== 'unauthenticated') this.later(retryMs);
      return;
    }
    this.state.value = 'refused';
  }
}

function pagesOf(a: Annotating): Pages {
  return { marks: a.marks, keys: a.keys };
}

function same(a: Pages, b: Pages): boolean {
  return a === b || JSON.stringify([a.marks, a.keys]) === JSON.stringify([b.marks, b.keys]);
}
