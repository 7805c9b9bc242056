import { describe, expect, it } from 'vitest';
import { spelt } from './lint';

describe('spelt', () => {
  it('writes an abbreviation out wherever it stands alone', () => {
    expect(spelt('LN腫大。ＬＮは多数、LNsは別。', 'LN', 'リンパ節')).toBe('リンパ節腫大。リンパ節は多数、LNsは別。');
    expect(spelt('s/o pneumonia', 's/o', 'suspicion of')).toBe('suspicion of pneumonia');
  });
});
