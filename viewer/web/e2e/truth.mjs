// What the page makes of every frame, in a real browser: the modules that the pages
// are built of, served by Vite, read the series of a running service, decode them in
// workers and paint them. cmd/dokuei/truth_test.go compares it with what the files say.
//
//   BASE_URL=http://127.0.0.1:8080 READER=login:password node e2e/truth.mjs
//
// One line of JSON a frame: digests of its greys in its own window and in 40/400, the
// window found for it, values under a pointer, lengths between points.
import { createServer } from 'vite';
import { open } from './browser.mjs';

const target = process.env.BASE_URL;
const [login, password] = process.env.READER.split(':');
const vite = await createServer({ server: { port: 0, host: '127.0.0.1', proxy: { '/api': { target, changeOrigin: true, headers: { Origin: target } } }, hmr: false }, logLevel: 'error', appType: 'spa' });
await vite.listen();
const base = `http://127.0.0.1:${vite.httpServer.address().port}`;
const browser = await open({});
let failed = '';
try {
  const { page } = browser;
  page.on('pageerror', (e) => (failed ||= e.message));
  await page.exposeFunction('tell', (line) => console.log(line));
  await page.goto(base);
  await page.waitForSelector('[name=login]', { timeout: 60_000 });
  await page.evaluate(
    async ({ login, password }) => {
      const at = '/src/viewport/';
      const [{ api }, { openBundles }, { Loader }, { slotsOf }, { buildLUT }, { paintGrey, paintColour, storedValue, colourAt }, { valueOf }, { voi }, { autoWindow }, { measure }, { scaleOf, pixels }] = await Promise.all(
        ['../session.ts', 'bundle/index.ts', 'loader.ts', 'stack.ts', 'lut.ts', 'frame.ts', 'presentation.ts', 'window.ts', 'auto.ts', 'marks/measure.ts', 'marks/scale.ts'].map((m) => import(new URL(at + m, location.href).href)),
      );
      await api.signIn(login, password);
      const bundles = openBundles();
      const loader = new Loader(api);
      const digest = async (bytes) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((b) => b.toString(16).padStart(2, '0')).join('');
      const painted = (frame, window) => {
        const words = new Uint32Array(frame.rows * frame.columns);
        if (frame.samples === 1) paintGrey(frame, buildLUT({ words: frame, presentation: frame.presentation, window, invert: false }), words);
        else paintColour(frame, false, words);
        const rgba = new Uint8Array(words.buffer);
        const n = frame.samples === 1 ? 1 : 3;
        const out = new Uint8Array(words.length * n);
        for (let i = 0; i < words.length; i++) for (let c = 0; c < n; c++) out[i * n + c] = rgba[4 * i + c];
        return digest(out);
      };
      const told = async (slot, frame, way) => {
        const p = frame.presentation;
        const points = [[0.1, 0.2], [0.5, 0.5], [0.7, 0.3], [0.99, 0.99]].map(([x, y]) => [Math.floor(x * frame.columns), Math.floor(y * frame.rows)]);
        const value = ([c, r]) => (frame.samples === 1 ? [valueOf(p, storedValue(frame, c, r))] : colourAt(frame, c, r));
        const scale = scaleOf(p.pixelSpacing) ?? scaleOf(slot.instance.imagerSpacing, true) ?? pixels;
        const length = (a, b) => measure('length', [a, b], scale, frame, '')[0].value;
        const auto = frame.samples === 1 ? autoWindow(frame) : null;
        await window.tell(
          JSON.stringify({
            way,
            sop: slot.instance.sopInstanceUid,
            frame: slot.frame,
            own: frame.samples !== 1 || p.looks[0] ? await painted(frame, p.looks[0]) : '',
            wide: frame.samples === 1 ? await painted(frame, voi(40, 400)) : '',
            auto: auto && [auto.center, auto.width],
            points,
            values: points.map(value),
            unit: scale.unit,
            lengths: [length(points[0], points[3]), length(points[1], points[2])],
          }),
        );
      };
      const { items } = await api.worklist('open');
      for (const item of items) {
        const study = await api.study(item.study.id);
        for (const series of study.seriesList ?? []) {
          const slots = new Map(slotsOf(series).filter((s) => s.instance.displayable === 'image').map((s) => [s.key, s]));
          if (slots.size === 0) continue;
          const packed = new Map();
          await bundles.read(api, series.id, series.bundle ?? null, { scrollPreview: () => {}, packedFrame: (k, p) => packed.set(k, p) }, new AbortController().signal);
          for (const [key, slot] of slots) {
            const p = packed.get(key);
            if (p) await told(slot, await bundles.unpack(p), 'bundle');
          }
          // And the way of a single frame, for the first and for what was in no bundle.
          let first = true;
          for (const [key, slot] of slots) {
            if (!first && packed.has(key)) continue;
            first = false;
            await told(slot, await loader.need(slot), 'frame');
          }
        }
      }
    },
    { login, password },
  );
} finally {
  await browser.close();
  await vite.close();
}
if (failed) throw new Error(failed);
process.exit(0);
