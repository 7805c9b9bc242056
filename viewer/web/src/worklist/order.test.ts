import { describe, expect, it } from 'vitest';
import type { Workitem } from '../api/types';
import { given, nextOrder, sortItems } from './order';

function item(id: string, phonetic: string, instances: number, deadline: string): Workitem {
  const patient = { name: '', ideographic: id, phonetic, patientId: '', birthDate: '', sex: '', age: null };
  return { id, deadline, study: { patient, instances, studyDate: '', studyTime: '', modalities: [], facility: { id: '', name: '' } } } as unknown as Workitem;
}
const list = [item('髙橋', 'タカハシ', 9, '2025-01-02T00:00:00Z'), item('青木', 'アオキ', 120, '2025-01-03T00:00:00Z'), item('𠮷田', 'ヨシダ', 30, '2025-01-01T00:00:00Z')];
const names = (o: Parameters<typeof sortItems>[1]) => sortItems(list, o, 'ja').map((i) => i.id);

describe('sortItems', () => {
  it('leaves the order of the server alone', () => expect(names(given)).toEqual(['髙橋', '青木', '𠮷田']));
  it('sorts names as they are read', () => expect(names({ column: 'patient', down: false })).toEqual(['青木', '髙橋', '𠮷田']));
  it('sorts numbers as numbers', () => expect(names({ column: 'images', down: true })).toEqual(['青木', '𠮷田', '髙橋']));
  it('sorts by deadline', () => expect(names({ column: 'left', down: false })[0]).toBe('𠮷田'));
});

describe('nextOrder', () => {
  it('goes up, down and back', () => {
    const up = nextOrder(given, 'left');
    const down = nextOrder(up, 'left');
    expect([up, down, nextOrder(down, 'left'), nextOrder(down, 'images')]).toEqual([
      { column: 'left', down: false },
      { column: 'left', down: true },
      given,
      { column: 'images', down: false },
    ]);
  });
});
