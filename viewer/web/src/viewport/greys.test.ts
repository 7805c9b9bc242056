import { describe, expect, it } from 'vitest';
import type { RawPresentation } from '../api/types';
import { autoWindow } from './auto';
import { paintGrey, parseFrame } from './frame';
import { buildLUT } from './lut';
import { readPresentation } from './presentation';
import cases from './testdata/greys.json';

const bytes = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

// The file is written by viewer/api/greys_test.go from what previews are drawn
// with: a frame must look like the preview it takes the place of.
describe('frames look as the server draws them', () => {
  it.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    const want = [...bytes(c.greys)];
    const headers = new Headers({ 'X-Dokuei-Rows': '1', 'X-Dokuei-Columns': String(want.length), 'X-Dokuei-Samples': '1', 'X-Dokuei-Bits': String(c.bits), 'X-Dokuei-Signed': String(c.signed) });
    const f = parseFrame(bytes(c.samples).buffer, headers, readPresentation(c.presentation as RawPresentation));
    const lut = buildLUT({ words: f, presentation: f.presentation, window: f.presentation.looks[0] ?? autoWindow(f), invert: false });
    const out = new Uint32Array(want.length);
    paintGrey(f, lut, out);
    expect([...out].map((w) => w & 0xff)).toEqual(want);
  });
});
