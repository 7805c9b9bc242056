// A page that stays open while its server is renewed: it says so, keeps what was typed,
// and loads itself again where nobody is in the middle of anything.
//
//   BASE_URL=… OUT_DIR=out READER=login:password WORKITEM=id LOCALE=ja-JP node e2e/renew.mjs
import { mkdir } from 'node:fs/promises';
import { open } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL;
const [login, password] = env.READER.split(/:(.*)/s);
await mkdir(env.OUT_DIR, { recursive: true });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const step = async (name, f) => {
  const began = Date.now();
  await f();
  console.log(`ok ${name} (${Date.now() - began} ms)`);
};
const b = await open({ locale: env.LOCALE ?? 'ja-JP' });
const d = new Desk(b, base, env.OUT_DIR);
const { page } = d;
const newer = '/assets/index-newer.js';
const events = '**/api/v1/events';
const greeted = (route) => route.fulfill({ contentType: 'text/event-stream', body: `retry: 1000\nevent: hello\ndata: ${newer}\n\n` });
/** Of this very loading of the page. */
const mark = () => page.evaluate(() => (window.marked = true));
const marked = () => page.evaluate(() => window.marked === true);

try {
  await d.signIn({ login, password });
  await page.waitForSelector(`tr[data-item="${env.WORKITEM}"]`);
  await page.goto(`${base}/#/read/${env.WORKITEM}`);
  await page.click('[data-act=claim]');
  const findings = page.locator('textarea[data-section=findings]');
  await findings.waitFor();

  await step('a page of the build that is served says nothing', async () => {
    await page.clock.install();
    await page.reload();
    await findings.waitFor();
    const fetched = page.waitForResponse(/\/renew-[^/]*\.js$/);
    await page.clock.fastForward(15_000);
    await fetched;
    must((await page.locator('[data-renew]').count()) === 0, 'it asks to be loaded again');
  });
  await step('of another, it asks, and keeps what was typed', async () => {
    await page.route(events, greeted);
    await page.reload();
    await mark();
    await findings.fill('新しい版の前に書いた所見。');
    await page.clock.fastForward(15_000);
    await page.waitForSelector(`[data-renew="${newer}"]`);
    await d.accessible('renew');
    await page.clock.fastForward(300_000);
    must(await marked(), 'a page that is read on was loaded again');
    await findings.fill('新しい版の前に書いた所見。出血なし。');
    await page.unroute(events, greeted);
    await page.click('[data-act=renew]');
    await page.waitForFunction(() => window.marked !== true);
    await page.waitForFunction(() => document.querySelector('textarea[data-section=findings]')?.value === '新しい版の前に書いた所見。出血なし。');
    must((await page.locator('[data-renew]').count()) === 0, 'it asks again');
  });
  await step('an opening that is not understood says so', async () => {
    const strange = (route) => route.fulfill({ json: { item: {}, study: { seriesList: [{ instances: [{ id: 'x' }] }] } } });
    await page.route('**/opening', strange);
    await page.reload();
    await page.waitForSelector('[data-renew=broken]');
    await page.waitForSelector('.blank-title');
    await d.accessible('renew-broken');
    await page.unroute('**/opening', strange);
    await page.click('[data-act=renew]');
    await d.frame();
  });
  await step('nor does one that cannot be drawn stay as it was', async () => {
    const strange = (route) => route.fulfill({ json: { items: [{ id: 'x' }], counts: {}, next: null } });
    await page.route('**/api/v1/worklist?*', strange);
    await page.goto(`${base}/#/`);
    await page.waitForSelector('[data-renew=broken]');
    await page.unroute('**/api/v1/worklist?*', strange);
    must(b.problems.length > 0, 'nothing was thrown');
    b.problems.length = 0;
    await page.click('[data-act=renew]');
    await page.waitForSelector('tr[data-item]');
  });
  await step('at the worklist an idle page is loaded again, once', async () => {
    await page.route(events, greeted);
    await page.reload();
    await mark();
    await page.waitForSelector('tr[data-item]');
    await page.clock.fastForward(15_000);
    await page.waitForSelector(`[data-renew="${newer}"]`);
    await page.clock.fastForward(70_000);
    await page.waitForFunction(() => window.marked !== true);
    await page.waitForSelector('tr[data-item]');
    await mark();
    await page.clock.fastForward(15_000);
    await page.waitForSelector(`[data-renew="${newer}"]`);
    await page.clock.fastForward(70_000);
    await page.clock.fastForward(70_000);
    must(await marked(), 'of two servers that differ it would go to and fro');
  });
  await d.tidy([]);
} catch (e) {
  await page.screenshot({ path: `${env.OUT_DIR}/renew-failed.png` }).catch(() => undefined);
  throw e;
} finally {
  await b.close().catch(() => undefined);
}
