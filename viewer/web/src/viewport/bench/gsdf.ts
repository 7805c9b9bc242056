// The Grayscale Standard Display Function (PS3.14 7.1).
const terms = [71.498068, 94.593053, 41.912053, 9.8247004, 0.28175407, -1.1878455, -0.18014349, 0.14710899, -0.017046845];

/** The index of a luminance in cd/m²: steps that an average observer just sees apart; 1 at 0.05 cd/m², 1023 at 3993. */
export function jndIndex(luminance: number): number {
  const log = Math.log10(luminance);
  return terms.reduce((sum, c, k) => sum + c * log ** k, 0);
}

/** How many steps lie between black and white of a monitor; null when they are none. */
export function jndsBetween(black: number, white: number): number | null {
  if (!(black >= 0.05 && white > black && white <= 3993.5)) return null;
  return Math.round(jndIndex(white) - jndIndex(black));
}
