import { t, type Key } from '../i18n';
import type { Stage } from './stage';
import { presetsFor } from './window';

/** Something a reader can do to the images, by a key or from a list. */
export interface Command {
  id: string;
  label: Key | (() => string);
  /** Unless the reader has chosen others. */
  keys: string[];
  run: (stage: Stage) => void;
}

const preset = (key: string): Command => ({
  id: `preset.${key}`,
  label: () => [t('key.preset'), ...presetsFor('CT').filter((p) => p.key === key).map((p) => t(`window.${p.id}`))].join(': '),
  keys: [key],
  run: (s) => {
    const p = presetsFor(s.active.value.current.value?.modality ?? '').find((x) => x.key === key);
    if (p) s.active.value.usePreset(p.id);
  },
});

/** What can be done before the bench is there. */
export const commands: Command[] = [
  { id: 'slice.next', label: 'key.slice.next', keys: ['ArrowDown'], run: (s) => s.step(1) },
  { id: 'slice.previous', label: 'key.slice.previous', keys: ['ArrowUp'], run: (s) => s.step(-1) },
  { id: 'slice.forward', label: 'key.slice.forward', keys: ['PageDown'], run: (s) => s.step(10) },
  { id: 'slice.back', label: 'key.slice.back', keys: ['PageUp'], run: (s) => s.step(-10) },
  { id: 'slice.first', label: 'key.slice.first', keys: ['Home'], run: (s) => s.goTo(0) },
  { id: 'slice.last', label: 'key.slice.last', keys: ['End'], run: (s) => s.goTo(Infinity) },
  { id: 'series.next', label: 'key.series.next', keys: ['ArrowRight'], run: (s) => s.active.value.nextSeries(1) },
  { id: 'series.previous', label: 'key.series.previous', keys: ['ArrowLeft'], run: (s) => s.active.value.nextSeries(-1) },
  ...['1', '2', '3', '4', '5', '6', '7'].map(preset),
  { id: 'window.file', label: 'key.file', keys: ['0'], run: (s) => s.active.value.useFileWindow(0) },
  { id: 'window.auto', label: 'key.auto', keys: ['9'], run: (s) => s.active.value.useAuto() },
  { id: 'zoom.in', label: 'key.zoom.in', keys: ['+', ';', '='], run: (s) => s.active.value.zoomBy(1.25) },
  { id: 'zoom.out', label: 'key.zoom.out', keys: ['-'], run: (s) => s.active.value.zoomBy(0.8) },
  { id: 'fit', label: 'tool.fit', keys: ['f'], run: (s) => s.active.value.fit() },
  { id: 'invert', label: 'tool.invert', keys: ['i'], run: (s) => s.active.value.invert() },
  { id: 'rotate', label: 'tool.rotate', keys: ['r'], run: (s) => s.active.value.turn() },
  { id: 'flip.h', label: 'tool.flipH', keys: ['h'], run: (s) => s.active.value.flip('h') },
  { id: 'flip.v', label: 'tool.flipV', keys: ['v'], run: (s) => s.active.value.flip('v') },
  { id: 'reset', label: 'tool.reset', keys: ['Backspace'], run: (s) => s.active.value.reset() },
  { id: 'tool.window', label: 'tool.window', keys: ['w'], run: (s) => (s.tool.value = 'window') },
  { id: 'tool.scroll', label: 'tool.scroll', keys: ['s'], run: (s) => (s.tool.value = 'scroll') },
  { id: 'tool.zoom', label: 'tool.zoom', keys: ['z'], run: (s) => (s.tool.value = 'zoom') },
  { id: 'tool.pan', label: 'tool.pan', keys: ['p'], run: (s) => (s.tool.value = 'pan') },
  { id: 'tool.crosshair', label: 'tool.crosshair', keys: ['x'], run: (s) => (s.tool.value = 'crosshair') },
];
