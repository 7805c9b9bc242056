// What the page makes of images under presentation states, in a real browser: the
// modules that the pages are built of, served by Vite. cmd/dokuei/foreign_test.go
// compares the greys with those of DCMTK's dcmp2pgm.
//
//   BASE_URL=http://127.0.0.1:8080 READER=login:password node e2e/states.mjs
//
// One line of JSON a state: its label, the size, and base64 of the greys of its first
// image, turned and flipped as the state says.
import { modules } from './modules.mjs';

const [login, password] = process.env.READER.split(':');
await modules(async (page) => {
  await page.evaluate(
    async ({ login, password }) => {
      const at = '/src/viewport/';
      const [{ api }, { Loader }, { slotsOf }, { buildLUT }, { paintGrey }, { storedRange, viewOf, windowOf }] = await Promise.all(
        ['../session.ts', 'loader.ts', 'stack.ts', 'lut.ts', 'frame.ts', 'foreign/state.ts'].map((m) => import(new URL(at + m, location.href).href)),
      );
      await api.signIn(login, password);
      const loader = new Loader(api);
      const { items } = await api.worklist('open');
      for (const item of items) {
        const study = await api.study(item.study.id);
        const slots = (study.seriesList ?? []).flatMap(slotsOf);
        const { states } = await api.json(`/studies/${study.id}/states`);
        for (const s of states) {
          const slot = slots.find((x) => x.instance.sopInstanceUid === s.images[0].instance);
          const f = await loader.need(slot);
          const p = f.presentation;
          const window = windowOf(s, p, storedRange(slot.instance.bitsStored, slot.instance.signed), slot.instance.sopInstanceUid, slot.frame);
          const view = viewOf(s, p, { width: 500, height: 500, columns: f.columns, rows: f.rows, aspect: 1, ratio: 1 }, slot.instance.sopInstanceUid, slot.frame);
          const words = new Uint32Array(f.rows * f.columns);
          paintGrey(f, buildLUT({ words: f, presentation: p, window, invert: view.invert }), words);
          // As the canvas does it: flipped, then turned clockwise.
          const [w, h] = view.turns % 2 ? [f.rows, f.columns] : [f.columns, f.rows];
          let out = '';
          for (let y = 0; y < h; y++) {
            for (let x = 0; x < w; x++) {
              let [c, r] = [[x, y], [y, f.rows - 1 - x], [f.columns - 1 - x, f.rows - 1 - y], [f.columns - 1 - y, x]][view.turns];
              if (view.flipH) c = f.columns - 1 - c;
              out += String.fromCharCode(words[r * f.columns + c] & 255);
            }
          }
          await say({ label: s.label, columns: w, rows: h, grey: btoa(out) });
        }
      }
      function say(v) {
        return globalThis.tell(JSON.stringify(v));
      }
    },
    { login, password },
  );
});
process.exit(0);
