import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * The focus of a list whose rows are moved up and down by their buttons: what changes its
 * place in the page loses it. Gives the list's ref and what to call with the row's new place
 * and the button (its act); at the end of its way the other button has the focus.
 */
export function useMoved<T extends HTMLElement>() {
  const list = useRef<T>(null);
  const moved = useRef<{ to: number; act: string } | null>(null);
  useLayoutEffect(() => {
    const m = moved.current;
    moved.current = null;
    const row = m && list.current?.children[m.to];
    if (row) (row.querySelector<HTMLElement>(`[data-act=${m.act}]:enabled`) ?? row.querySelector<HTMLElement>('button:enabled'))?.focus();
  });
  return { list, follow: (to: number, act: string) => (moved.current = { to, act }) };
}
