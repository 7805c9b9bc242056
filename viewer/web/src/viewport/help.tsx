import { t, type Key } from '../i18n';
import { Dialog } from '../ui/dialog';
import { presetsFor } from './window';

type Row = [keys: string[], text: Key];

const image: Row[] = [
  [['↑', '↓'], 'key.scroll'],
  [['PageUp', 'PageDown'], 'key.scroll10'],
  [['Home', 'End'], 'key.ends'],
  [['←', '→'], 'key.series'],
  [['0'], 'key.file'],
  [['9'], 'key.auto'],
  [['+', '−'], 'key.zoom'],
  [['F'], 'tool.fit'],
  [['I'], 'tool.invert'],
  [['R'], 'tool.rotate'],
  [['H', 'V'], 'key.flip'],
  [['Backspace'], 'tool.reset'],
  [['W', 'S', 'Z', 'P'], 'key.tools'],
];
const mouse: [gesture: Key, text: Key][] = [
  ['mouse.wheel', 'key.scroll'],
  ['mouse.right', 'tool.window'],
  ['mouse.middle', 'tool.pan'],
  ['mouse.ctrl', 'tool.zoom'],
  ['mouse.double', 'tool.fit'],
];

export function Help({ page, onClose }: { page: Row[]; onClose: () => void }) {
  return (
    <Dialog title={t('help.title')} onClose={onClose} wide name="help">
      <div class="keys">
        <Group title={t('help.image')} rows={image} />
        <div>
          <Group title={t('help.mouse')} rows={mouse.map(([gesture, text]) => [[t(gesture)], text])} />
          {page.length ? <Group title={t('help.page')} rows={page} /> : null}
        </div>
        <section>
          <h3>{t('window.group.ct')}</h3>
          <dl>
            {presetsFor('CT').map((p) => (
              <div key={p.id}>
                <dt>
                  <kbd>{p.key}</kbd>
                </dt>
                <dd>
                  {t(`window.${p.id}`)} <span class="muted">W{p.width} L{p.center}</span>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

function Group({ title, rows }: { title: string; rows: Row[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([keys, text]) => (
          <div key={keys.join()}>
            <dt>
              {keys.map((k) => (
                <kbd key={k}>{k}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export type { Row };
