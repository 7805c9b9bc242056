import { computed, signal } from '@preact/signals';
import { errorCode, isPassing } from '../api/error';
import type { Answers, Draft, Marks, Sections } from '../api/types';
import { alike, mergeAnswers, mergeMarks } from './merge';

export type SaveState = 'clean' | 'dirty' | 'saving' | 'waiting' | 'conflict' | 'refused';

/** What a draft needs of the server. */
export interface DraftDoor {
  draft(workitem: string): Promise<Draft>;
  saveDraft(workitem: string, draft: Omit<Draft, 'savedAt'>): Promise<{ revision: number; savedAt: string }>;
}

export const emptySections: Sections = { findings: '', impression: '', recommendation: '' };
/** What every report has, what it may have, and what the other kinds of version have. */
export const reportSections = ['findings', 'impression', 'recommendation'] as const;
export const moreSections = ['history', 'technique', 'comparison'] as const;
export const addendumSections = ['addendum'] as const;
export const correctionSections = ['reason', 'findings', 'impression', 'recommendation'] as const;
export const retractionSections = ['reason'] as const;
const allSections = [...reportSections, ...moreSections, ...addendumSections, ...retractionSections];

const quietMs = 1200;
const retryMs = 8000;

// DraftKeeper holds the text of one report and sees that the server has it. It
// saves when typing pauses, one save at a time, each on top of the revision
// before (compare-and-set). The text in memory is the truth until the server
// has confirmed it: neither a broken line nor an ended session touches it.
export class DraftKeeper {
  readonly sections = signal<Sections>(emptySections);
  /** What stands beside the text: figures, a critical finding, reasons. */
  readonly marks = signal<Marks>({});
  /** What was chosen in the fields of the template. */
  readonly answers = signal<Answers>({});
  readonly state = signal<SaveState>('clean');
  readonly savedAt = signal<string | null>(null);
  readonly loaded = signal(false);
  /** What the server holds when somebody (or another window) has written in between. */
  readonly theirs = signal<Draft | null>(null);
  /** The code of the last refusal. */
  readonly problem = signal('');
  readonly template = signal('');
  /** How many sections came over from another page, to be said once. */
  readonly merged = signal(0);
  readonly empty = computed(() => allSections.every((n) => (this.sections.value[n] ?? '').trim() === ''));

  private revision = 0;
  // What the server had last, as far as is known here: what both pages began from.
  private base: Sections = emptySections;
  private baseMarks: Marks = {};
  private baseAnswers: Answers = {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private edits = 0;
  private running: Promise<void> | null = null;

  constructor(
    readonly workitem: string,
    private readonly door: DraftDoor,
    private language: string,
  ) {}

  get unsaved(): boolean {
    return this.state.value !== 'clean';
  }

  async load() {
    if (this.loaded.value) return;
    const d = await this.door.draft(this.workitem);
    // Typing may have begun while the answer was on its way.
    if (this.loaded.value || this.unsaved) return;
    this.take(d);
    this.loaded.value = true;
  }

  edit(name: keyof Sections, text: string) {
    if (this.sections.value[name] === text) return;
    this.replace({ ...this.sections.value, [name]: text });
  }

  mark(marks: Marks) {
    this.marks.value = marks;
    this.replace(this.sections.value);
  }

  answer(answers: Answers, sections: Sections, template: string, language: string) {
    this.answers.value = answers;
    this.replace(sections, template, language);
  }

  /** Takes other text; with a template, its language as well: it is the language of the report. */
  replace(sections: Sections, template = this.template.value, language = this.language) {
    this.language = language;
    this.sections.value = sections;
    this.template.value = template;
    this.edits++;
    if (this.state.value === 'conflict') return;
    if (this.state.value !== 'saving') this.state.value = 'dirty';
    this.later(quietMs);
  }

  /** Saves now whatever is not saved. True when the server has everything. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    while (this.state.value === 'dirty' || this.state.value === 'waiting' || this.state.value === 'saving') {
      const before = this.edits;
      await this.save();
      if (this.state.value === 'waiting' || (this.state.value === 'dirty' && before === this.edits)) break;
    }
    return this.state.value === 'clean';
  }

  /** flush for who has read the text: changed when another page's came in with it, which nobody has seen. */
  async settle(): Promise<'saved' | 'unsaved' | 'changed'> {
    const [sections, marks] = [this.sections.value, this.marks.value];
    if (!(await this.flush())) return 'unsaved';
    return same(sections, this.sections.value) && alike(marks, this.marks.value) ? 'saved' : 'changed';
  }

  /** Takes what the server has, where nothing is unsaved here. */
  async renew() {
    const d = await this.door.draft(this.workitem);
    if (!this.unsaved) this.take(d);
  }

  /** The language the report is in. */
  get writtenIn(): string {
    return this.language;
  }

  get currentRevision(): number {
    return this.revision;
  }

  /** Ends a conflict: with the text here, on top of what the server has, or with the server's. */
  resolve(keep: 'mine' | 'theirs') {
    const theirs = this.theirs.value;
    if (!theirs) return;
    this.theirs.value = null;
    if (keep === 'theirs') {
      this.take(theirs);
      this.state.value = 'clean';
      return;
    }
    this.onto(theirs);
    this.state.value = 'dirty';
    void this.flush();
  }

  /** A session goes on, or the line is back. */
  resume() {
    if (this.state.value === 'waiting' || this.state.value === 'dirty') void this.flush();
  }

  stop() {
    clearTimeout(this.timer);
  }

  private take(d: Draft) {
    this.revision = d.revision;
    this.sections.value = { ...emptySections, ...d.sections };
    this.base = this.sections.value;
    this.marks.value = this.baseMarks = d.marks ?? {};
    this.answers.value = this.baseAnswers = d.answers ?? {};
    this.savedAt.value = d.savedAt;
    this.template.value = d.template ?? '';
    if (d.language) this.language = d.language;
  }

  /** The next save goes on top of what the server has. */
  private onto(d: Draft) {
    this.revision = d.revision;
    this.base = d.sections;
    this.baseMarks = d.marks ?? {};
    this.baseAnswers = d.answers ?? {};
  }

  private later(ms: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  private save(): Promise<void> {
    this.running ??= this.saveOnce().finally(() => (this.running = null));
    return this.running;
  }

  private async saveOnce() {
    const edits = this.edits;
    const [sections, marks, answers] = [this.sections.value, this.marks.value, this.answers.value];
    this.state.value = 'saving';
    try {
      const answer = await this.door.saveDraft(this.workitem, {
        revision: this.revision,
        sections,
        marks,
        answers,
        template: this.template.value,
        language: this.language,
      });
      this.revision = answer.revision;
      [this.base, this.baseMarks, this.baseAnswers] = [sections, marks, answers];
      this.savedAt.value = answer.savedAt;
      this.problem.value = '';
      this.state.value = edits === this.edits ? 'clean' : 'dirty';
    } catch (e) {
      await this.refused(errorCode(e), isPassing(e));
    }
  }

  private async refused(code: string, passing: boolean) {
    this.problem.value = code;
    if (code === 'stale_draft') {
      try {
        const theirs = await this.door.draft(this.workitem);
        if (same(theirs.sections, this.sections.value) && alike(theirs.marks ?? {}, this.marks.value) && alike(theirs.answers ?? {}, this.answers.value)) {
          // Our own save, whose answer was lost on the way.
          this.onto(theirs);
          this.savedAt.value = theirs.savedAt;
          this.state.value = 'clean';
          return;
        }
        const both = merge(this.base, this.sections.value, theirs.sections);
        // What stands beside the text never waits for a choice: neither page's mark is lost.
        this.marks.value = mergeMarks(this.baseMarks, this.marks.value, theirs.marks ?? {});
        this.answers.value = mergeAnswers(this.baseAnswers, this.answers.value, theirs.answers ?? {});
        if (both) {
          this.merged.value = allSections.filter((n) => (both[n] ?? '') !== (this.sections.value[n] ?? '')).length;
          this.onto(theirs);
          this.sections.value = both;
          this.edits++;
          this.state.value = 'dirty';
          this.later(0);
          return;
        }
        this.theirs.value = theirs;
        this.state.value = 'conflict';
        return;
      } catch {
        // Ask again later: without the other text there is nothing to choose.
        passing = true;
      }
    }
    if (passing || code === 'unauthenticated') {
      this.state.value = 'waiting';
      if (code !== 'unauthenticated') this.later(retryMs);
      return;
    }
    this.state.value = 'refused';
  }
}

/** Both changes of what they began from; null when both changed one section, each in its way. */
export function merge(base: Sections, mine: Sections, theirs: Sections): Sections | null {
  const out = { ...mine };
  for (const n of allSections) {
    const [b, m, t] = [base[n] ?? '', mine[n] ?? '', theirs[n] ?? ''];
    if (m === t || t === b) continue;
    if (m !== b) return null;
    out[n] = t;
  }
  return out;
}

function same(a: Sections, b: Sections): boolean {
  return allSections.every((n) => (a[n] ?? '') === (b[n] ?? ''));
}
