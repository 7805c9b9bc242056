import type { ComponentChildren } from 'preact';
import { num, t } from '../i18n';
import { edgeLetters, scaleBar, slicePosition } from './geometry';
import type { Presentation } from './presentation';
import { isLossy } from './stack';
import { unitOf } from './units';
import type { Probe, Viewer } from './viewer';

// Of the frame looked at, once it is here: frames may lie in places of their own.
function shownAs(viewer: Viewer): Presentation {
  void viewer.loader.version.value;
  return viewer.presentation(viewer.slot.value!);
}

export function Letters({ viewer }: { viewer: Viewer }) {
  const slot = viewer.slot.value;
  const edges = slot && viewer.shown.value !== 'nothing' ? edgeLetters(shownAs(viewer).orientation, viewer.view.value) : null;
  if (!edges) return null;
  return (
    <div class="letters" aria-hidden="true">
      <span class="top">{edges.top}</span>
      <span class="bottom">{edges.bottom}</span>
      <span class="left-edge">{edges.left}</span>
      <span class="right-edge">{edges.right}</span>
    </div>
  );
}

/** children are the lines about patient and study: they differ by page. */
export function Corners({ viewer, scale, children }: { viewer: Viewer; scale: number; children?: ComponentChildren }) {
  const slot = viewer.slot.value;
  return (
    <>
      {children}
      {slot ? (
        <>
          <Where viewer={viewer} />
          <How viewer={viewer} scale={scale} />
        </>
      ) : null}
    </>
  );
}

function Where({ viewer }: { viewer: Viewer }) {
  const series = viewer.current.value;
  const slot = viewer.slot.value!;
  const i = slot.instance;
  const p = shownAs(viewer);
  const position = slicePosition(p.position, p.orientation);
  return (
    <div class="corner bottom-left">
      <div class="corner-strong" data-slice={viewer.index.value + 1} data-slices={viewer.slots.value.length}>
        {viewer.index.value + 1} / {viewer.slots.value.length}
        {i.frames > 1 ? <span class="corner-dim"> {t('image.frame', { n: slot.frame, of: i.frames })}</span> : null}
      </div>
      <div>
        {series?.number !== null && series?.number !== undefined ? `S${series.number} ` : ''}
        {series?.description}
      </div>
      <div class="roomy">
        {position === null ? '' : `${num(position, 1)} mm`}
        {i.sliceThickness ? `  T ${num(i.sliceThickness, 1)} mm` : ''}
      </div>
      {i.laterality && i.laterality !== 'U' ? <div>{i.laterality}</div> : null}
      {isLossy(i) ? <div class="corner-warn">{t('image.lossy')}</div> : null}
      {i.conflict ? <div class="corner-warn">{t('image.conflict')}</div> : null}
    </div>
  );
}

function How({ viewer, scale }: { viewer: Viewer; scale: number }) {
  const slot = viewer.slot.value!;
  const w = viewer.shown.value === 'frame' ? viewer.drawn.value : null;
  const probe = viewer.probe.value;
  return (
    <div class="corner bottom-right">
      {probe ? <div data-probe="">{probeText(probe, unitOf(slot.instance, shownAs(viewer), viewer.current.value?.modality ?? ''))}</div> : null}
      {w ? (
        <div class="corner-strong" data-window={w.table ? 'table' : `${w.center}/${w.width}`}>
          {w.table ? `${t('window.table')} ${w.explanation ?? ''}` : `W ${short(w.width)} L ${short(w.center)}`}
        </div>
      ) : null}
      {scale > 0 ? <div class="roomy">{t('image.zoom', { n: Math.round(scale * 100) })}</div> : null}
    </div>
  );
}

function probeText(p: Probe, unit: string): string {
  const at = `(${p.column}, ${p.row})`;
  if (p.values.length === 3) return `${at} RGB ${p.values.join(' ')}`;
  return `${at} ${short(p.values[0]!)} ${unit}`.trimEnd();
}

function short(v: number): string {
  return Number.isInteger(v) ? String(v) : v.toFixed(Math.abs(v) < 10 ? 2 : 1);
}

export function Scale({ viewer, scale, width }: { viewer: Viewer; scale: number; width: number }) {
  const slot = viewer.slot.value;
  const turned = viewer.view.value.turns % 2 !== 0;
  const spacing = slot ? shownAs(viewer).pixelSpacing : null;
  // scaleX counts screen pixels a column, and pixels are drawn in shape: a
  // millimetre is as long down as across, turned or not.
  const bar = slot && viewer.shown.value !== 'nothing' ? scaleBar(spacing, scale, Math.min(260, width / 3)) : null;
  if (!bar) return null;
  return (
    <div class="scale" aria-hidden="true" data-turned={turned}>
      <span class="scale-bar" style={{ width: `${bar.pixels}px` }} />
      <span>{bar.mm >= 10 ? `${bar.mm / 10} cm` : `${bar.mm} mm`}</span>
    </div>
  );
}
