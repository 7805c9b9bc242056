import { effect, signal } from '@preact/signals';
import './bench.css';
import { api } from '../../session';
import type { Stage } from '../stage';
import type { About, Bench } from './bench';
import { benchCommands } from './commands';
import { MarkDesk } from './desk';
import { Help } from './help';
import { KeyStrip } from './keys';
import { Layer } from './layer';
import { PrintDialog } from './print';
import { Tools } from './tools';

export function openBench(stage: Stage, first: About): Bench {
  const about = signal(first);
  const dialog = signal<'' | 'help' | 'print'>('');
  const close = () => (dialog.value = '');
  const desk = new MarkDesk(stage);
  const commands = benchCommands(desk, () => (dialog.value = 'help'));
  let signedWith = '';
  const off = effect(() => {
    const { workitem, study } = about.value;
    desk.keepFor(workitem);
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
    Layer: (p) => <Layer {...p} desk={desk} />,
    Tools: (p) => <Tools {...p} desk={desk} commands={commands} />,
    Strip: (p) => <KeyStrip {...p} desk={desk} onPrint={() => (dialog.value = 'print')} />,
    Dialogs: () => (
      <>
        {dialog.value === 'help' ? <Help more={commands} page={about.value.pageKeys} onClose={close} /> : null}
        {dialog.value === 'print' ? <PrintDialog stage={stage} desk={desk} study={about.value.study} onClose={close} /> : null}
      </>
    ),
    stop: () => {
      off();
      desk.stop();
    },
  };
}
