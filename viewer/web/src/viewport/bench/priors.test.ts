import { expect, test } from 'vitest';
import type { PriorFetch } from '../../api/types';
import { priorState } from './priors';

const fetch = (state: PriorFetch['state'], lacking = 0): PriorFetch => ({ from: 'PACS', state, found: 1, here: 0, fetched: 0, lacking, updatedAt: '2026-11-01T00:00:00Z' });

test.each([
  [null, undefined, 'unknown'],
  [0, undefined, 'none'],
  [2, undefined, 'here'],
  [null, fetch('waiting'), 'fetching'],
  [1, fetch('waiting'), 'fetching'],
  [0, fetch('failed'), 'failed'],
  [1, fetch('failed'), 'failed'],
  [1, fetch('done', 3), 'failed'],
  [1, fetch('done'), 'here'],
  [0, fetch('done'), 'none'],
] as const)('%s known, %o: %s', (known, asked, state) => expect(priorState(known, asked)).toBe(state));
