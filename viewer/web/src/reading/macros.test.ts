import { describe, expect, it } from 'vitest';
import type { Macro } from '../api/types';
import { macroBefore } from './macros';

const list = [{ name: '正常肺', text: '肺野に異常を認めません。' }, { name: 'nl', text: 'Normal.' }] as Macro[];

describe('macroBefore', () => {
  it('finds a name after a dot, in any script', () => {
    expect(macroBefore('所見 .正常肺', 7, list)).toEqual({ from: 3, text: '肺野に異常を認めません。' });
    expect(macroBefore('異常なし。nl', 7, list)).toEqual({ from: 4, text: 'Normal.' });
  });
  it('takes nothing else for one', () => {
    expect(macroBefore('nl', 2, list)).toBeNull();
    expect(macroBefore('3.5', 3, list)).toBeNull();
    expect(macroBefore('.nl more', 8, list)).toBeNull();
  });
});
