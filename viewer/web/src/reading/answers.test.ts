import { describe, expect, it } from 'vitest';
import type { Template } from '../api/types';
import { emptySections } from './draft';
import { asked, linesOf, nextBlank, restNormal, rewrite } from './answers';

const t: Template = {
  id: 'x',
  language: 'ja',
  name: 'x',
  modality: 'CT',
  bodyPart: [],
  items: [
    {
      id: 'bleed',
      label: '出血',
      kind: 'choice',
      normal: 'none',
      options: [
        { id: 'none', label: 'なし', text: '出血を認めません。' },
        { id: 'ich', label: 'あり', text: '{side}{site}に {size} mm の出血を認めます。', impression: '{side}{site}の出血。' },
      ],
    },
    { id: 'side', label: '側', kind: 'choice', inline: true, when: 'bleed=ich', options: [{ id: 'l', label: '左' }, { id: 'r', label: '右' }] },
    { id: 'site', label: '部位', kind: 'choice', inline: true, when: 'bleed=ich', options: [{ id: 'p', label: '被殻' }] },
    { id: 'size', label: '大きさ', kind: 'text', inline: true, when: 'bleed=ich' },
    { id: 'aspects', label: 'ASPECTS', kind: 'many', from: 10, text: 'ASPECTS {score}点（{value}）。', none: 'ASPECTS 10点。', options: [{ id: 'c', label: 'C' }, { id: 'l', label: 'L' }, { id: 'm1', label: 'M1' }] },
    { id: 'bone', label: '骨', kind: 'choice', normal: 'n', options: [{ id: 'n', label: '正常', text: '骨折を認めません。' }] },
  ],
  sections: { ...emptySections, impression: '急性期の異常を認めません。' },
};

describe('answers of a template', () => {
  it('writes nothing before anything is chosen', () => {
    expect(linesOf(t, {})).toEqual([]);
    expect(rewrite(t, {}, {}, emptySections)).toEqual(emptySections);
  });

  it('asks further only for what was found', () => {
    const side = t.items[1]!;
    expect([asked(t, side, {}), asked(t, side, { bleed: ['none'] }), asked(t, side, { bleed: ['ich'] })]).toEqual([false, false, true]);
  });

  it('fills sentences in as the answers come, with blanks until then', () => {
    let s = rewrite(t, {}, { bleed: ['ich'] }, emptySections);
    expect(s.findings).toBe('＿＿＿＿に ＿＿ mm の出血を認めます。');
    s = rewrite(t, { bleed: ['ich'] }, { bleed: ['ich'], side: ['l'] }, s);
    s = rewrite(t, { bleed: ['ich'], side: ['l'] }, { bleed: ['ich'], side: ['l'], site: ['p'], size: ['32×24'] }, s);
    expect([s.findings, s.impression]).toEqual(['左被殻に 32×24 mm の出血を認めます。', '左被殻の出血。']);
  });

  it('counts a score down', () => {
    expect(linesOf(t, { aspects: ['c', 'm1'] })[0]?.text).toBe('ASPECTS 8点（C、M1）。');
    expect(linesOf(t, { aspects: [] })[0]?.text).toBe('ASPECTS 10点。');
  });

  it('calls the rest normal, and says nothing is wrong only when nothing is', () => {
    const all = restNormal(t, {});
    const s = rewrite(t, {}, all, emptySections);
    expect(s.findings).toBe('出血を認めません。\nASPECTS 10点。\n骨折を認めません。');
    expect(s.impression).toBe('急性期の異常を認めません。');
    const found = rewrite(t, all, { ...all, bleed: ['ich'], side: ['r'], site: ['p'], size: ['9'] }, s);
    expect(found.impression).toBe('右被殻の出血。');
    expect(found.findings.startsWith('右被殻に 9 mm の出血を認めます。\nASPECTS 10点。')).toBe(true);
  });

  it('leaves what was written by hand, and does not write it twice', () => {
    const hand = { ...emptySections, findings: '出血を認めません（単純CT）。\n自由な文。' };
    const s = rewrite(t, { bleed: ['none'] }, { bleed: ['none'], bone: ['n'] }, hand);
    expect(s.findings).toBe('出血を認めません（単純CT）。\n自由な文。\n骨折を認めません。');
  });

  it('puts a line where its item stands', () => {
    let s = rewrite(t, {}, { bone: ['n'] }, emptySections);
    s = rewrite(t, { bone: ['n'] }, { bone: ['n'], bleed: ['none'] }, s);
    expect(s.findings).toBe('骨折を認めません。\n出血を認めません。');
    s = rewrite(t, { bone: ['n'], bleed: ['none'] }, { bone: ['n'], bleed: ['none'], aspects: [] }, s);
    expect(s.findings).toBe('骨折を認めません。\n出血を認めません。\nASPECTS 10点。');
  });

  it('keeps dollar signs of a text', () => {
    const s = rewrite(t, { bleed: ['ich'], size: ['1'] }, { bleed: ['ich'], size: ['$& 2'] }, rewrite(t, {}, { bleed: ['ich'], size: ['1'] }, emptySections));
    expect(s.findings).toContain('$& 2 mm');
  });

  it('goes from blank to blank and around', () => {
    const text = 'a ＿＿ b ___ c';
    expect([nextBlank(text, 0), nextBlank(text, 4), nextBlank(text, 12), nextBlank('none', 0)]).toEqual([[2, 4], [7, 10], [2, 4], null]);
  });
});
