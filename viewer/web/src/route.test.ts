import { describe, expect, it } from 'vitest';
import { href, parse } from './route';

describe('the route of an address', () => {
  it.each([
    ['', { page: '', id: '' }],
    ['#/read/0193a2b0-7c1e-7000-8000-000000000001', { page: 'read', id: '0193a2b0-7c1e-7000-8000-000000000001' }],
    ['#/desks/%E8%84%B3', { page: 'desks', id: '脳' }],
    ['#/read/%', { page: 'read', id: '' }],
  ])('%s', (hash, want) => expect(parse(hash)).toEqual(want));
  it('is what it was made of', () => expect(parse(href('desks', 'a.b 脳'))).toEqual({ page: 'desks', id: 'a.b 脳' }));
  it.each(['..', '.', '../people', '..%2Fpeople', 'x/deletion', 'x?format=csv', 'x#y', '..\\people'])('has no id %s', (id) => {
    expect(parse(`#/orders/${encodeURIComponent(id)}`)).toEqual({ page: 'orders', id: '' });
  });
});
