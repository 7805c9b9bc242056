import { signal } from '@preact/signals';
import type { LiveEvent, LiveKind } from './types';

type Listener = (e: LiveEvent, kind: LiveKind) => void;

const kinds: LiveKind[] = ['study', 'workitem', 'report', 'delivery', 'emergency', 'room'];

/** The script of this page as its server called it; none where it is being developed. */
export const ownBuild = typeof document === 'undefined' ? '' : (/^\/assets\/.*/.exec(document.querySelector('script[type=module]')?.getAttribute('src') ?? '')?.[0] ?? '');

export type LiveState = 'off' | 'connecting' | 'live' | 'lost';

// Live is the one event stream of the page. The browser reconnects by itself
// while the server answers at all (and resumes by Last-Event-ID); when it gives
// up we try again with growing pauses. After a gap every listener is told to
// look again, since the events in between may be gone. A page that is not looked
// at gives its connection back: a browser has six for a server over HTTP/1.1, and
// readers leave studies open in many tabs.
export class Live {
  readonly state = signal<LiveState>('off');
  /** The script of the page that the server gives now, as it says when it is asked for news. */
  readonly build = signal('');
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = 1000;
  private running = false;
  private away = false;
  private readonly listeners = new Set<Listener>();
  private readonly refreshers = new Set<() => void>();

  start() {
    this.stop();
    this.running = true;
    this.state.value = 'connecting';
    if (!this.away) this.open();
  }

  stop() {
    this.close();
    this.running = false;
    this.state.value = 'off';
  }

  /** The page is looked at, or no longer. */
  look(visible: boolean) {
    if (this.away === !visible) return;
    this.away = !visible;
    if (!this.running) return;
    if (visible) return this.open();
    this.close();
    this.state.value = 'lost'; // what happens meanwhile is a gap
  }

  private close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.pause = 1000;
  }

  /** onEvent is called for each event, onGap when events may have been missed. Returns the way out. */
  subscribe(onEvent: Listener, onGap: () => void): () => void {
    this.listeners.add(onEvent);
    this.refreshers.add(onGap);
    return () => {
      this.listeners.delete(onEvent);
      this.refreshers.delete(onGap);
    };
  }

  private open() {
    const source = new EventSource('/api/v1/events');
    this.source = source;
    source.onopen = () => {
      const gap = this.state.value === 'lost';
      this.state.value = 'live';
      this.pause = 1000;
      if (gap) for (const f of this.refreshers) f();
    };
    source.onerror = () => {
      if (this.source !== source) return;
      this.state.value = 'lost';
      if (source.readyState !== EventSource.CLOSED) return;
      this.timer = setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(this.pause * 2, 30_000);
    };
    source.addEventListener('hello', (m) => (this.build.value = (m as MessageEvent<string>).data));
    for (const kind of kinds) {
      source.addEventListener(kind, (m) => {
        const e = parse((m as MessageEvent<string>).data);
        if (e) for (const f of this.listeners) f(e, kind);
      });
    }
  }
}

function parse(data: string): LiveEvent | null {
  try {
    const v: unknown = JSON.parse(data);
    return v && typeof v === 'object' ? (v as LiveEvent) : null;
  } catch {
    return null;
  }
}
