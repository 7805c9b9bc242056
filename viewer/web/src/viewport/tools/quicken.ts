const slow = 0.6; // px/ms: a hand that looks at every slice
const most = 4;

/** How many times further a scroll goes at a speed in px/ms. */
export function quicken(speed: number): number {
  return Math.max(1, Math.min(most, speed / slow));
}

// Wheel counts the notches of a wheel into slices: one each, more when they come
// fast; the small steps of a touchpad add up.
export class Wheel {
  private carry = 0;
  private last = -Infinity;
  private run = 0;

  /** Slices to scroll for a wheel event of so many pixels at a time in ms. */
  turn(pixels: number, time: number): number {
    const since = time - this.last;
    this.last = time;
    if (Math.abs(pixels) >= 50) {
      this.carry = 0;
      this.run = since < 45 ? this.run + 1 : 0;
      const times = Math.min(most, 1 + Math.floor(this.run / 6));
      return Math.sign(pixels) * times * Math.max(1, Math.round(Math.abs(pixels) / 120));
    }
    this.carry += pixels / 30;
    const n = Math.trunc(this.carry);
    this.carry -= n;
    return n;
  }
}
