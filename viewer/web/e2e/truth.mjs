// What the page makes of every frame, in a real browser: the modules that the pages
// are built of, served by Vite, read the series of a running service, decode them in
// workers and paint them. cmd/dokuei/truth_test.go compares it with what the files say.
//
//   BASE_URL=http://127.0.0.1:8080 READER=login:password node e2e/truth.mjs
//
// One line of JSON a frame: digests of its greys in its own window and in 40/400, the
// window found for it, values under a pointer, lengths between points.
import { modules } from './modules.mjs';

const [login, password] = process.env.READER.split(':');
await modules(async (page) => {
  await page.evaluate(
    async ({ login, password }) => {
      const at = '/src/viewport/';
      const [{ api }, { openBundles }, { Loader }, { slotsOf }, { buildLUT }, { paintGrey, paintColour, storedValue, colourAt }, { valueOf }, { voi }, { autoWindow }, { measure }, { scaleFor }, { wordsOf }] = await Promise.all(
        ['../session.ts', 'bundle/index.ts', 'loader.ts', 'stack.ts', 'lut.ts', 'frame.ts', 'presentation.ts', 'window.ts', 'auto.ts', 'marks/measure.ts', 'marks/scale.ts', 'bench/layer.tsx'].map((m) => import(new URL(at + m, location.href).href)),
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
        const scale = scaleFor(p.pixelSpacing, slot.instance.imagerSpacing);
        const length = (a, b) => measure('length', [a, b], scale, frame, '')[0].value;
        // Between pixels, and so that no middle of a pixel lies on a line: it would be in or out by a hair.
        const at = ([x, y]) => [x * frame.columns + 0.3137, y * frame.rows + 0.7071];
        const drawn = {
          angle: [[0.2, 0.3], [0.5, 0.6], [0.8, 0.2]],
          cobb: [[0.1, 0.2], [0.6, 0.3], [0.2, 0.9], [0.7, 0.6]],
          bidirectional: [[0.3, 0.3], [0.6, 0.5], [0.4, 0.5], [0.5, 0.3]],
          ellipse: [[0.3, 0.4], [0.7, 0.6]],
          rectangle: [[0.6, 0.7], [0.2, 0.5]],
          freehand: [[0.3, 0.3], [0.7, 0.35], [0.5, 0.5], [0.65, 0.8], [0.25, 0.7]],
        };
        const marks = {};
        for (const [kind, places] of Object.entries(drawn)) {
          const values = measure(kind, places.map(at), scale, frame, '');
          marks[kind] = { points: places.map(at), values: Object.fromEntries(values.map((v) => [v.name, v.value])), unit: values[0].unit };
        }
        const said = wordsOf({ text: '', values: measure('length', [points[0], points[3]], scale, frame, '') }, scale.detector).join();
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
            marks,
            said,
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
});
process.exit(0);
