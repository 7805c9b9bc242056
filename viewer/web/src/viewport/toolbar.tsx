import { t, type Key } from '../i18n';
import { Button } from '../ui/controls';
import type { IconName } from '../ui/icon';
import type { Stage } from './stage';
import type { Navigation } from './tools/tool';
import type { Viewer } from './viewer';
import { presetsFor, type VOI } from './window';

const tools: { id: Navigation; icon: IconName; key: string }[] = [
  { id: 'window', icon: 'window', key: 'W' },
  { id: 'scroll', icon: 'stack', key: 'S' },
  { id: 'zoom', icon: 'zoom', key: 'Z' },
  { id: 'pan', icon: 'pan', key: 'P' },
  { id: 'crosshair', icon: 'crosshair', key: 'X' },
];

export function Toolbar({ stage }: { stage: Stage }) {
  const viewer = stage.active.value;
  const More = stage.bench.value?.Tools;
  return (
    <div class="toolbar" role="toolbar" aria-label={t('tool.label')}>
      <div class="tool-group">
        {tools.map((x) => (
          <Button key={x.id} icon={x.icon} kind="quiet" label={`${t(`tool.${x.id}` as Key)} (${x.key})`} act={`tool-${x.id}`} pressed={stage.tool.value === x.id} onClick={() => (stage.tool.value = x.id)} />
        ))}
      </div>
      <WindowPicker viewer={viewer} />
      {More ? <More stage={stage} /> : null}
    </div>
  );
}

function WindowPicker({ viewer }: { viewer: Viewer }) {
  const slot = viewer.slot.value;
  const modality = viewer.current.value?.modality ?? '';
  if (!slot || slot.instance.samples === 3 || (slot.instance.photometric && !slot.instance.photometric.startsWith('MONOCHROME'))) return null;
  void viewer.loader.version.value;
  const own = viewer.presentation(slot).looks;
  const source = viewer.source.value;
  const value = source === 'file' ? `file:${viewer.fileWindow.value}` : source;
  const choose = (v: string) => {
    if (v.startsWith('file:')) viewer.useFileWindow(Number(v.slice(5)));
    else if (v === 'auto') viewer.useAuto();
    else if (v !== 'custom') viewer.usePreset(v);
  };
  return (
    <label class="preset">
      <span class="sr">{t('window.label')}</span>
      <select
        value={value}
        data-act="preset"
        onChange={(e) => {
          choose(e.currentTarget.value);
          e.currentTarget.blur();
        }}
      >
        <optgroup label={t('window.group.file')}>
          {(own.length ? own : [null]).map((w, n) => (
            <option key={n} value={`file:${n}`}>
              {w ? lookName(w) : t('window.file')}
              {n === 0 ? ' [0]' : ''}
            </option>
          ))}
          <option value="auto">{t('window.auto')} [9]</option>
          {source === 'custom' ? <option value="custom">{t('window.custom')}</option> : null}
        </optgroup>
        {presetsFor(modality).length ? (
          <optgroup label={t('window.group.ct')}>
            {presetsFor(modality).map((p) => (
              <option key={p.id} value={p.id}>
                {t(`window.${p.id}`)} · W{p.width} L{p.center} [{p.key}]
              </option>
            ))}
          </optgroup>
        ) : null}
      </select>
    </label>
  );
}

function lookName(w: VOI): string {
  if (w.table) return [t('window.table'), w.explanation].filter(Boolean).join(' · ');
  return `${w.explanation || t('window.file')} · W${Math.round(w.width)} L${Math.round(w.center)}`;
}
