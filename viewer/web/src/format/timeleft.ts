export type Urgency = 'done' | 'calm' | 'soon' | 'critical' | 'late';

export interface TimeLeft {
  urgency: Urgency;
  late: boolean;
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
  /** Whole seconds to the deadline, or past it when late. */
  total: number;
}

// Amber from the last third of the time that was given, red from the last
// tenth, and never calm in the last five minutes however long it was.
const soonShare = 1 / 3;
const criticalShare = 1 / 10;
const alwaysSoonMs = 5 * 60_000;

export function timeLeft(deadline: string, createdAt: string, now: number): TimeLeft | null {
  const end = Date.parse(deadline);
  if (Number.isNaN(end)) return null;
  const start = Date.parse(createdAt);
  const left = end - now;
  const late = left < 0;
  // Counting down shows the second that is running, counting up the ones that
  // have passed, so that neither shows zero for two seconds.
  const total = late ? Math.floor(-left / 1000) : Math.ceil(left / 1000);
  return { urgency: urgency(left, end - start), late, total, ...split(total) };
}

function urgency(left: number, given: number): Urgency {
  if (left < 0) return 'late';
  if (given > 0 && left <= given * criticalShare) return 'critical';
  if (left <= alwaysSoonMs || (given > 0 && left <= given * soonShare)) return 'soon';
  return 'calm';
}

export function split(total: number): { days: number; hours: number; minutes: number; seconds: number } {
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor(total / 3600) % 24,
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
  };
}

/** A length of time as short as it stays useful: 9:05, 1:20:00, 2d 3h. */
export function clockText(total: number, day: string, hour: string): string {
  const { days, hours, minutes, seconds } = split(total);
  if (days > 0) return `${days}${day} ${hours}${hour}`;
  const ss = String(seconds).padStart(2, '0');
  if (hours > 0) return `${hours}:${String(minutes).padStart(2, '0')}:${ss}`;
  return `${minutes}:${ss}`;
}
