import { signal } from '@preact/signals';

// Routes live behind the # so that any server that hands out index.html will
// do, and hold nothing but page names and ids.
export interface Route {
  page: string;
  id: string;
}

export const route = signal<Route>(parse(typeof location === 'undefined' ? '' : location.hash));

export function parse(hash: string): Route {
  const [page = '', id = ''] = hash.replace(/^#\/?/, '').split('/');
  return { page: decode(page), id: decode(id) };
}

export function href(page: string, id = ''): string {
  return `#/${encodeURIComponent(page)}${id ? '/' + encodeURIComponent(id) : ''}`;
}

export function go(page: string, id = '') {
  location.hash = href(page, id);
}

export function followRoute() {
  addEventListener('hashchange', () => {
    route.value = parse(location.hash);
    document.getElementById('content')?.focus({ preventScroll: true });
  });
}

function decode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return '';
  }
}
