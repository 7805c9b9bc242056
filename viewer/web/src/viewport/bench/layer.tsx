import { useEffect, useRef } from 'preact/hooks';
import { num } from '../../i18n';
import type { Mark } from '../marks/mark';
import { measure } from '../marks/measure';
import { scaleAt } from '../marks/scale';
import { shapeOf } from '../marks/shape';
import type { Measures } from '../foreign/measured';
import { MeasuredLayer } from '../foreign/measuredlayer';
import type { Softcopy } from '../foreign/softcopy';
import { StateLayer } from '../foreign/statelayer';
import type { Placing } from '../placing';
import type { Slot } from '../stack';
import type { Stage } from '../stage';
import { ucum, unitOf, unitText } from '../units';
import type { Viewer } from '../viewer';
import type { MarkDesk } from './desk';
import { Cross, Guest, Lines } from './lines';
import { Planes } from './planes';
import { w } from './words';

/** What is drawn over a pane: lines of other panes, the place pointed at, marks. */
export function Layer({ stage, viewer, desk, measures, softcopy }: { stage: Stage; viewer: Viewer; desk: MarkDesk; measures: Measures; softcopy: Softcopy }) {
  const placing = viewer.placing.value;
  const slot = viewer.slot.value;
  void viewer.loader.version.value;
  if (!placing || !slot) return null;
  const moving = desk.moving.value;
  const marks = desk.visible.value && viewer.shown.value === 'frame' ? desk.marksOf(slot).map((m) => (m.id === moving?.id ? desk.measured(viewer, moving) : m)) : [];
  const half = desk.drawing.value;
  const drawn = half?.viewer === viewer && half.key === slot.key ? half : null;
  const { detector } = scaleAt(viewer, slot);
  const typing = marks.find((m) => m.id === desk.typing.value);
  return (
    <>
      {slot.instance.overlays && stage.overlays.value ? <Planes slot={slot} placing={placing} /> : null}
      <StateLayer state={softcopy.over(slot)} hidden={softcopy.hidden.value} slot={slot} placing={placing} />
      <svg class="layer" width={placing.width} height={placing.height} aria-hidden="true">
        {stage.lines.value ? <Lines stage={stage} viewer={viewer} placing={placing} /> : null}
        <Guest stage={stage} viewer={viewer} placing={placing} />
        <Cross stage={stage} viewer={viewer} placing={placing} />
        {viewer.shown.value === 'frame' && desk.visible.value ? <MeasuredLayer seen={measures.on(viewer, slot)} placing={placing} /> : null}
        {marks.map((m) => (
          <Drawn key={m.id} mark={m} placing={placing} detector={detector} selected={desk.book.selected.value === m.id} hidden={typing === m} />
        ))}
        {drawn ? <Drawn mark={halfMark(drawn.kind, drawn.points, viewer, slot)} placing={placing} detector={detector} selected /> : null}
      </svg>
      {typing && viewer === stage.active.value ? <Typing desk={desk} mark={typing} at={placing.toScreen(typing.points.at(-1)!)} /> : null}
    </>
  );
}

// Not yet all points: what can be said already is said.
function halfMark(kind: Mark['kind'], points: Mark['points'], viewer: Viewer, slot: Slot): Mark {
  const scale = scaleAt(viewer, slot);
  const early = (kind === 'angle' && points.length < 3) || (kind === 'cobb' && points.length < 4) || kind === 'bidirectional';
  const frame = viewer.loader.frame(slot.key);
  const p = viewer.presentation(slot);
  const values = early ? measure('length', points, scale, frame, '') : kind === 'freehand' ? [] : measure(kind, points, scale, frame, ucum(unitOf(slot.instance, p, viewer.current.value?.modality ?? '')));
  return { id: '', kind, instance: '', frame: 0, points, text: '', values };
}

/** One mark. detector: its mm are those at the detector. */
export function Drawn({ mark, placing, detector, selected = false, hidden }: { mark: Mark; placing: Placing; detector: boolean; selected?: boolean; hidden?: boolean }) {
  const shape = shapeOf(mark.kind, mark.points, (p) => placing.toScreen(p));
  const lines = shape.lines.map((l) => l.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') + (shape.closed ? 'Z' : '')).join('');
  const words = hidden ? [] : wordsOf(mark, detector);
  return (
    <g class={`mark${selected ? ' selected' : ''}`} data-mark-kind={mark.kind} data-values={mark.values.map((v) => `${v.name}=${v.value.toFixed(3)}`).join(' ')}>
      <path class="mark-shade" d={lines} />
      <path class="mark-line" d={lines} />
      {shape.handles.map(([x, y], i) => (
        <circle key={i} class="mark-handle" cx={x} cy={y} r={selected ? 4 : 2} />
      ))}
      {words.length ? (
        <text class="mark-words" x={Math.min(shape.label[0], placing.width - 60)} y={shape.label[1]}>
          {words.map((line, i) => (
            <tspan key={i} x={Math.min(shape.label[0], placing.width - 60)} dy={i ? '1.25em' : 0}>
              {line}
            </tspan>
          ))}
        </text>
      ) : null}
    </g>
  );
}

/** What stands beside a mark, a line each. */
export function wordsOf(mark: Mark, detector: boolean): string[] {
  const of = (name: string) => mark.values.find((v) => v.name === name);
  const say = (name: string, digits = 1) => {
    const v = of(name);
    return v ? `${num(v.value, digits)} ${unitText(v.unit)}`.trim() : '';
  };
  const at = detector && mark.values.some((v) => v.unit === 'mm' || v.unit === 'mm2') ? ` (${w('mark.detector')})` : '';
  const out: string[] = mark.text ? [mark.text] : [];
  if (of('length')) out.push(say('length') + at);
  if (of('long')) out.push(`${say('long')} × ${say('short')}${at}`);
  if (of('angle')) out.push(say('angle').replace(' °', '°'));
  if (of('value')) out.push(say('value'));
  if (of('mean')) {
    const unit = unitText(of('mean')!.unit);
    out.push(`${w('value.mean')} ${num(of('mean')!.value, 1)} ${unit}`.trim(), `${w('value.sd')} ${num(of('sd')!.value, 1)}  ${num(of('min')!.value, 0)}…${num(of('max')!.value, 0)}`);
  }
  if (of('area')) out.push(say('area') + at);
  return out;
}

function Typing({ desk, mark, at }: { desk: MarkDesk; mark: Mark; at: [number, number] }) {
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => ref.current?.focus(), [mark.id]);
  return (
    <input
      ref={ref}
      class="mark-text"
      style={{ left: `${at[0]}px`, top: `${at[1]}px` }}
      maxLength={200}
      defaultValue={mark.text}
      aria-label={w('mark.text.label')}
      onKeyDown={(e) => {
        e.stopPropagation();
        if (e.isComposing) return;
        if (e.key === 'Enter') e.currentTarget.blur();
        if (e.key === 'Escape') {
          e.currentTarget.value = mark.text;
          e.currentTarget.blur();
        }
      }}
      onBlur={(e) => desk.write(mark, e.currentTarget.value)}
    />
  );
}
