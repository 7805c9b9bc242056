import { h } from 'preact';
import { insertIntoReport } from '../../reading/insert';
import { codeText } from '../../ui/problem';
import type { Command } from '../commands';
import type { Stage } from '../stage';
import { markKinds, type MarkKind } from '../tools/tool';
import type { MarkDesk } from './desk';
import { say as tell } from '../../ui/toast';
import { w, type Word } from './words';

const markKeys: Partial<Record<MarkKind, string>> = { length: 'd', angle: 'a', bidirectional: 'b', ellipse: 'o', arrow: 'y', text: 't' };

export function benchCommands(desk: MarkDesk, openDialog: (name: 'help' | 'hotkeys' | 'hanging' | 'monitor') => void): Command[] {
  const { book, cine } = desk;
  const say = (k: Word) => () => w(k);
  const layout = (rows: number, columns: number, key: string): Command => ({
    id: `layout.${rows}x${columns}`,
    label: () => `${w('layout.menu')} ${w('layout.of', { rows, columns })}`,
    keys: [key],
    run: (s) => s.setGrid(rows, columns),
  });
  return [
    ...markKinds.map((kind) => ({ id: `mark.${kind}`, label: say(`mark.${kind}`), keys: markKeys[kind] ? [markKeys[kind]] : [], run: (s: Stage) => (s.tool.value = kind) })),
    { id: 'key.add', label: say('keys.add'), keys: ['g'], run: () => addKey(desk) },
    { id: 'key.insert', label: say('keys.insertLast'), keys: ['Shift+g'], run: () => putIn(desk.lastKeyText()) },
    { id: 'mark.insert', label: say('mark.insertLast'), keys: ['Shift+m'], run: () => putIn(desk.lastMarkText()) },
    { id: 'mark.delete', label: say('mark.delete'), keys: ['Delete'], run: () => desk.removeSelected() },
    { id: 'mark.clear', label: say('mark.clear'), keys: ['Shift+Delete'], run: () => desk.clearImage() },
    { id: 'mark.cancel', label: say('mark.cancel'), keys: ['Escape'], run: leave },
    { id: 'mark.hide', label: say('mark.hide'), keys: ['m'], run: () => (desk.visible.value = !desk.visible.value) },
    { id: 'undo', label: say('mark.undo'), keys: ['Ctrl+z'], run: () => book.undo() },
    { id: 'redo', label: say('mark.redo'), keys: ['Ctrl+y', 'Ctrl+Shift+z'], run: () => book.redo() },
    layout(1, 1, 'Shift+q'),
    layout(1, 2, 'Shift+w'),
    layout(2, 2, 'Shift+e'),
    { id: 'layout.alone', label: say('layout.alone'), keys: ['Shift+a'], run: (s) => s.enlarge() },
    { id: 'pane.next', label: say('layout.next'), keys: ['.'], run: (s) => s.nextPane(1) },
    { id: 'pane.previous', label: say('layout.previous'), keys: [','], run: (s) => s.nextPane(-1) },
    { id: 'link', label: say('layout.link'), keys: ['k'], run: (s) => s.setLinked(!s.linked.value) },
    { id: 'lines', label: say('layout.lines'), keys: ['j'], run: (s) => (s.lines.value = !s.lines.value) },
    { id: 'overlays', label: say('layout.overlays'), keys: ['Shift+o'], run: (s) => (s.overlays.value = !s.overlays.value) },
    { id: 'mpr', label: say('mpr.open'), keys: ['u'], run: toggleMpr },
    { id: 'cine', label: say('cine.play'), keys: [' '], run: () => cine.toggle() },
    { id: 'cine.faster', label: say('cine.faster'), keys: ['Ctrl+ArrowUp'], run: () => cine.setRate(cine.rate.value + 2) },
    { id: 'cine.slower', label: say('cine.slower'), keys: ['Ctrl+ArrowDown'], run: () => cine.setRate(cine.rate.value - 2) },
    { id: 'help', label: say('help.open'), keys: ['?'], run: () => openDialog('help') },
    { id: 'hotkeys', label: say('hotkeys.title'), keys: [], run: () => openDialog('hotkeys') },
    { id: 'monitor', label: say('monitor.title'), keys: [], run: () => openDialog('monitor') },
    { id: 'hanging', label: say('hanging.title'), keys: [], run: () => openDialog('hanging') },
  ];
}

function addKey(desk: MarkDesk) {
  const key = desk.addKey();
  if (key) tell(w('keys.added', { name: w('keys.name', { n: key.number }) }));
}

function putIn(text: string) {
  if (text === '') tell(w('insert.nothing'));
  else if (insertIntoReport(text)) tell(w('insert.done', { text }));
  else tell(w('keys.noReport'));
}

// The cutter is fetched when somebody wants planes.
function toggleMpr(stage: Stage) {
  if (stage.instead.value) {
    stage.instead.value = null;
    return;
  }
  import('../mpr/view').then(
    ({ Mpr }) => (stage.instead.value = () => h(Mpr, { stage, onClose: () => (stage.instead.value = null) })),
    () => tell(codeText('network'), true),
  );
}

/** Out of what was begun: planes, or a mark half drawn. */
function leave(stage: Stage) {
  if (stage.instead.value) stage.instead.value = null;
  else stage.tool.value = 'window';
}
