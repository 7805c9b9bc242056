import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const key = 'dokuei.theme';

export const theme = signal<Theme>(remembered());

export function followTheme() {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    remember(key, theme.value);
  });
}

export function nextTheme(t: Theme): Theme {
  return t === 'system' ? 'light' : t === 'light' ? 'dark' : 'system';
}

function remembered(): Theme {
  const t = recall(key);
  return t === 'light' || t === 'dark' ? t : 'system';
}

// Storage may be refused (private windows, policy): then nothing is remembered.
export function recall(k: string): string | null {
  try {
    return localStorage.getItem(k);
  } catch {
    return null;
  }
}

export function remember(k: string, v: string) {
  try {
    localStorage.setItem(k, v);
  } catch {
    // nothing to do: the choice lasts as long as the page
  }
}
