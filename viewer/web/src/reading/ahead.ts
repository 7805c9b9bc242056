import type { Client } from '../api/client';
import type { Study, Workitem } from '../api/types';
import { api, me } from '../session';
import { firstLook } from '../viewport/stack';

/** A picture as the server sent it. */
export type Fetched = { body: ArrayBuffer; headers: Headers };

/** What is opened: an item and its study. */
export interface Opened {
  item: Workitem;
  study: Study;
}

interface Entry {
  item: Workitem;
  study?: Study;
  picture?: Fetched & { url: string };
  /** The series of its first picture has passed into the cache of the browser. */
  stream?: boolean;
}

const most = 4;
/** How long a series that was asked for at the opening waits for its reader, in milliseconds. */
const unread = 10_000;
/** Bytes of a series that are fetched before anybody has asked for it. */
const largest = 96 << 20;

// Ahead fetches what is likely to be opened next, one thing at a time: of each
// item the description of its study and the picture that is shown first, then,
// once nobody waits for anything, the images of the very next. Whatever is asked
// for in earnest ends what is under way. Descriptions and pictures are kept in
// memory, for a few items; the images are the browser's to keep, which forgets
// them at the sign-out.
export class Ahead {
  private readonly kept = new Map<string, Entry>();
  private running: AbortController | null = null;

  constructor(private readonly client: Client) {}

  /** Items that may be opened next, the likeliest first; what is no longer among them is let go. images: those of the first too. */
  expect(items: Workitem[], images = false) {
    this.halt();
    const wanted = items.slice(0, most);
    for (const id of [...this.kept.keys()]) if (!wanted.some((i) => i.id === id)) this.kept.delete(id);
    // The order of the map is the order of fetching.
    for (const item of wanted) {
      const known = this.kept.get(item.id);
      this.kept.delete(item.id);
      const changed = known?.study && (known.study.instances !== item.study.instances || known.study.state !== item.study.state);
      this.kept.set(item.id, known && !changed ? { ...known, item } : { item });
    }
    const stop = new AbortController();
    this.running = stop;
    void this.run(images, stop.signal).catch(() => undefined);
  }

  /** Somebody waits for something: the line is theirs. */
  halt() {
    this.running?.abort();
    this.running = null;
  }

  /** What is known of an item that is opened now. */
  opened(id: string): Opened | undefined {
    this.halt();
    const e = this.kept.get(id);
    return e?.study ? { item: e.item, study: e.study } : undefined;
  }

  /** Asks for an item that the address names before it is known who asks. */
  begin(id: string) {
    const asked = this.ask(id);
    void asked.then(() => this.stream(), () => undefined);
    // Refused, since nobody was signed in yet: it is asked for again.
    asked.catch(() => (this.begun = null));
    this.begun = { id, asked };
  }
  private begun: { id: string; asked: Promise<Opened> } | null = null;

  /** An item and its study, as they are now. */
  ask(id: string): Promise<Opened> {
    const { begun } = this;
    this.begun = null;
    return begun?.id === id ? begun.asked : this.fetch(id);
  }

  // Which study it is may be known already: then both are asked for at once.
  private async fetch(id: string): Promise<Opened> {
    const { picture, ...opened } = await this.client.opening(id);
    this.brought = picture && { url: picture.url, stream: picture.stream, body: Uint8Array.from(atob(picture.data), (c) => c.charCodeAt(0)).buffer, headers: new Headers({ 'Content-Type': picture.type }) };
    return opened;
  }
  // While the page is made, the series of the picture comes already: who reads it takes it
  // (early.ts). Who does not read has no use for it.
  private stream() {
    const url = this.brought?.stream;
    if (!url || me.peek()?.desk !== 'reading') return;
    const early = (globalThis.early ??= {});
    const stop = new AbortController();
    early[url] = fetch(url, { signal: stop.signal });
    early[url].catch(() => undefined);
    setTimeout(() => {
      if (!early[url]) return;
      delete early[url];
      stop.abort();
    }, unread);
  }
  /** The picture that came with what was opened last. */
  private brought: (Fetched & { url: string; stream?: string | null }) | null = null;

  picture(url: string): Fetched | undefined {
    if (this.brought?.url === url) return this.brought;
    for (const { picture } of this.kept.values()) if (picture?.url === url) return picture;
    return undefined;
  }

  clear() {
    this.halt();
    this.brought = null;
    this.kept.clear();
  }

  private async run(images: boolean, stop: AbortSignal) {
    const entries = [...this.kept.values()];
    for (const e of entries) {
      e.study ??= await this.client.study(e.item.study.id, { ahead: true, signal: stop });
      const url = firstLook(e.study.seriesList ?? [])?.instance.preview;
      if (url && !e.picture) e.picture = { url, ...(await this.client.bytes(url, stop)) };
    }
    const [next] = entries;
    if (images && next && !next.stream) next.stream = await this.pass(next, stop);
  }

  // Reads the stream of the series that is shown first and keeps none of it: its
  // address names its content, so the browser has it when it is asked for again.
  private async pass({ study }: Entry, stop: AbortSignal): Promise<boolean> {
    const first = firstLook(study?.seriesList ?? []);
    const series = study?.seriesList?.find((s) => s.id === first?.series);
    const bytes = (series?.instances ?? []).reduce((n, i) => n + i.size, 0);
    if (!series?.bundle || (series.instances ?? []).length < 2 || bytes > 4 * largest) return false;
    const answer = await this.client.bundle(series.id, series.bundle, stop);
    const reader = answer?.body?.getReader();
    if (!reader) return false;
    // Still being made: the browser would keep nothing, and it would all come twice.
    if (answer!.headers.get('Cache-Control') === 'no-store') {
      await reader.cancel();
      return false;
    }
    for (let n = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return true;
      n += value.length;
      if (n > largest) {
        await reader.cancel();
        return true;
      }
    }
  }
}

export const ahead = new Ahead(api);

// Nobody signed in: nothing stays for the next one.
me.subscribe((who) => {
  if (who === null) ahead.clear();
});
