import { describe, expect, it } from 'vitest';
import type { Instance, Series } from '../api/types';
import { builtIn, hang, ruleFor, type HangingRule } from './hanging';

const series = (id: string, description: string, modality = 'CT', laterality = ''): Series => ({ id, number: 1, modality, description, bodyPart: '', instances: [{ id, displayable: 'image', frames: 1, laterality, sopInstanceUid: id } as Instance] });
const rule = (over: Partial<HangingRule>): HangingRule => ({ id: 'r', name: 'r', modality: '', bodyPart: '', laterality: '', prior: null, rows: 1, columns: 2, panes: [], ...over });
const head = { modalities: ['CT'], bodyPart: 'HEAD', seriesList: [series('a', 'Axial', 'CT', 'L')] };

describe('the rule', () => {
  it('is the first that fits', () => {
    const rules = [rule({ id: 'mr', modality: 'MR' }), rule({ id: 'chest', bodyPart: 'chest' }), rule({ id: 'right', laterality: 'R' }), rule({ id: 'with', prior: true }), rule({ id: 'head', bodyPart: 'head', laterality: 'L' })];
    expect(ruleFor(rules, head, true)?.id).toBe('with');
    expect(ruleFor(rules, head, false)?.id).toBe('head');
    expect(ruleFor([], head, false)).toBeNull();
  });
  it('puts an earlier study beside, unless the reader has other rules', () => {
    expect(ruleFor(builtIn, head, true)?.columns).toBe(2);
    expect(ruleFor(builtIn, head, false)).toBeNull();
  });
});

describe('hanging', () => {
  const current = [series('scout', 'Scout'), series('axial', 'Axial 5mm'), series('bone', 'Axial bone 1mm')];
  const prior = [series('p-mr', 'T1', 'MR'), series('p-bone', 'Axial bone 1mm'), series('p-scout', 'Scout')];
  it('finds series by the words of their description, each once', () => {
    const r = rule({ rows: 2, panes: [{ from: 'current', series: 'bone' }, { from: 'prior', series: 'BONE axial' }, { from: 'current', series: 'axial' }, { from: 'current', series: 'contrast' }] });
    expect(hang(r, current, prior)).toEqual(['bone', 'p-bone', 'axial', '']);
  });
  it('takes the next, and of an earlier study the one most like', () => expect(hang(rule({ panes: [{ from: 'current', series: '' }, { from: 'prior', series: '' }] }), current, prior)).toEqual(['scout', 'p-scout']));
  it('leaves a pane empty rather than showing the wrong study', () => expect(hang(rule({ panes: [{ from: 'prior', series: '' }] }), current, [])).toEqual(['', 'scout']));
});
