import { effect } from '@preact/signals';
import { placeOf, type Place } from '../../room/look';
import { depth, parallel } from '../space/plane';
import { slotsOf } from '../stack';
import type { Stage } from '../stage';
import { nearest, sameSpace } from '../sync';

const name = 'dokuei.windows';

interface Told {
  study: string;
  place: Place;
}

// Windows keeps the windows in which one person has the same study open in step:
// on several monitors, the one that is worked in shows the others where to be. All
// of it stays in the browser (BroadcastChannel reaches pages of one origin only).
export class Windows {
  private readonly channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(name) : null;
  private readonly off: () => void;
  private last = '';

  constructor(
    private readonly stage: Stage,
    private readonly study: () => string,
  ) {
    this.channel?.addEventListener('message', this.heard);
    this.off = effect(() => {
      const place = placeOf(stage.active.value, null);
      if (!place || !stage.linked.value) return;
      const text = JSON.stringify(place);
      // What was heard is not told again; and only the window in front tells.
      if (text === this.last || !document.hasFocus()) return;
      this.last = text;
      this.channel?.postMessage({ study: study(), place } satisfies Told);
    });
  }

  private readonly heard = ({ data }: MessageEvent<Told>) => {
    if (data.study !== this.study() || !this.stage.linked.peek() || document.hasFocus()) return;
    this.last = JSON.stringify(data.place);
    step(this.stage, data.place);
  };

  stop() {
    this.off();
    this.channel?.close();
  }
}

/** Brings the active pane to where another window is. */
export function step(stage: Stage, p: Place) {
  const v = stage.active.value;
  const series = stage.series.value.find((s) => s.id === p.series);
  const there = series && slotsOf(series).find((s) => s.instance.id === p.instance && s.frame === p.frame);
  const here = v.slot.value;
  if (!there || !here) return;
  if (v.active.value === p.series) {
    v.goTo(v.slots.value.findIndex((s) => s.key === there.key));
    return;
  }
  const [a, b] = [v.plane(there), v.plane(here)];
  if (!a || !b || !sameSpace(there, here) || !parallel(a, b)) return;
  v.goTo(nearest(v, (q) => Math.abs(depth(a, q))));
}
