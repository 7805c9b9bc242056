// How it is with the earlier studies of a patient, beside the images: on a desktop in
// Japanese, on a dark phone in English, against a running service.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out READER=login:password ITEMS='{"none":"…"}' node e2e/priors.mjs
//
// ITEMS names the item of each state: fetching, failed, none, here.
import { mkdir } from 'node:fs/promises';
import { desktop, open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const { BASE_URL, OUT_DIR = 'e2e/out', READER, ITEMS } = process.env;
const at = READER.indexOf(':');
await mkdir(OUT_DIR, { recursive: true });

for (const [look, options] of [
  ['ja', { viewport: desktop }],
  ['en-dark-phone', { viewport: phone, touch: true, locale: 'en-GB', colorScheme: 'dark' }],
]) {
  const d = new Desk(await open(options), BASE_URL, OUT_DIR);
  const { page } = d;
  try {
    await d.signIn({ login: READER.slice(0, at), password: READER.slice(at + 1) });
    // The list tells of what a reader would wait for, or wait for in vain.
    for (const [state, said] of [['fetching', 'waiting'], ['failed', 'failed']]) await page.waitForSelector(`[data-item="${JSON.parse(ITEMS)[state]}"] [data-row-priors=${said}]`, { state: 'attached' });
    await d.accessible(`priors-${look}-list`);
    for (const [state, item] of Object.entries(JSON.parse(ITEMS))) {
      await page.goto(`${BASE_URL}/#/read/${item}`);
      if (options.touch) await page.click('.pane-tabs [data-pane=strip]');
      const said = page.locator(`[data-priors=${state}]`);
      await said.scrollIntoViewIfNeeded();
      // An earlier one that hangs beside the study is not offered again.
      if (state === 'here' && options.touch) await said.locator('[data-prior-study]').waitFor();
      await d.accessible(`priors-${look}-${state}`);
      console.log(`ok ${state}, ${look}`);
      await page.goto(`${BASE_URL}/#/`);
      await page.waitForSelector('tr[data-item]');
    }
    await d.tidy([]);
  } catch (e) {
    await d.picture(`priors-failed-${look}`).catch(() => undefined);
    await d.close().catch(() => undefined);
    throw e;
  }
}
