import { useMemo } from 'preact/hooks';
import { cellsPicture, PlaneCanvas } from '../bench/planes';
import type { Placing } from '../placing';
import type { Slot } from '../stack';
import type { Point } from '../space/plane';
import { outline, pathOf, type XY } from './path';
import { areaOf, covers, labColour, layerColour, type GraphicText, type Shutter, type State } from './state';

/** What a presentation state draws over a frame: shutters, planes, graphics and text by layer. */
export function StateLayer({ state: s, hidden, slot, placing }: { state: State | null; hidden: ReadonlySet<string>; slot: Slot; placing: Placing }) {
  if (!s) return null;
  const order = (name: string) => s.layers?.find((l) => l.name === name)?.order ?? 0;
  const annotations = (s.annotations ?? []).filter((a) => covers(a.images, slot.instance.sopInstanceUid, slot.frame) && !hidden.has(a.layer)).sort((a, b) => order(a.layer) - order(b.layer));
  const to = placer(s, slot, placing);
  return (
    <>
      <StatePlanes state={s} hidden={hidden} placing={placing} />
      <svg class="layer state" width={placing.width} height={placing.height} viewBox={`0 0 ${placing.width} ${placing.height}`} aria-hidden="true" data-state={s.label}>
        {(s.shutters ?? []).filter((x) => x.shape !== 'BITMAP').map((x, i) => (
          <path key={i} class="state-shutter" data-shutter={x.shape} fill-rule="evenodd" style={{ fill: grey(s.shutterGrey) }} d={shutterPath(x, placing)} />
        ))}
        {annotations.map((a, i) => (
          <g key={i} data-graphic-layer={a.layer} style={{ color: layerColour(s, a.layer) }}>
            {(a.graphics ?? []).map((g, k) => {
              const d = pathOf(outline(g.type, g.points.map((p) => to(g.units, p))));
              return (
                <g key={k} data-graphic={g.type} style={g.lab ? { color: labColour(g.lab) } : undefined}>
                  <path class="mark-shade" d={d} />
                  <path class={`state-line${g.filled ? ' filled' : ''}`} d={d} />
                </g>
              );
            })}
            {(a.texts ?? []).map((t, k) => (
              <Words key={k} text={t} to={to} placing={placing} />
            ))}
          </g>
        ))}
      </svg>
    </>
  );
}

const grey = (v: number) => `rgb(${Math.round(v * 255)} ${Math.round(v * 255)} ${Math.round(v * 255)})`;

/** From the coordinates of an annotation to the screen. */
function placer(s: State, slot: Slot, placing: Placing): (units: string, p: Point) => XY {
  const { from, to } = areaOf(s, slot.instance.sopInstanceUid, slot.frame, placing.columns, placing.rows);
  const [a, b] = [placing.toScreen(from), placing.toScreen(to)];
  const left = Math.min(a[0], b[0]);
  const top = Math.min(a[1], b[1]);
  return (units, p) => (units === 'DISPLAY' ? [left + p[0] * Math.abs(b[0] - a[0]), top + p[1] * Math.abs(b[1] - a[1])] : placing.toScreen(p));
}

const roundness = 96;

// All of the picture but what the shape leaves open. Pixels have numbers from 1; those
// named are shown.
function shutterPath(x: Shutter, placing: Placing): string {
  const { columns, rows, aspect } = placing;
  const ring = (points: Point[]) => pathOf({ lines: [points.map((p) => placing.toScreen(p))], closed: true });
  const all = ring([[0, 0], [columns, 0], [columns, rows], [0, rows]]);
  const kept = (v: Point): Point => [Math.max(0, Math.min(columns, v[0])), Math.max(0, Math.min(rows, v[1]))];
  switch (x.shape) {
    case 'RECTANGULAR': {
      const [left, right, upper, lower] = x.edges;
      return all + ring(([[left - 1, upper - 1], [right, upper - 1], [right, lower], [left - 1, lower]] as Point[]).map(kept));
    }
    case 'CIRCULAR':
      return (
        all +
        ring(
          Array.from({ length: roundness }, (_, i) => {
            const t = (i / roundness) * 2 * Math.PI;
            return kept([x.center[0] - 0.5 + x.radius * Math.cos(t), x.center[1] - 0.5 + (x.radius / aspect) * Math.sin(t)]);
          }),
        )
      );
    default:
      return all + ring((x.points ?? []).map(([c, r]) => kept([c - 0.5, r - 0.5])));
  }
}

const tallest = 22;
const leading = 1.25;

function Words({ text, to, placing }: { text: GraphicText; to: (units: string, p: Point) => XY; placing: Placing }) {
  const lines = text.value.split(/\r\n|\r|\n/);
  const anchor = text.anchor && to(text.anchor.units, text.anchor.at);
  const box = text.box && [to(text.box.units, text.box.topLeft), to(text.box.units, text.box.bottomRight)];
  let at: XY = [(anchor?.[0] ?? 0) + 8, anchor?.[1] ?? 0];
  let align = 'start';
  let size = 13;
  if (box) {
    const [[x1, y1], [x2, y2]] = box as [XY, XY];
    const [left, top, right, bottom] = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
    align = text.box!.align === 'CENTER' ? 'middle' : text.box!.align === 'RIGHT' ? 'end' : 'start';
    size = Math.max(11, Math.min(tallest, (bottom - top) / lines.length / leading));
    at = [align === 'middle' ? (left + right) / 2 : align === 'end' ? right : left, top + size];
  }
  return (
    <>
      {anchor && box && text.anchor!.visible ? <path class="state-line lead" d={pathOf({ lines: [[anchor, nearest(box as [XY, XY], anchor)]], closed: false })} /> : null}
      {anchor && !box && text.anchor!.visible ? <path class="state-line" d={pathOf(outline('POINT', [anchor]))} /> : null}
      <text class="mark-words state-words" x={at[0]} y={Math.min(placing.height - 4, at[1])} text-anchor={align} style={{ fontSize: `${size.toFixed(1)}px` }}>
        {lines.map((l, i) => (
          <tspan key={i} x={at[0]} dy={i ? `${leading}em` : 0}>
            {l}
          </tspan>
        ))}
      </text>
    </>
  );
}

/** The place of a box that is nearest to its anchor. */
function nearest([[x1, y1], [x2, y2]]: [XY, XY], [x, y]: XY): XY {
  return [Math.max(Math.min(x1, x2), Math.min(Math.max(x1, x2), x)), Math.max(Math.min(y1, y2), Math.min(Math.max(y1, y2), y))];
}

function StatePlanes({ state, hidden, placing }: { state: State; hidden: ReadonlySet<string>; placing: Placing }) {
  const drawn = useMemo(
    () =>
      (state.planes ?? []).map((plane) => {
        const shuts = state.shutters?.some((x) => x.shape === 'BITMAP' && x.plane === plane.group);
        const v = Math.round(state.shutterGrey * 255);
        return { plane, shuts, picture: shuts ? cellsPicture(plane, [v, v, v, 255]) : cellsPicture(plane) };
      }),
    [state],
  );
  const shown = drawn.filter((d) => d.shuts || !hidden.has(d.plane.layer ?? ''));
  return shown.length ? <PlaneCanvas drawn={shown} placing={placing} /> : null;
}
