import { signal } from '@preact/signals';
import { api } from '../session';

/** The time on the server's clock, moving once a second. */
export const now = signal(Date.now());

export function followClock() {
  const tick = () => {
    now.value = Date.now() + api.clock.offsetMs;
    // On the second, so that every counter of the page steps together.
    setTimeout(tick, 1000 - (now.value % 1000));
  };
  tick();
}
