import { expect, it } from 'vitest';
import { sinceOnset } from './onset';

const at = Date.UTC(2026, 10, 28);
it.each([
  [5, { since: '0:05', left: '4:25', soon: false }],
  [185, { since: '3:05', left: '1:25', soon: true }],
  [270, { since: '4:30', left: '', soon: false }],
  [-3, { since: '0:00', left: '4:30', soon: false }],
])('%i minutes after the onset', (m, want) => expect(sinceOnset(at, at + m * 60_000)).toEqual(want));
