// Days and spans of a roster. Days are those of Japan, wherever the browser is.

export interface Span {
  from: string;
  to: string;
}
export interface Shift extends Span {
  id: string;
  reader: string;
  kind: 'reading' | 'on-call' | 'absent';
}

const day = 86_400_000;
const zone = 9 * 3_600_000;

/** The day of a moment in Japan: YYYY-MM-DD. */
export function tokyo(at: number): string {
  return new Date(at + zone).toISOString().slice(0, 10);
}

export function plusDays(d: string, n: number): string {
  return new Date(Date.parse(`${d}T00:00:00Z`) + n * day).toISOString().slice(0, 10);
}

/** The Monday of the week of a moment. */
export function mondayOf(at: number): string {
  const d = tokyo(at);
  const weekday = new Date(`${d}T00:00:00Z`).getUTCDay();
  return plusDays(d, -((weekday + 6) % 7));
}

export function hours(s: Span): string {
  const a = new Date(Date.parse(s.from) + zone).toISOString();
  const b = new Date(Date.parse(s.to) + zone).toISOString();
  return a.slice(0, 10) === b.slice(0, 10) ? `${a.slice(5, 10)} ${a.slice(11, 16)}–${b.slice(11, 16)}` : `${a.slice(5, 10)} ${a.slice(11, 16)} – ${b.slice(5, 10)} ${b.slice(11, 16)}`;
}

interface Desk {
  reading: Span[];
  onCall: Span[];
  always: boolean;
  exceptions: Shift[];
}

/** The parts of a time in which nobody reads or is on call. An absence takes out what lies under it. */
export function gaps(desks: Desk[], start: number, length: number): [number, number][] {
  const edges = new Set([start, start + length]);
  const ms = (s: Span): [number, number] => [Date.parse(s.from), Date.parse(s.to)];
  const all = desks.map((d) => ({
    base: [...d.reading, ...d.onCall].map(ms),
    always: d.always,
    over: d.exceptions.map((x) => ({ at: ms(x), there: x.kind !== 'absent' })),
  }));
  for (const d of all) for (const [a, b] of [...d.base, ...d.over.map((x) => x.at)]) edges.add(a).add(b);
  const times = [...edges].filter((x) => x >= start && x <= start + length).sort((a, b) => a - b);
  const out: [number, number][] = [];
  const within = ([a, b]: [number, number], x: number) => a <= x && x < b;
  for (let n = 0; n + 1 < times.length; n++) {
    const x = times[n]!;
    const there = all.some((d) => {
      const last = d.over.filter((o) => within(o.at, x)).at(-1);
      return last ? last.there : d.always || d.base.some((s) => within(s, x));
    });
    if (there) continue;
    const before = out.at(-1);
    if (before?.[1] === x) before[1] = times[n + 1]!;
    else out.push([x, times[n + 1]!]);
  }
  return out;
}
