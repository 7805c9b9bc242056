import { describe, expect, it } from 'vitest';
import { Client } from '../../api/client';
import type { Series } from '../../api/types';
import { Loader } from '../loader';
import { Stage } from '../stage';
import { step } from './windows';

const axial = [1, 0, 0, 0, 1, 0];
const coronal = [1, 0, 0, 0, 0, -1];
function made(id: string, n: number, spacing: number, orientation: number[], space = '1.2'): Series {
  return {
    id,
    number: 1,
    modality: 'CT',
    description: '',
    bodyPart: '',
    instances: Array.from({ length: n }, (_, i) => ({ id: `${id}${i}`, sopInstanceUid: `${id}.${i}`, number: i, frames: 1, displayable: 'image', rows: 64, columns: 64, preview: '', windows: [], position: orientation === axial ? [0, 0, i * spacing] : [0, -i * spacing, 0], orientation, pixelSpacing: [1, 1], frameOfReference: space })),
  } as unknown as Series;
}

describe('a window in step with another', () => {
  const series = [made('thin', 40, 1, axial), made('thick', 8, 5, axial), made('cor', 8, 5, coronal), made('else', 8, 5, axial, '9.9')];
  const open = (id: string) => {
    const s = new Stage(new Loader(new Client({ fetch: () => new Promise(() => {}) })));
    s.setSeries(series);
    s.open(id);
    s.active.value.goTo(0);
    return s;
  };
  const place = { series: 'thin', instance: 'thin26', frame: 1, window: null, view: [1, 0, 0, 0, 0, 0, 0] as [number, number, number, number, number, number, number], pointer: null };

  it.each([
    ['thin', 26],
    ['thick', 5],
    ['cor', 0],
    ['else', 0],
  ])('showing %s goes to slice %i', (id, at) => {
    const s = open(id);
    step(s, place);
    expect(s.active.value.index.value).toBe(at);
    expect(s.active.value.active.value).toBe(id);
  });
});
