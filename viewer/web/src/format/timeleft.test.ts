import { describe, expect, it } from 'vitest';
import { clockText, timeLeft } from './timeleft';

const created = '2025-11-22T00:00:00Z';
const deadline = '2025-11-22T01:00:00Z';
const at = (text: string) => Date.parse(`2025-11-22T${text}Z`);

describe('timeLeft', () => {
  it.each([
    ['00:00:00', 'calm', false, 3600],
    ['00:39:59', 'calm', false, 1201],
    ['00:40:00', 'soon', false, 1200],
    ['00:53:59', 'soon', false, 361],
    ['00:54:00', 'critical', false, 360],
    ['01:00:00', 'critical', false, 0],
    ['01:00:01', 'late', true, 1],
    ['03:00:00', 'late', true, 7200],
  ] as const)('at %s it is %s', (now, urgency, late, total) => {
    expect(timeLeft(deadline, created, at(now))).toMatchObject({ urgency, late, total });
  });

  it('is never calm in the last five minutes', () => {
    // Three minutes were given, all of them are left.
    expect(timeLeft('2025-11-22T00:03:00Z', created, at('00:00:00'))?.urgency).toBe('soon');
  });
  it('shows the second that is running', () => {
    expect(timeLeft(deadline, created, at('00:59:58.100'))?.total).toBe(2);
    expect(timeLeft(deadline, created, at('01:00:01.900'))?.total).toBe(1);
  });
  it('has nothing to say about no deadline', () => expect(timeLeft('', created, 0)).toBeNull());
});

describe('clockText', () => {
  it.each([
    [5, '0:05'],
    [545, '9:05'],
    [4805, '1:20:05'],
    [86_400 * 2 + 3600 * 3, '2d 3h'],
  ])('%d s is %s', (s, want) => expect(clockText(s, 'd', 'h')).toBe(want));
});
