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

// What is no id is none: a link that somebody was sent must not lead a request of the
// page, into whose path its id goes, to another place.
function decode(s: string): string {
  try {
    const id = decodeURIComponent(s);
    return /[/\\?#%]|^\.+$/.test(id) ? '' : id;
  } catch {
    return '';
  }
}
