import { signal } from '@preact/signals';
import './bench.css';
import type { Stage } from '../stage';
import type { About, Bench } from './bench';
import { benchCommands } from './commands';
import { MarkDesk } from './desk';
import { Help } from './help';
import { Layer } from './layer';
import { Tools } from './tools';

export function openBench(stage: Stage, first: About): Bench {
  const about = signal(first);
  const help = signal(false);
  const desk = new MarkDesk(stage);
  const commands = benchCommands(desk, () => (help.value = true));
  return {
    tool: (kind, _, viewer) => desk.tool(kind, viewer),
    grab: (_, viewer, p) => desk.grab(viewer, p),
    commands,
    about: (a) => (about.value = a),
    Layer: (p) => <Layer {...p} desk={desk} />,
    Tools: (p) => <Tools {...p} desk={desk} commands={commands} />,
    Strip: () => null,
    Dialogs: () => (help.value ? <Help more={commands} page={about.value.pageKeys} onClose={() => (help.value = false)} /> : null),
    stop: () => desk.stop(),
  };
}
