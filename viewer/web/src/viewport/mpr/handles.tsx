import { useRef } from 'preact/hooks';
import { w } from '../bench/words';
import { orientations, traceOf, type Orientation, type Planes } from './planes';

interface Props {
  planes: Planes;
  on: Orientation;
  /** Where the planes meet, in pixels of the pane. */
  at: [x: number, y: number];
  width: number;
  height: number;
  /** By an angle in radians, clockwise as it is looked at. */
  onTurn: (angle: number) => void;
}

// A gap around the place that is looked at, and the radius of what is taken hold of: a
// finger needs more than is seen.
const gap = 8;
const seen = 5;
const grip = 22;
// The letters of the directions stand at the edges.
const margin = 48;

/** The lines in which the other two planes cut this one, with grips that turn them. */
export function Handles({ planes, on, at, width, height, onTurn }: Props) {
  const held = useRef<number | null>(null);
  const [x, y] = at;
  const reach = Math.hypot(width, height);
  const least = Math.min(width, height);
  const arm = Math.max(gap + grip, Math.min(0.36 * least, least / 2 - margin));
  const others = orientations.filter((o) => o !== on);
  const ends = others.flatMap((o) => {
    const [dx, dy] = traceOf(planes, on, o);
    return [1, -1].map((k) => ({ plane: o, dx: k * dx, dy: k * dy }));
  });
  const angleOf = (e: PointerEvent) => {
    const box = (e.currentTarget as SVGElement).ownerSVGElement!.getBoundingClientRect();
    return Math.atan2(e.clientY - box.top - y, e.clientX - box.left - x);
  };
  const take = (e: PointerEvent) => {
    if (e.button !== 0) return;
    e.stopPropagation();
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
    held.current = angleOf(e);
  };
  const drag = (e: PointerEvent) => {
    if (held.current === null) return;
    e.stopPropagation();
    const now = angleOf(e);
    onTurn(now - held.current);
    held.current = now;
  };
  const letGo = () => (held.current = null);
  return (
    <svg class="layer mpr-lines" width={width} height={height}>
      {ends.map(({ plane, dx, dy }) => (
        <path key={`${plane} ${dx > 0 || (dx === 0 && dy > 0)}`} class="line" data-trace={plane} d={`M${x + gap * dx} ${y + gap * dy}L${x + reach * dx} ${y + reach * dy}`} />
      ))}
      {ends.map(({ plane, dx, dy }, i) => (
        <g key={i} class="mpr-grip" data-grip={plane} onPointerDown={take} onPointerMove={drag} onPointerUp={letGo} onPointerCancel={letGo}>
          <title>{w('mpr.turn')}</title>
          <circle class="reach" cx={x + arm * dx} cy={y + arm * dy} r={grip} />
          <circle class="seen" cx={x + arm * dx} cy={y + arm * dy} r={seen} />
        </g>
      ))}
    </svg>
  );
}
