import { afterEach, describe, expect, it, vi } from 'vitest';
import { Live } from './live';

class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close() {
    this.readyState = 2;
  }
}

function begin() {
  Source.all = [];
  vi.stubGlobal('EventSource', Source);
  const live = new Live();
  const told: string[] = [];
  live.subscribe((_, kind) => told.push(kind), () => told.push('gap'));
  return { live, told, open: () => Source.all.filter((s) => s.readyState !== 2) };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a page that is not looked at', () => {
  it('gives its connection back, and on return looks for what it missed', () => {
    const { live, told, open } = begin();
    live.start();
    open()[0]!.onopen!();
    expect([live.state.value, told]).toEqual(['live', []]);
    live.look(false);
    expect(open()).toEqual([]);
    live.look(true);
    expect(open().length).toBe(1);
    open()[0]!.onopen!();
    expect([live.state.value, told]).toEqual(['live', ['gap']]);
    open()[0]!.dispatchEvent(new MessageEvent('study', { data: '{"studyId":"s"}' }));
    expect(told).toEqual(['gap', 'study']);
  });
  it('that is opened in the background connects when it is looked at', () => {
    const { live, open } = begin();
    live.look(false);
    live.start();
    expect(open()).toEqual([]);
    live.look(true);
    expect(open().length).toBe(1);
  });
  it('with nobody signed in does not connect', () => {
    const { live, open } = begin();
    live.start();
    live.stop();
    live.look(false);
    live.look(true);
    expect(open()).toEqual([]);
    expect(live.state.value).toBe('off');
  });
  it('learns which build its server has, anew with each connection', () => {
    const { live, told, open } = begin();
    live.start();
    open()[0]!.dispatchEvent(new MessageEvent('hello', { data: '/assets/index-a.js' }));
    live.look(false);
    live.look(true);
    open()[0]!.dispatchEvent(new MessageEvent('hello', { data: '/assets/index-b.js' }));
    expect([live.build.value, told]).toEqual(['/assets/index-b.js', []]);
  });
  it('does not go on trying a line that is broken', () => {
    vi.useFakeTimers();
    const { live } = begin();
    live.start();
    Source.all[0]!.readyState = 2;
    Source.all[0]!.onerror!();
    live.look(false);
    vi.advanceTimersByTime(60_000);
    expect(Source.all.length).toBe(1);
  });
});
