import type { Placing } from '../placing';
import { crossing, toPlane, type Plane } from '../space/plane';
import type { Stage } from '../stage';
import { sameSpace } from '../sync';
import type { Viewer } from '../viewer';

/** Where the slice of the active pane cuts this one; on a localiser also where its stack begins and ends. */
export function Lines({ stage, viewer, placing }: { stage: Stage; viewer: Viewer; placing: Placing }) {
  const from = stage.active.value;
  const [here, there] = [viewer.slot.value, from.slot.value];
  if (from === viewer || !here || !there || !sameSpace(here, there)) return null;
  const plane = viewer.plane(here);
  if (!plane) return null;
  const slots = from.slots.value;
  const ends = [slots[0], slots.at(-1)].filter((s) => s && s !== there && sameSpace(here, s)).map((s) => from.plane(s!));
  return (
    <g data-lines="">
      {ends.map((p, i) => (
        <Line key={i} on={plane} of={p} placing={placing} kind="line-end" />
      ))}
      <Line on={plane} of={from.plane(there)} placing={placing} kind="line" />
    </g>
  );
}

function Line({ on, of, placing, kind }: { on: Plane; of: Plane | null; placing: Placing; kind: string }) {
  const cut = of && crossing(on, of);
  if (!cut) return null;
  const [[x1, y1], [x2, y2]] = [placing.toScreen(cut[0]), placing.toScreen(cut[1])];
  return <line class={kind} x1={x1} y1={y1} x2={x2} y2={y2} />;
}

// A place counts as on a slice when it is no farther than this from it.
const near = 5; // mm

/** Where somebody else points. */
export function Guest({ stage, viewer, placing }: { stage: Stage; viewer: Viewer; placing: Placing }) {
  const guest = stage.guest.value;
  if (!guest || viewer !== stage.active.value) return null;
  const [x, y] = placing.toScreen(guest.at);
  return (
    <g class="guest" data-guest="" transform={`translate(${x} ${y})`}>
      <path d="M0 0V17L4.500 13L8 20L11 18.500L7.500 12H13Z" />
      <text x="14" y="22">
        {guest.name}
      </text>
    </g>
  );
}

/** The place that the crosshair points at. */
export function Cross({ stage, viewer, placing }: { stage: Stage; viewer: Viewer; placing: Placing }) {
  const pointed = stage.pointed.value;
  const slot = viewer.slot.value;
  if (!pointed || stage.tool.value !== 'crosshair' || slot?.instance.frameOfReference !== pointed.frameOfReference) return null;
  const plane = viewer.plane(slot);
  if (!plane) return null;
  const { point, distance } = toPlane(plane, pointed.at);
  const [x, y] = placing.toScreen(point);
  return (
    <g class={`cross${Math.abs(distance) > near ? ' far' : ''}`} data-cross="">
      <path d={`M${x - 22} ${y}H${x - 5}M${x + 5} ${y}H${x + 22}M${x} ${y - 22}V${y - 5}M${x} ${y + 5}V${y + 22}`} />
    </g>
  );
}
