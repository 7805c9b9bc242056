import { effect, signal } from '@preact/signals';
import './bench.css';
import { api } from '../../session';
import { addIcons } from '../../ui/icon';
import { commands as shellCommands } from '../commands';
import { Measures } from '../foreign/measured';
import { MeasuredStrip } from '../foreign/measuredstrip';
import { Softcopy } from '../foreign/softcopy';
import type { HangingRule } from '../hanging';
import { chosen } from '../hotkeys';
import type { Stage } from '../stage';
import type { About, Bench } from './bench';
import { Choice } from '../../ui/choice';
import { benchCommands } from './commands';
import { Comparison } from './compare';
import { MarkDesk } from './desk';
import { HangingDialog } from './hangings';
import { Help } from './help';
import { benchIcons } from './icons';
import { HotkeyDialog } from './hotkeys';
import { KeyStrip, MarkStrip } from './keys';
import { Layer } from './layer';
import { MonitorDialog, type Monitor } from './monitor';
import { PrintDialog } from './print';
import { Priors } from './priors';
import { Tools } from './tools';
import { Windows } from './windows';

addIcons(benchIcons);

export function openBench(stage: Stage, first: About): Bench {
  const about = signal(first);
  const dialog = signal<'' | 'help' | 'print' | 'hotkeys' | 'hanging' | 'monitor'>('');
  const close = () => (dialog.value = '');
  const softcopy = new Softcopy(stage);
  const desk = new MarkDesk(stage, softcopy);
  const measures = new Measures(stage);
  const comparison = new Comparison(stage);
  const keys = new Choice<Record<string, string[]>>('keys');
  const monitors = new Choice<Monitor[]>('monitor');
  const hanging = new Choice<HangingRule[]>('hanging');
  const commands = benchCommands(desk, (name) => (dialog.value = name));

  // Without a line the page works as it comes: keys and rules of everybody.
  void keys.load().then(() => (chosen.value = keys.value.value ?? {}), () => undefined);
  void hanging
    .load()
    .catch(() => undefined)
    .then(() => comparison.begin(first.study, hanging.value.value))
    .catch(() => undefined);

  const windows = new Windows(stage, () => about.peek().study.id);
  let signedWith = '';
  const off = effect(() => {
    const { workitem, study } = about.value;
    desk.keepFor(workitem);
    measures.of(study);
    softcopy.of(study);
    void comparison.more(study).catch(() => undefined);
    const versions = (study.reports ?? []).map((r) => r.id).join();
    if (versions === signedWith) return;
    signedWith = versions;
    // Without them the images are as they were; a reload of the page asks again.
    api.studyAnnotations(study.id).then((a) => (desk.signed.value = a), () => (signedWith = ''));
  });
  return {
    tool: (kind, _, viewer) => desk.tool(kind, viewer),
    grab: (_, viewer, p) => desk.grab(viewer, p),
    commands,
    about: (a) => (about.value = a),
    states: softcopy,
    Layer: (p) => <Layer {...p} desk={desk} measures={measures} softcopy={softcopy} />,
    Tools: (p) => <Tools {...p} desk={desk} commands={commands} softcopy={softcopy} />,
    Strip: (p) => (
      <>
        <Priors {...p} comparison={comparison} fetch={about.value.study.priors} />
        <MarkStrip {...p} desk={desk} />
        <MeasuredStrip measures={measures} />
        <KeyStrip {...p} desk={desk} onPrint={() => (dialog.value = 'print')} />
      </>
    ),
    Dialogs: () => {
      switch (dialog.value) {
        case 'help':
          return <Help more={commands} page={about.value.pageKeys} onClose={close} />;
        case 'print':
          return <PrintDialog stage={stage} desk={desk} softcopy={softcopy} study={about.value.study} onClose={close} />;
        case 'hotkeys':
          return <HotkeyDialog commands={[...shellCommands, ...commands]} choice={keys} onClose={close} />;
        case 'monitor':
          return <MonitorDialog choice={monitors} onClose={close} />;
        case 'hanging':
          return <HangingDialog stage={stage} study={about.value.study} choice={hanging} onClose={close} />;
        default:
          return null;
      }
    },
    stop: () => {
      off();
      windows.stop();
      softcopy.stop();
      desk.stop();
    },
  };
}
