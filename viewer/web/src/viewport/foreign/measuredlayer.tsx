import type { Placing } from '../placing';
import type { Seen } from './measured';
import { outline, pathOf } from './path';

/** What others have measured on the frame looked at, unlike the reader's own marks in colour and line. */
export function MeasuredLayer({ seen, placing }: { seen: Seen[]; placing: Placing }) {
  return (
    <>
      {seen.map((s) => {
        const shapes = s.pieces.map((x) => outline(x.type, x.points.map((p) => placing.toScreen(p))));
        const d = shapes.map(pathOf).join('');
        const right = shapes.flatMap((x) => x.lines).flat().reduce((a, b) => (b[0] > a[0] ? b : a));
        const x = Math.min(right[0] + 8, placing.width - 60);
        return (
          <g key={s.key} class={`foreign${s.selected ? ' selected' : ''}`} data-foreign={s.type}>
            <path class="mark-shade" d={d} />
            <path class="foreign-line" d={d} />
            <text class="mark-words foreign-words" x={x} y={right[1]}>
              {s.words.map((line, i) => (
                <tspan key={i} x={x} dy={i ? '1.25em' : 0}>
                  {line}
                </tspan>
              ))}
            </text>
          </g>
        );
      })}
    </>
  );
}
