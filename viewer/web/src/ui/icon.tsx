import type { benchIcons } from '../viewport/bench/icons';

// Line icons on a 20 px grid, drawn for these pages.
const shell = {
  back: 'M12 4l-6 6 6 6',
  next: 'M8 4l6 6-6 6',
  down: 'M5 8l5 5 5-5',
  close: 'M5 5l10 10M15 5L5 15',
  check: 'M4 10.5l4 4 8-9',
  search: 'M9 3.500a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM13 13l4 4',
  sun: 'M10 6.500a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 1.500v2M10 16.500v2M1.5 10h2M16.5 10h2M4 4l1.4 1.400M14.6 14.600L16 16M16 4l-1.4 1.400M5.4 14.600L4 16',
  moon: 'M16.5 11.800A7 7 0 0 1 8.2 3.500a7 7 0 1 0 8.3 8.300Z',
  system: 'M3 4h14v9H3zM7 16.500h6M10 13v3.5',
  out: 'M8 3.500H4v13h4M12 6l4 4-4 4M16 10H8',
  person: 'M10 3.500a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.600ZM3.5 17c.6-3.2 2.9-4.900 6.5-4.900s5.9 1.7 6.5 4.900',
  key: 'M13 3.500a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.400ZM10.4 9.800L3.5 16.700M6 14.200l2 2',
  pen: 'M4 16l.8-3.600L13.5 3.700l2.8 2.800L7.600 15.200ZM11.5 5.700l2.8 2.800',
  stack: 'M3 6.500L10 3l7 3.500L10 10 3 6.500ZM3 10l7 3.5 7-3.500M3 13.500L10 17l7-3.5',
  window: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM10 3v14M12 6.500h3.500M12 10h5M12 13.500h3.5',
  zoom: 'M8.5 3a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM12.5 12.500l4.5 4.500M6 8.500h5M8.5 6v5',
  pan: 'M10 2v16M2 10h16M7.5 4.500L10 2l2.5 2.500M7.5 15.500L10 18l2.5-2.500M4.5 7.500L2 10l2.5 2.500M15.5 7.500L18 10l-2.5 2.5',
  reset: 'M4.5 6A7 7 0 1 1 3 10M3.5 2.500V6.500h4',
  info: 'M10 2.500a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 9v5M10 6v.2',
  warn: 'M10 3L18 16.500H2ZM10 8v4M10 14.200v.2',
  doc: 'M5 2.500h7l3.5 3.500v11.500H5ZM12 2.500V6h3.500M7.5 10h5.500M7.5 13h5.5',
  route: 'M5 4.500a1.5 1.5 0 1 0 0 .1ZM15 15.500a1.5 1.5 0 1 0 0 .1ZM6.5 4.500h5a3 3 0 0 1 0 6h-3a3 3 0 0 0 0 5h5',
  fold: 'M3 4h14v12H3zM12.5 4v12M7 8l2 2-2 2',
  unfold: 'M3 4h14v12H3zM12.5 4v12M9 8l-2 2 2 2',
  eye: 'M2 10c2-3.6 4.7-5.4 8-5.400s6 1.8 8 5.400c-2 3.6-4.7 5.4-8 5.400S4 13.6 2 10ZM10 7.700a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.600Z',
  crosshair: 'M10 2v5M10 13v5M2 10h5M13 10h5M10 9.500v1',
  send: 'M3 10l14-6.500L13 17l-3.5-5.500ZM17 3.500l-7.5 8',
} as const;

export type IconName = keyof typeof shell | keyof typeof benchIcons;

const paths: Partial<Record<IconName, string>> = { ...shell };

/** Those of what is loaded later. */
export function addIcons(more: Partial<Record<IconName, string>>) {
  Object.assign(paths, more);
}

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
