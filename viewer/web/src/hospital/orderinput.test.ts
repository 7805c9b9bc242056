import { describe, expect, it } from 'vitest';
import type { Order } from '../api/types';
import { blank, bodyOf, inputOf, toName, toPerson } from './orderinput';

describe('an order that is typed', () => {
  it('writes names as PN', () => {
    expect(toName(' 山田　太郎 ')).toBe('山田^太郎');
    expect(toName('Yamada Taro Jiro')).toBe('Yamada^Taro Jiro');
    expect(toPerson('高橋 二郎')).toBe('=高橋^二郎');
    expect(toPerson('Takahashi Jiro')).toBe('Takahashi^Jiro');
  });

  it('leaves out the writings of a name that nobody gave', () => {
    const of = (change: object) => bodyOf({ ...blank(new Date(2026, 10, 28, 9, 5)), ...change }, 'F1').patientName;
    expect(of({ kanji: '山田 太郎' })).toBe('=山田^太郎');
    expect(of({ roman: 'Yamada Taro' })).toBe('Yamada^Taro');
    expect(of({ kana: 'ヤマダ タロウ' })).toBe('==ヤマダ^タロウ');
    expect(of({})).toBe('');
  });

  it('comes back as it was typed', () => {
    const typed = {
      ...blank(new Date(2026, 10, 28, 9, 5)), kanji: '山田 太郎', kana: 'ヤマダ タロウ', patientId: 'P1', birth: '1948-02-03', sex: 'M', description: '頭部CT', question: '脳梗塞か', history: '心房細動',
      onset: '2026-11-28T08:45', referrer: '高橋 二郎', others: '鈴木 三郎\nIto Ken', accession: 'A1', station: 'CT1',
    };
    const body = bodyOf(typed, 'F1');
    const order = { id: 'x', facility: 'k', ...body, onset: body.onset, step: { ...body.step, startTime: `${body.step.startTime}00` } } as unknown as Order;
    expect(inputOf(order)).toEqual(typed);
  });
});
