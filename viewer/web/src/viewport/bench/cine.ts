import { signal } from '@preact/signals';
import type { Stage } from '../stage';

const usual = 15;
const [least, most] = [1, 60];

// Cine plays the stack of the active pane in a circle. It shows no slice that is
// not there yet: it waits for it.
export class Cine {
  readonly playing = signal(false);
  readonly rate = signal(usual);
  private timer = 0;
  private due = 0;

  constructor(private readonly stage: Stage) {}

  toggle() {
    if (this.playing.value) return this.stop();
    const ms = this.stage.active.value.slot.value?.instance.frameTime;
    if (ms) this.setRate(1000 / ms);
    this.playing.value = true;
    this.due = performance.now();
    this.timer = requestAnimationFrame(this.tick);
  }

  setRate(n: number) {
    this.rate.value = Math.max(least, Math.min(most, Math.round(n)));
  }

  stop() {
    cancelAnimationFrame(this.timer);
    this.playing.value = false;
  }

  private readonly tick = (now: number) => {
    this.timer = requestAnimationFrame(this.tick);
    if (now < this.due) return;
    const v = this.stage.active.value;
    const n = v.slots.value.length;
    if (n < 2) return this.stop();
    // A tab that slept does not run after what it missed.
    this.due = Math.max(this.due + 1000 / this.rate.value, now - 250);
    const next = (v.index.value + 1) % n;
    const s = v.slots.value[next]!;
    if (v.loader.frame(s.key) || v.loader.preview(s.key) || v.loader.trouble(s.key)) this.stage.goTo(next, v);
  };
}
