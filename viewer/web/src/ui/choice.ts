import { signal } from '@preact/signals';
import { errorCode } from '../api/error';
import { api } from '../session';

/** One thing a person has chosen for the pages, kept on the server. */
export class Choice<T> {
  readonly value = signal<T | null>(null);
  private revision = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly name: string) {}

  async load() {
    const p = await api.preference<T>(this.name);
    this.revision = p.revision;
    this.value.value = p.value;
  }

  /**
   * Saves a change, one after the other: each rests on what the last has left. It is made
   * again on top of what another page has saved meanwhile.
   */
  save(change: (now: T | null) => T): Promise<void> {
    const saved = this.last.then(() => this.put(change));
    this.last = saved.catch(() => undefined); // whose failure is told to who asked for it
    return saved;
  }

  private async put(change: (now: T | null) => T) {
    for (let tries = 0; ; tries++) {
      const next = change(this.value.value);
      try {
        this.revision = (await api.savePreference(this.name, this.revision, next)).revision;
        this.value.value = next;
        return;
      } catch (e) {
        if (errorCode(e) !== 'stale_preference' || tries === 3) throw e;
        await this.load();
      }
    }
  }
}
