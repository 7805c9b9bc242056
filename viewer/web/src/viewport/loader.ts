import { signal, type Signal } from '@preact/signals';
import { frameURL, type Client } from '../api/client';
import { ApiError, errorCode, isAbort, isPassing } from '../api/error';
import type { Bundles, Packed } from './bundle';
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
  /** Bytes of decoded frames held; 0 is 224 MiB. */
  frameBytes?: number;
  /** Bytes of compressed previews held; 0 is 48 MiB. */
  previewBytes?: number;
  /** Bytes of frames held as they came in bundles; 0 is 192 MiB. */
  packedBytes?: number;
  /** What has been fetched already, by its address. */
  ahead?: (url: string) => { body: ArrayBuffer; headers: Headers } | undefined;
  /** What reads bundles, fetched with the first; none: no bundles are asked for. */
  bundles?: () => Promise<Bundles>;
}

/** One stack on screen, and where in it the reader is. */
export interface Look {
  slots: Slot[];
  focus: number;
  /** True frames that are here, slots of which there is any picture, all. */
  readonly progress: Signal<{ loaded: number; pictures: number; total: number }>;
  at: Map<string, number>;
}

// A browser opens six connections to a server over HTTP/1.1. One is the event
// stream's; one is left for what the reader does next.
const frameLanes = 3;
const previewLanes = 1;
// What failed for want of a line is asked for again, after pauses that grow.
const retryPause = 2000;
const longestPause = 30_000;
// How long a slice looked at waits for its turn in a stream before it is asked
// for by itself.
const patience = 700;
// Streams at a time: that of the pane worked in and one beside it.
const streamLanes = 2;

// Loader brings the frames of the stacks on screen, for all panes of a page
// together: they share the line and the memory. For each stack it brings the
// preview of the slice looked at, then its true frame, then both for the others
// from there outwards as far as the cache goes. Nothing else is asked for while
// a slice looked at is not there: on a slow line it would have to share. Moving
// moves the centre; what is under way is let finish, since it is near and small,
// but for what is farthest when a reader who scrolls fast asks for more than the
// lanes hold.
//
// A series of several slices comes as one stream, its bundle: small previews of
// all, then the frames from the middle outwards. They are held as they came and
// decoded from the slice looked at outwards. Where there is no bundle, or it
// breaks off, frames are fetched one by one.
export class Loader {
  /** Counts up when something to draw has arrived or failed. */
  readonly version = signal(0);
  /** Nothing is on its way. */
  readonly calm = signal(false);

  private looks: Look[] = [];
  private readonly frames: ByteCache<Frame>;
  private readonly previews: ByteCache<Picture>;
  /** Of instances whose frames are all shown alike. */
  private readonly presentations = new Map<string, Presentation>();
  private readonly troubles = new Map<string, Trouble>();
  /** Times that were waited for since anything came. */
  private failures = 0;
  /** Without a preview; true: for want of a line, a session, a server that is well. */
  private readonly noPreview = new Map<string, boolean>();
  private readonly packed: ByteCache<Packed>;
  private readonly streams = new Map<string, AbortController | 'over'>();
  private bundles: Bundles | null = null;
  private impatient: { key: string; timer: ReturnType<typeof setTimeout> } | null = null;
  private hurried = '';
  private readonly busyFrames = new Map<string, AbortController>();
  private readonly busyPreviews = new Map<string, AbortController>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private announced = false;

  constructor(
    private readonly client: Client,
    private readonly options: LoaderOptions = {},
  ) {
    const rank = (key: string) => this.distance(key);
    this.frames = new ByteCache(options.frameBytes || 224 << 20, rank);
    this.previews = new ByteCache(options.previewBytes || 48 << 20, rank);
    this.packed = new ByteCache(options.packedBytes || 192 << 20, rank);
  }

  /** A place for one more stack on screen. */
  look(): Look {
    const look: Look = { slots: [], focus: 0, progress: signal({ loaded: 0, pictures: 0, total: 0 }), at: new Map() };
    this.looks.push(look);
    return look;
  }

  /** The pane is gone: nothing more is fetched for it. */
  leave(look: Look) {
    this.looks = this.looks.filter((l) => l !== look);
    this.abandon();
    this.pump();
  }

  /** Makes slots the stack that a pane shows. Frames of the last one stay while there is room. */
  show(look: Look, slots: Slot[], focus: number) {
    look.slots = slots;
    look.at = new Map(slots.map((s, i) => [s.key, i]));
    look.focus = focus;
    this.abandon();
    this.announce();
    this.pump();
  }

  moveTo(look: Look, index: number) {
    look.focus = index;
    this.prefer(look);
    this.pump();
  }

  /** Puts a pane first: it is the one the reader works in. */
  prefer(look: Look) {
    if (this.looks[0] !== look && this.looks.includes(look)) this.looks = [look, ...this.looks.filter((l) => l !== look)];
  }

  /** After a new session or a broken line: what failed for lack of them is asked again. */
  resume() {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [key, t] of this.troubles) if (t.passing) this.troubles.delete(key);
    for (const [key, passing] of this.noPreview) if (passing) this.noPreview.delete(key);
    this.announce();
    this.pump();
  }

  stop() {
    clearTimeout(this.timer);
    for (const busy of [this.busyFrames, this.busyPreviews]) {
      for (const stop of busy.values()) stop.abort();
      busy.clear();
    }
    for (const s of this.streams.values()) if (s !== 'over') s.abort();
    if (this.impatient) clearTimeout(this.impatient.timer);
    this.bundles?.stop();
    this.looks = [];
    this.streams.clear();
    this.packed.clear();
    this.frames.clear();
    this.previews.clear();
    this.presentations.clear();
  }

  /** The frame of a slot, fetched when it is not here: for what needs it now, shown or not. */
  async need(s: Slot, stop = new AbortController().signal): Promise<Frame> {
    const here = this.frames.get(s.key);
    if (here) return here;
    const packed = this.packed.get(s.key);
    if (packed && this.bundles) {
      try {
        return await this.bundles.unpack(packed);
      } catch (e) {
        if (isAbort(e) || stop.aborted) throw e;
        // No decoder in this browser, or a broken stream: the server decodes.
        this.packed.delete(s.key);
      }
    }
    const [{ body, headers }, presentation] = await Promise.all([this.client.bytes(frameURL(s.instance.id, s.frame), stop), this.presentation(s, stop)]);
    return parseFrame(body, headers, presentation);
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
    let least = Infinity;
    for (const l of this.looks) {
      const i = l.at.get(key);
      if (i !== undefined) least = Math.min(least, Math.abs(i - l.focus));
    }
    return least;
  }

  private pump() {
    let waiting = false;
    for (const l of this.looks) {
      const current = l.slots[l.focus];
      if (!current) continue;
      // What is looked at does not wait for a lane: it takes the farthest one.
      if (this.wantsPreview(current)) {
        this.makeRoom(this.busyPreviews, previewLanes);
        void this.fetchPreview(current);
      }
      if (this.wantsFrame(current, true)) {
        this.makeRoom(this.busyFrames, frameLanes);
        void this.fetchFrame(current);
      }
      waiting ||= this.busyFrames.has(current.key);
      if (!this.wantsPreview(current) && !this.busyPreviews.has(current.key)) this.startStream(current);
    }
    if (waiting) return;
    for (const l of this.looks) {
      this.fill(l, this.busyPreviews, previewLanes, (s) => this.wantsPreview(s), (s) => void this.fetchPreview(s), l.slots.length);
      this.fill(l, this.busyFrames, frameLanes, (s) => this.wantsFrame(s), (s) => void this.fetchFrame(s), this.reach(l));
    }
  }

  // The bundle of the series of a slot, once its own preview is here.
  private startStream({ series, bundle }: Slot) {
    const { bundles } = this.options;
    if (!bundles || this.streams.has(series)) return;
    const look = this.looks.find((l) => l.slots[0]?.series === series);
    if (!look || look.slots.length < 2 || [...this.streams.values()].filter((s) => s !== 'over').length >= streamLanes) return;
    const controller = new AbortController();
    this.streams.set(series, controller);
    void bundles()
      .then((b) => {
        this.bundles ??= b;
        return b.read(this.client, series, bundle, this, controller.signal);
      })
      .catch(() => false)
      .then(() => {
        if (controller.signal.aborted) return;
        this.streams.set(series, 'over');
        this.announce();
        this.pump();
      });
  }

  // The frames of a slot's series come, or will come, with its stream.
  private streaming(s: Slot): boolean {
    if (!this.options.bundles || this.streams.get(s.series) === 'over') return false;
    return this.looks.some((l) => l.slots[0]?.series === s.series && l.slots.length > 1);
  }

  /** A small preview that came in a bundle. */
  scrollPreview(key: string, jpeg: Uint8Array<ArrayBuffer>) {
    if (this.frames.has(key) || this.previews.has(key)) return;
    this.previews.set(key, { blob: new Blob([jpeg], { type: 'image/jpeg' }), bytes: jpeg.length });
    this.announce();
  }

  /** A frame that came in a bundle. */
  packedFrame(key: string, p: Packed) {
    if (this.frames.has(key)) return;
    this.packed.set(key, p);
    this.announce();
    this.pump();
  }

  private makeRoom(busy: Map<string, AbortController>, lanes: number) {
    while (busy.size > lanes) {
      const farthest = [...busy.keys()].reduce((a, b) => (this.distance(b) > this.distance(a) ? b : a));
      if (this.distance(farthest) === 0) return;
      busy.get(farthest)!.abort();
      busy.delete(farthest);
    }
  }

  // Ends what is under way for stacks that nobody looks at any more.
  private abandon() {
    for (const [series, stream] of this.streams) {
      if (stream === 'over' || this.looks.some((l) => l.slots[0]?.series === series)) continue;
      stream.abort();
      this.streams.delete(series);
    }
    for (const busy of [this.busyFrames, this.busyPreviews]) {
      for (const [key, stop] of busy) {
        if (this.distance(key) !== Infinity) continue;
        stop.abort();
        busy.delete(key);
      }
    }
  }

  private fill(look: Look, busy: Map<string, AbortController>, lanes: number, wanted: (s: Slot) => boolean, start: (s: Slot) => void, reach: number) {
    if (busy.size >= lanes) return;
    let seen = 0;
    for (const i of centreOut(look.focus, look.slots.length)) {
      if (seen++ >= reach || busy.size >= lanes) return;
      const slot = look.slots[i]!;
      if (wanted(slot)) start(slot);
    }
  }

  // How many frames from the centre outwards the cache can hold for one of the
  // stacks: fetching more would only push nearer ones out.
  private reach(look: Look): number {
    const i = look.slots[look.focus]?.instance;
    if (!i) return 0;
    const bytes = this.frames.size > 0 ? this.frames.bytes / this.frames.size : i.rows * i.columns * Math.max(1, i.samples) * Math.ceil((i.bitsAllocated || 16) / 8);
    const open = this.looks.filter((l) => l.slots.length > 0).length;
    return Math.max(1, Math.floor(this.frames.limit / Math.max(1, bytes) / Math.max(1, open)) - frameLanes);
  }

  // What the server could not decode on arrival is asked for when it is looked
  // at: the answer says why, or a newer server can by now.
  private wantsFrame(s: Slot, looking = false): boolean {
    if (this.streaming(s) && !this.packed.has(s.key)) {
      if (!looking || this.frames.has(s.key)) return false;
      if (this.hurried !== s.key) {
        this.hurryLater(s.key);
        return false;
      }
    }
    return (looking || s.instance.displayable === 'image') && !this.frames.has(s.key) && !this.busyFrames.has(s.key) && !this.troubles.has(s.key);
  }
  private hurryLater(key: string) {
    if (this.impatient?.key === key) return;
    if (this.impatient) clearTimeout(this.impatient.timer);
    const timer = setTimeout(() => {
      this.impatient = null;
      this.hurried = key;
      this.pump();
    }, patience);
    this.impatient = { key, timer };
  }

  // The server makes one preview an instance: it stands for the first frame only.
  private wantsPreview(s: Slot): boolean {
    if (this.streaming(s) && this.distance(s.key) > 0) return false; // they come with it
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
      this.frames.set(s.key, await this.need(s, stop));
      this.failures = 0;
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
      const { body, headers } = this.options.ahead?.(s.instance.preview) ?? (await this.client.bytes(s.instance.preview, stop));
      const type = headers.get('Content-Type') ?? 'image/jpeg';
      if (headers.get('X-Dokuei-Placeholder')) this.noPreview.set(s.key, false);
      else this.previews.set(s.key, { blob: new Blob([body], { type }), bytes: body.byteLength });
      this.failures = 0;
    } catch (e) {
      if (isAbort(e)) return;
      this.noPreview.set(s.key, isPassing(e) || errorCode(e) === 'unauthenticated');
      if (isPassing(e)) this.retryLater();
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
      for (const other of this.looks.flatMap((l) => l.slots)) {
        if (other.instance.transferSyntax === s.instance.transferSyntax) this.troubles.set(other.key, { code, detail, passing });
      }
    }
    if (isPassing(e)) this.retryLater();
  }

  // All that failed meanwhile is asked for again together.
  private retryLater() {
    this.timer ??= setTimeout(() => this.resume(), Math.min(longestPause, retryPause * ++this.failures));
  }

  // Many frames may arrive between two pictures of the screen: told once each.
  private announce() {
    if (this.announced) return;
    this.announced = true;
    queueMicrotask(() => {
      this.announced = false;
      for (const { slots, progress } of this.looks) {
        let loaded = 0;
        let pictures = 0;
        for (const { key } of slots) {
          if (this.frames.has(key) || this.packed.has(key)) loaded++;
          else if (this.previews.has(key)) pictures++;
        }
        pictures += loaded;
        const total = slots.length;
        const was = progress.value;
        if (was.loaded !== loaded || was.pictures !== pictures || was.total !== total) progress.value = { loaded, pictures, total };
      }
      this.calm.value = this.looks.some((l) => l.slots.length > 0) && this.busyFrames.size + this.busyPreviews.size === 0 && ![...this.streams.values()].some((s) => s !== 'over');
      this.version.value++;
    });
  }
}
