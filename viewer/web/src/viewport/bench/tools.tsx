import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { Button } from '../../ui/controls';
import type { IconName } from '../../ui/icon';
import type { Softcopy } from '../foreign/softcopy';
import { StateMenu } from '../foreign/statemenu';
import type { Command } from '../commands';
import { keysOf } from '../hotkeys';
import { mostRows, type Stage } from '../stage';
import { markKinds, type MarkKind } from '../tools/tool';
import type { MarkDesk } from './desk';
import { keyText } from './keytext';
import { Item, Menu } from './menu';
import { w } from './words';

const icons: Record<MarkKind, IconName> = {
  length: 'ruler',
  angle: 'angle',
  cobb: 'cobb',
  bidirectional: 'bidirectional',
  ellipse: 'ellipse',
  rectangle: 'rectangle',
  freehand: 'freehand',
  arrow: 'arrow',
  text: 'text',
  point: 'crosshair',
};

export function Tools({ stage, desk, commands, softcopy }: { stage: Stage; desk: MarkDesk; commands: Command[]; softcopy: Softcopy }) {
  const { book, cine } = desk;
  const command = (id: string) => commands.find((c) => c.id === id);
  const key = (id: string) => {
    const c = command(id);
    return c ? keyText(keysOf(c)[0] ?? '') : '';
  };
  const run = (id: string) => command(id)?.run(stage);
  const label = (text: string, id: string) => (key(id) ? `${text} (${key(id)})` : text);
  const tool = stage.tool.value;
  const other = markKinds.find((k) => k === tool && k !== 'length' && k !== 'ellipse' && k !== 'arrow');
  const viewer = stage.active.value;
  const views = [
    ['invert', 'invert', 'I', () => viewer.invert()],
    ['rotate', 'rotate', 'R', () => viewer.turn()],
    ['flipH', 'flip-h', 'H', () => viewer.flip('h')],
    ['flipV', 'flip-v', 'V', () => viewer.flip('v')],
    ['fit', 'fit', 'F', () => viewer.fit()],
    ['reset', 'reset', 'Backspace', () => viewer.reset()],
  ] as const;
  return (
    <>
      {[views.slice(0, 4), views.slice(4)].map((some, n) => (
        <div key={n} class="tool-group spread" data-tools="view">
          {some.map(([id, act, keys, run]) => (
            <Button key={id} icon={id} kind="quiet" label={`${t(`tool.${id}`)} (${keys})`} act={act} pressed={id === 'invert' ? viewer.view.value.invert : undefined} onClick={run} />
          ))}
        </div>
      ))}
      <div class="tool-group folded" data-tools="view">
        <Menu icon="rotate" label={w('view.menu')} act="view">
          {(close) =>
            views.map(([id, , keys, act]) => (
              <Item
                key={id}
                icon={id}
                text={t(`tool.${id}`)}
                keys={keys}
                pressed={id === 'invert' && viewer.view.value.invert}
                act={`view-${id}`}
                onClick={() => {
                  act();
                  close();
                }}
              />
            ))
          }
        </Menu>
      </div>
      <div class="tool-group" data-tools="marks">
        {(['length', 'ellipse', 'arrow', ...(other ? [other] : [])] as const).map((k) => (
          <Button key={k} icon={icons[k]} kind="quiet" label={label(w(`mark.${k}`), `mark.${k}`)} act={`mark-${k}`} pressed={tool === k} onClick={() => run(`mark.${k}`)} />
        ))}
        <Menu icon="pen" label={w('mark.menu')} act="marks">
          {(close) => (
            <>
              {markKinds.map((k) => (
                <Item
                  key={k}
                  icon={icons[k]}
                  text={w(`mark.${k}`)}
                  keys={key(`mark.${k}`)}
                  pressed={tool === k}
                  act={`pick-${k}`}
                  onClick={() => {
                    run(`mark.${k}`);
                    close();
                  }}
                />
              ))}
              <hr />
              <Item text={w('mark.hide')} keys={key('mark.hide')} pressed={desk.visible.value} act="marks-visible" onClick={() => run('mark.hide')} />
              <Item text={w('mark.delete')} keys={key('mark.delete')} disabled={!book.selected.value} act="mark-delete" onClick={() => run('mark.delete')} />
              <Item text={w('mark.clear')} act="mark-clear" onClick={() => run('mark.clear')} />
            </>
          )}
        </Menu>
        <Button icon="star" kind="quiet" label={label(w('keys.add'), 'key.add')} act="key-add" onClick={() => run('key.add')} />
        <Button icon="undo" kind="quiet" label={label(w('mark.undo'), 'undo')} act="undo" disabled={!book.canUndo.value} onClick={() => book.undo()} />
        <Button icon="redo" kind="quiet" label={label(w('mark.redo'), 'redo')} act="redo" disabled={!book.canRedo.value} onClick={() => book.redo()} />
      </div>
      <div class="tool-group" data-tools="layout">
        <Menu icon="grid" label={w('layout.menu')} act="layout">
          {(close) => (
            <GridPicker
              stage={stage}
              onPick={(r, c) => {
                stage.setGrid(r, c);
                close();
              }}
            />
          )}
        </Menu>
        <Button icon="link" kind="quiet" label={label(w('layout.link'), 'link')} act="link" pressed={stage.linked.value} onClick={() => run('link')} />
        {stage.active.value.slot.value?.instance.overlays ? <Button icon="stack" kind="quiet" label={label(w('layout.overlays'), 'overlays')} act="overlays" pressed={stage.overlays.value} onClick={() => run('overlays')} /> : null}
        <StateMenu softcopy={softcopy} />
        <Button icon="lines" kind="quiet" label={label(w('layout.lines'), 'lines')} act="lines" pressed={stage.lines.value} onClick={() => run('lines')} />
        <Button icon="cube" kind="quiet" label={label(w('mpr.open'), 'mpr')} act="mpr" pressed={stage.instead.value !== null} onClick={() => run('mpr')} />
        <Button icon={cine.playing.value ? 'pause' : 'play'} kind="quiet" label={label(w('cine.play'), 'cine')} act="cine" pressed={cine.playing.value} onClick={() => cine.toggle()} />
        {cine.playing.value ? (
          <span class="cine-rate">
            <input type="range" min={1} max={60} value={cine.rate.value} aria-label={w('cine.rate', { n: cine.rate.value })} onInput={(e) => cine.setRate(e.currentTarget.valueAsNumber)} />
            {w('cine.rate', { n: cine.rate.value })}
          </span>
        ) : null}
      </div>
      <div class="tool-group">
        <Menu icon="gear" label={w('hotkeys.title')} act="settings">
          {(close) =>
            (['hanging', 'hotkeys', 'monitor'] as const).map((id) => (
              <Item
                key={id}
                text={w(`${id}.title`)}
                act={`open-${id}`}
                onClick={() => {
                  close();
                  run(id);
                }}
              />
            ))
          }
        </Menu>
        <Button icon="help" kind="quiet" label={label(w('help.open'), 'help')} act="help" onClick={() => run('help')} />
      </div>
    </>
  );
}

const sizes = Array.from({ length: mostRows }, (_, i) => i + 1);

function GridPicker({ stage, onPick }: { stage: Stage; onPick: (rows: number, columns: number) => void }) {
  const now = stage.grid.value;
  const [over, setOver] = useState(now);
  return (
    <div class="grid-picker" role="group" aria-label={w('layout.menu')}>
      {sizes.map((r) => (
        <div key={r} class="grid-row">
          {sizes.map((c) => (
            <button
              key={c}
              type="button"
              class={r <= over.rows && c <= over.columns ? 'on' : ''}
              aria-label={w('layout.of', { rows: r, columns: c })}
              aria-pressed={r === now.rows && c === now.columns}
              data-grid={`${r}x${c}`}
              onPointerEnter={() => setOver({ rows: r, columns: c })}
              onFocus={() => setOver({ rows: r, columns: c })}
              onClick={() => onPick(r, c)}
            />
          ))}
        </div>
      ))}
      <p>{w('layout.of', { rows: over.rows, columns: over.columns })}</p>
    </div>
  );
}
