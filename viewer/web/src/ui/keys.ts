import { useEffect, useRef } from 'preact/hooks';

// True where a key means a letter, not a command: in fields, under a dialog,
// and while Japanese is being composed.
function isTyping(e: KeyboardEvent): boolean {
  if (e.isComposing || e.keyCode === 229) return true;
  if (document.querySelector('dialog[open]')) return true;
  const el = e.target;
  if (!(el instanceof HTMLElement)) return false;
  return el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName);
}

export type Bindings = Record<string, () => void>;

/** The name of a key as commands are bound to it: KeyboardEvent.key, letters in lower case, after Ctrl+ and, before a letter, Shift+. */
export function keyName(e: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>): string {
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  const shift = e.shiftKey && key !== e.key.toUpperCase();
  return `${e.ctrlKey || e.metaKey ? 'Ctrl+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

/** Commands by key while a page is up. Names are those of keyName. */
export function useKeys(bindings: Bindings) {
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (isTyping(e) || e.altKey || e.defaultPrevented) return;
      const key = keyName(e);
      const f = Object.hasOwn(current.current, key) ? current.current[key] : undefined;
      // Enter and space belong to the button that has the focus.
      if (!f || ((key === 'Enter' || key === ' ') && e.target instanceof HTMLElement && e.target.closest('button, a'))) return;
      e.preventDefault();
      f();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
