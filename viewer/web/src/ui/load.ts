import { useEffect, useRef, useState } from 'preact/hooks';
import { isAbort } from '../api/error';
import type { LiveEvent, LiveKind } from '../api/types';
import { live, onResume } from '../session';
import { problemText } from './problem';

export interface Loaded<T> {
  data: T | undefined;
  error: string;
  loading: boolean;
  reload: () => void;
  set: (data: T) => void;
}

// useLoad asks for something, keeps what it has while it asks again, and drops
// answers to questions that are no longer asked. When deps change it is about
// something else, and what was there goes (known says what to begin with); when narrow changes it stays until the
// answer is here, as a list does while somebody types.
export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>, deps: readonly unknown[], narrow: readonly unknown[] = [], known?: () => T | undefined): Loaded<T> {
  const [state, setState] = useState<{ data: T | undefined; error: string; loading: boolean }>(() => ({ data: known?.(), error: '', loading: true }));
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(deps);
  const lastKey = useRef(key);
  useEffect(() => {
    const fresh = lastKey.current !== key;
    lastKey.current = key;
    const stop = new AbortController();
    setState((s) => ({ data: fresh ? undefined : s.data, error: '', loading: true }));
    ask(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ data, error: '', loading: false }),
      (e: unknown) => !stop.signal.aborted && !isAbort(e) && setState((s) => ({ data: s.data, error: problemText(e), loading: false })),
    );
    return () => stop.abort();
  }, [key, JSON.stringify(narrow), turn]);
  useEffect(() => onResume(() => setTurn((n) => n + 1)), []);
  return { ...state, reload: () => setTurn((n) => n + 1), set: (data) => setState({ data, error: '', loading: false }) };
}

const soon = 250;
/** For what is large: a study on its way in changes many times a second. */
export const unhurried = 1500;

// useLive looks again when the server tells of something that matters here.
// A study arrives as hundreds of events: they are answered together.
export function useLive(matters: (e: LiveEvent, kind: LiveKind) => boolean, look: () => void, settle = soon) {
  const current = useRef({ matters, look });
  current.current = { matters, look };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        current.current.look();
      }, settle);
    };
    const off = live.subscribe((e, kind) => {
      if (current.current.matters(e, kind)) later();
    }, later);
    return () => {
      clearTimeout(timer);
      off();
    };
  }, []);
}
