import { signal } from '@preact/signals';
import { frameURL, type Client } from '../api/client';
import { ApiError, errorCode, isAbort, isPassing } from '../api/error';
import { ByteCache } from './cache';
import { FrameError, parseFrame, type Frame } from './frame';
import { presentationOf, readPresentation, type Presentation } from './presentation';
import { centreOut, type Slot } from './stack';

export interface Trouble {
  /** A code of the server, or "network", "bad_frame". */
  code: string;
  /** It may be gone by the next time: no line, no session, a server that is not well. */
  passing: boolean;
  detail: string;
}

interface Picture {
  blob: Blob;
  bytes: number;
}

export interface LoaderOptions {
  /** Bytes of decoded frames held; 0 is 384 MiB. */
  frameBytes?: number;
  /** Bytes of compressed previews held; 0 is 48 MiB. */
  previewBytes?: number;
}

// A browser opens six connections to a server over HTTP/1.1. One is the event
// stream's; one is left for what the reader does next.
const frameLanes = 3;
const previewLanes = 1;
const retries = 3;
const retryPause = 2000;

// Loader brings the frames of the stack on screen: the preview of the slice
// looked at, then its true frame, then both for the others from there outwards
// as far as the cache goes. Nothing else is asked for while the slice looked at
// is not there: on a slow line it would have to share. Moving moves the centre;
// what is under way is let finish, since it is near and small, but for what is
// farthest when a reader who scrolls fast asks for more than the lanes hold.
export class Loader {
  /** Counts up when something to draw has arrived or failed. */
  readonly version = signal(0);
  readonly progress = signal({ loaded: 0, total: 0 });

  private slots: Slot[] = [];
  private at = new Map<string, number>();
  private focus = 0;
  private readonly frames: ByteCache<Frame>;
  private readonly previews: ByteCache<Picture>;
  /** Of instances whose frames are all shown alike. */
  private readonly presentations = new Map<string, Presentation>();
  private readonly troubles = new Map<string, Trouble>();
  private readonly attempts = new Map<string, number>();
  private readonly noPreview = new Set<string>();
  private readonly busyFrames = new Map<string, AbortController>();
  private readonly busyPreviews = new Map<string, AbortController>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private announced = false;

  constructor(
    private readonly client: Client,
    options: LoaderOptions = {},
  ) {
    const rank = (key: string) => this.distance(key);
    this.frames = new ByteCache(options.frameBytes || 384 << 20, rank);
    this.previews = new ByteCache(options.previewBytes || 48 << 20, rank);
  }

  /** Makes slots the stack on screen. Frames of the last one stay while there is room. */
  show(slots: Slot[], focus: number) {
    const same = slots.length > 0 && slots.some((s) => this.at.has(s.key));
    if (!same) {
      this.abortAll();
    }
    this.slots = slots;
    this.at = new Map(slots.map((s, i) => [s.key, i]));
    this.focus = focus;
    this.announce();
    this.pump();
  }

  moveTo(index: number) {
    this.focus = index;
    this.pump();
  }

  /** After a new session or a broken line: what failed for lack of them is asked again. */
  resume() {
    for (const [key, t] of this.troubles) if (t.passing) this.forget(key);
    this.announce();
    this.pump();
  }

  stop() {
    clearTimeout(this.timer);
    this.abortAll();
    this.slots = [];
    this.at.clear();
    this.frames.clear();
    this.previews.clear();
    this.presentations.clear();
  }

  frame(key: string): Frame | undefined {
    return this.frames.get(key);
  }
  preview(key: string): Blob | undefined {
    return this.previews.get(key)?.blob;
  }
  trouble(key: string): Trouble | undefined {
    return this.troubles.get(key);
  }

  private distance(key: string): number {
    const i = this.at.get(key);
    return i === undefined ? Infinity : Math.abs(i - this.focus);
  }

  private pump() {
    const current = this.slots[this.focus];
    if (current) {
      // What is looked at does not wait for a lane: it takes the farthest one.
      if (this.wantsPreview(current)) {
        this.makeRoom(this.busyPreviews, previewLanes);
        void this.fetchPreview(current);
      }
      if (this.wantsFrame(current, true)) {
        this.makeRoom(this.busyFrames, frameLanes);
        void this.fetchFrame(current);
      }
      if (this.busyFrames.has(current.key)) return;
    }
    this.fill(this.busyPreviews, previewLanes, (s) => this.wantsPreview(s), (s) => void this.fetchPreview(s), this.slots.length);
    this.fill(this.busyFrames, frameLanes, (s) => this.wantsFrame(s), (s) => void this.fetchFrame(s), this.reach());
  }

  private makeRoom(busy: Map<string, AbortController>, lanes: number) {
    while (busy.size > lanes) {
      const farthest = [...busy.keys()].reduce((a, b) => (this.distance(b) > this.distance(a) ? b : a));
      busy.get(farthest)!.abort();
      busy.delete(farthest);
    }
  }

  private abortAll() {
    for (const busy of [this.busyFrames, this.busyPreviews]) {
      for (const stop of busy.values()) stop.abort();
      busy.clear();
    }
  }

  private fill(busy: Map<string, AbortController>, lanes: number, wanted: (s: Slot) => boolean, start: (s: Slot) => void, reach: number) {
    if (busy.size >= lanes) return;
    let seen = 0;
    for (const i of centreOut(this.focus, this.slots.length)) {
      if (seen++ >= reach || busy.size >= lanes) return;
      const slot = this.slots[i]!;
      if (wanted(slot)) start(slot);
    }
  }

  // How many frames from the centre outwards the cache can hold: fetching more
  // would only push nearer ones out.
  private reach(): number {
    const i = this.slots[this.focus]?.instance;
    if (!i) return 0;
    const bytes = this.frames.size > 0 ? this.frames.bytes / this.frames.size : i.rows * i.columns * Math.max(1, i.samples) * Math.ceil((i.bitsAllocated || 16) / 8);
    return Math.max(1, Math.floor(this.frames.limit / Math.max(1, bytes)) - frameLanes);
  }

  // What the server could not decode on arrival is asked for when it is looked
  // at: the answer says why, or a newer server can by now.
  private wantsFrame(s: Slot, looking = false): boolean {
    return (looking || s.instance.displayable === 'image') && !this.frames.has(s.key) && !this.busyFrames.has(s.key) && !this.troubles.has(s.key);
  }
  // The server makes one preview an instance: it stands for the first frame only.
  private wantsPreview(s: Slot): boolean {
    return (
      s.frame === 1 &&
      s.instance.displayable === 'image' &&
      s.instance.preview !== '' &&
      !this.frames.has(s.key) &&
      !this.previews.has(s.key) &&
      !this.busyPreviews.has(s.key) &&
      !this.noPreview.has(s.key)
    );
  }

  private async fetchFrame(s: Slot) {
    const controller = new AbortController();
    const stop = controller.signal;
    this.busyFrames.set(s.key, controller);
    try {
      const [{ body, headers }, presentation] = await Promise.all([this.client.bytes(frameURL(s.instance.id, s.frame), stop), this.presentation(s, stop)]);
      this.frames.set(s.key, parseFrame(body, headers, presentation));
      this.attempts.delete(s.key);
    } catch (e) {
      if (isAbort(e) || stop.aborted) return;
      this.fail(s, e);
    } finally {
      if (!stop.aborted) {
        this.busyFrames.delete(s.key);
        this.announce();
        this.pump();
      }
    }
  }

  // Asked for where the summary is not all there is: before that is known, no
  // pixel is shown, since it might be the wrong grey.
  private async presentation(s: Slot, stop: AbortSignal): Promise<Presentation> {
    const { instance } = s;
    if (!instance.elaborate) return presentationOf(instance);
    const known = this.presentations.get(instance.id);
    if (known) return known;
    const answer = await this.client.presentation(instance.id, s.frame, stop);
    const read = readPresentation(answer);
    if (!answer.differ) this.presentations.set(instance.id, read);
    return read;
  }

  private async fetchPreview(s: Slot) {
    const controller = new AbortController();
    const stop = controller.signal;
    this.busyPreviews.set(s.key, controller);
    try {
      const { body, headers } = await this.client.bytes(s.instance.preview, stop);
      const type = headers.get('Content-Type') ?? 'image/jpeg';
      if (headers.get('X-Dokuei-Placeholder')) this.noPreview.add(s.key);
      else this.previews.set(s.key, { blob: new Blob([body], { type }), bytes: body.byteLength });
    } catch (e) {
      if (!isAbort(e)) this.noPreview.add(s.key);
    } finally {
      if (!stop.aborted) {
        this.busyPreviews.delete(s.key);
        this.announce();
        this.pump();
      }
    }
  }

  private fail(s: Slot, e: unknown) {
    const code = e instanceof FrameError ? 'bad_frame' : errorCode(e);
    const detail = e instanceof ApiError ? e.detail : e instanceof FrameError ? e.message : '';
    const passing = isPassing(e) || code === 'unauthenticated';
    this.troubles.set(s.key, { code, detail, passing });
    // What no decoder reads once it never reads: do not ask for each slice.
    if (code === 'no_decoder') {
      for (const other of this.slots) {
        if (other.instance.transferSyntax === s.instance.transferSyntax) this.troubles.set(other.key, { code, detail, passing });
      }
    }
    if (!isPassing(e)) return;
    const n = (this.attempts.get(s.key) ?? 0) + 1;
    this.attempts.set(s.key, n);
    if (n > retries) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.resume(), retryPause * n);
  }

  private forget(key: string) {
    this.troubles.delete(key);
    this.noPreview.delete(key);
  }

  // Many frames may arrive between two pictures of the screen: told once each.
  private announce() {
    if (this.announced) return;
    this.announced = true;
    queueMicrotask(() => {
      this.announced = false;
      let loaded = 0;
      for (const s of this.slots) if (this.frames.has(s.key)) loaded++;
      const { progress } = this;
      const total = this.slots.length;
      if (progress.value.loaded !== loaded || progress.value.total !== total) progress.value = { loaded, total };
      this.version.value++;
    });
  }
}
