import { describe, expect, it } from 'vitest';
import { plainView } from '../geometry';
import { Placing } from '../placing';
import { placed, type KeyImage } from './keyimage';

const key = (view: KeyImage['view']): KeyImage => ({ id: 'k', number: 1, instance: '1.2', frame: 1, window: null, view, text: '' });

describe('placed', () => {
  it.each([0, 1, 2, 3])('shows on paper what the pane showed, smaller (%i turns)', (turns) => {
    const view = { ...plainView, zoom: 2.5, panX: -120, panY: 44, turns, flipH: turns === 2 };
    const pane = new Placing(view, 512, 256, 1.5, 800, 1000);
    const paper = placed(key({ ...view, width: 800, height: 1000 }), 512, 256, 1.5, 500);
    expect([paper.width, paper.height]).toEqual([400, 500]);
    for (const [x, y] of [[0, 0], [400, 500], [799, 3]] as const) {
      const [c, r] = paper.toImage(x / 2, y / 2);
      const [column, row] = pane.toImage(x, y);
      expect(c).toBeCloseTo(column, 6);
      expect(r).toBeCloseTo(row, 6);
    }
  });
  it('shows the whole image where the pane is not known', () => {
    const p = placed(key({ ...plainView, zoom: 4, panX: 99, turns: 1 }), 512, 256, 1, 500);
    expect([p.width, p.height]).toEqual([250, 500]);
    expect(p.toImage(0, 0)[0]).toBeCloseTo(0, 6);
  });
});
