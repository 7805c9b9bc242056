import { t, type Key } from '../../i18n';
import { Dialog } from '../../ui/dialog';
import { commands, type Command } from '../commands';
import { keysOf } from '../hotkeys';
import type { Row } from '../study';
import { presetsFor } from '../window';
import { keyText } from './keytext';
import { w } from './words';

const mouse: [gesture: Key, text: Key][] = [
  ['mouse.wheel', 'key.scroll'],
  ['mouse.right', 'tool.window'],
  ['mouse.middle', 'tool.pan'],
  ['mouse.ctrl', 'tool.zoom'],
];

export function labelOf(c: Command): string {
  return typeof c.label === 'function' ? c.label() : t(c.label);
}

const rowOf = (c: Command): [string[], string] => [keysOf(c).map(keyText), labelOf(c)];

export function Help({ more, page, onClose }: { more: Command[]; page: Row[]; onClose: () => void }) {
  const bound = (list: Command[]) => list.filter((c) => keysOf(c).length > 0).map(rowOf);
  return (
    <Dialog title={w('help.title')} onClose={onClose} wide name="help">
      <div class="keys" tabIndex={0}>
        <Group title={w('help.image')} rows={bound(commands.filter((c) => !c.id.startsWith('preset.')))} />
        <Group title={w('help.marks')} rows={bound(more)} />
        <div>
          <Group title={w('help.mouse')} rows={[...mouse.map(([gesture, text]): [string[], string] => [[t(gesture)], t(text)]), [[t('mouse.double')], w('help.double')]]} />
          {page.length ? <Group title={w('help.page')} rows={page.map(([keys, text]) => [keys, t(text)])} /> : null}
          <Group
            title={w('help.presets')}
            rows={presetsFor('CT').map((p) => [[p.key], `${t(`window.${p.id}`)}  W${p.width} L${p.center}`])}
          />
        </div>
      </div>
    </Dialog>
  );
}

function Group({ title, rows }: { title: string; rows: [string[], string][] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([keys, text]) => (
          <div key={keys.join() + text}>
            <dt>
              {keys.map((k) => (
                <kbd key={k}>{k}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
