import { signal } from '@preact/signals';
import type { Macro } from '../api/types';
import { api, me } from '../session';
import { nextBlank } from './answers';

/** The short texts of who is signed in; fetched once. */
export const macros = signal<Macro[] | null>(null);

export async function loadMacros(again = false) {
  if (macros.value && !again) return;
  macros.value = await api.macros();
}

me.subscribe(() => (macros.value = null));

/** The macro whose name stands before the caret after a dot: where it begins, and its text. */
export function macroBefore(text: string, caret: number, list: readonly Macro[]): { from: number; text: string } | null {
  const m = /[.．。]([^\s.．。]{1,32})$/u.exec(text.slice(0, caret));
  const found = m && list.find((x) => x.name === m[1]);
  return found ? { from: m.index, text: found.text } : null;
}

/** Puts a text in a field as if it had been typed, and selects its first blank. */
export function typeInto(field: HTMLTextAreaElement, text: string, from = field.selectionStart, to = field.selectionEnd) {
  field.setRangeText(text, from, to, 'end');
  const gap = nextBlank(text, 0);
  if (gap) field.setSelectionRange(from + gap[0], from + gap[1]);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** To the next blank of the report, in whatever section; false when there is none left. */
export function goToBlank(form: HTMLElement): boolean {
  const fields = [...form.querySelectorAll<HTMLTextAreaElement>('textarea[data-section]')];
  const here = fields.findIndex((f) => f === document.activeElement);
  // From the caret on, through the other sections, and around.
  for (let n = 0; n <= fields.length; n++) {
    const field = fields[(Math.max(here, 0) + n) % fields.length]!;
    const from = n === 0 && here >= 0 ? field.selectionEnd : 0;
    const gap = nextBlank(field.value, from);
    if (!gap || (n === 0 && gap[0] < from)) continue;
    field.focus();
    field.setSelectionRange(gap[0], gap[1]);
    return true;
  }
  return false;
}
