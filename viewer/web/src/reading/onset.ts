// t-PA is given within 4.5 hours of the onset of a stroke, or of when the patient was
// last known well (JSS 2021).
const windowMinutes = 270;

/** How long ago, and how long the window is still open: 1:05. Empty: it is over. */
export function sinceOnset(onset: number, now: number): { since: string; left: string; soon: boolean } {
  const minutes = Math.max(0, Math.floor((now - onset) / 60_000));
  const left = windowMinutes - minutes;
  return { since: hm(minutes), left: left > 0 ? hm(left) : '', soon: left > 0 && left <= 90 };
}

function hm(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}
