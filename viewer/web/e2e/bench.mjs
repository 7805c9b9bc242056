// What readers have beside the images, in a browser: overlays, the monitor check,
// windows in step, a study that is still arriving, and nothing of it left on disk.
// cmd/dokuei/bench_test.go sends the study, and more of it when SENDER is asked.
//
//   BASE_URL=http://127.0.0.1:8080 SENDER=http://127.0.0.1:8081 READER=login:password OTHER=login:password HOSPITAL=login:password OUT_DIR=out node e2e/bench.mjs
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open, patience } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL;
const out = env.OUT_DIR ?? 'e2e/out';
const person = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
await mkdir(out, { recursive: true });

let steps = 0;
const step = async (name, f) => {
  await f();
  console.log(`ok ${String(++steps).padStart(2)} ${name}`);
};
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const settled = async (f, what) => {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    if (await f()) return;
    await new Promise((r) => setTimeout(r, 250));
  }
  throw new Error(what);
};
const send = async (what) => {
  const r = await fetch(`${env.SENDER}/${what}`, { method: 'POST' });
  must(r.ok, `the sender says ${r.status}`);
};

const browser = await open({ colorScheme: 'dark' });
const d = new Desk(browser, base, out);
const { page, context } = d;
const slice = (p) => p.locator('[data-slice]').first().getAttribute('data-slice');

try {
  await d.signIn(person(env.READER));
  await page.locator('tr[data-item]').first().locator('.patient-link').click();
  await d.frame();
  await page.waitForSelector('[data-tools=layout]');
  const at = page.url();

  await step('overlay planes are drawn where their cells are, and are taken away', async () => {
    await page.waitForSelector('canvas[data-planes="1"]', { state: 'attached' });
    const drawn = () =>
      page.evaluate(() => {
        const c = document.querySelector('canvas[data-planes]');
        const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
        let [n, x, y] = [0, 0, 0];
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] > 128) {
            n++;
            x += (i / 4) % c.width;
            y += Math.floor(i / 4 / c.width);
          }
        return { n, x: x / n / c.width, y: y / n / c.height, w: c.width, h: c.height };
      });
    await settled(async () => (await drawn()).n > 0, 'nothing is drawn');
    const a = await drawn();
    // Cells at columns 40 to 55 and rows 8 to 15 of 64 × 64, in a square in the middle of the pane.
    const side = Math.min(a.w, a.h);
    const x = (a.w / 2 + ((48 - 32) / 64) * side) / a.w;
    const y = (a.h / 2 + ((12 - 32) / 64) * side) / a.h;
    must(Math.abs(a.x - x) < 0.01 && Math.abs(a.y - y) < 0.01, `drawn at ${a.x.toFixed(3)} ${a.y.toFixed(3)}, not ${x.toFixed(3)} ${y.toFixed(3)}`);
    await page.locator('.canvas').first().focus();
    await page.keyboard.press('Shift+O');
    await page.waitForSelector('canvas[data-planes]', { state: 'detached' });
    await page.keyboard.press('Shift+O');
    await page.waitForSelector('canvas[data-planes="1"]', { state: 'attached' });
  });
  await step('the monitor check shows every grey, counts the steps of the GSDF and keeps what is declared', async () => {
    await page.click('[data-act=settings]');
    await page.click('[data-act=open-monitor]');
    const patches = await page.evaluate(() => [...document.querySelectorAll('.gsdf:not(.ends) > span')].map((s) => [getComputedStyle(s).backgroundColor, getComputedStyle(s.firstElementChild).backgroundColor]));
    must(patches.length === 18 && new Set(patches.map((p) => p[0])).size === 18 && patches.every((p) => p[0] !== p[1]), `patches ${patches}`);
    const inputs = page.locator('[data-dialog=monitor] input');
    await inputs.nth(0).fill('左のモニタ');
    await inputs.nth(1).fill('0.5');
    await inputs.nth(2).fill('400');
    const jnds = Number(await page.getAttribute('[data-jnds]', 'data-jnds'));
    must(Math.abs(jnds - Number(env.JNDS)) <= 1, `${jnds} JNDs, ${env.JNDS} expected`);
    await page.click('[data-act=monitor-declare]');
    await page.waitForSelector('[data-monitor="左のモニタ"]');
    await d.picture('bench-monitor');
    await page.keyboard.press('Escape');
    await page.reload();
    await d.frame();
    await page.waitForSelector('[data-act=settings]');
    await page.click('[data-act=settings]');
    await page.click('[data-act=open-monitor]');
    await page.waitForSelector('[data-monitor="左のモニタ"]');
    await page.keyboard.press('Escape');
  });
  await step('two windows of one person go in step', async () => {
    const second = await context.newPage();
    await second.goto(at);
    await second.waitForSelector('.canvas[data-shown=frame]');
    await second.waitForSelector('[data-tools=layout]');
    // Which window is in front is the desktop's to say, which here is this script.
    const front = (one, other) => Promise.all([one.evaluate(() => (document.hasFocus = () => true)), other.evaluate(() => (document.hasFocus = () => false))]);
    await front(page, second);
    await page.bringToFront();
    await page.locator('.canvas').first().focus();
    await page.keyboard.press('Home');
    await d.slice(1);
    await second.waitForSelector('[data-slice="1"]');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    await d.slice(4);
    await second.waitForSelector('[data-slice="4"]');
    // The one in front leads, whichever that is.
    await front(second, page);
    await second.bringToFront();
    await second.locator('.canvas').first().focus();
    await second.keyboard.press('ArrowUp');
    await second.waitForSelector('[data-slice="3"]');
    await d.slice(3);
    await front(page, second);
    await second.close();
    await page.bringToFront();
  });
  await step('slices that come late slot in where they lie, and the reader is told', async () => {
    await page.locator('.canvas').first().focus();
    await page.keyboard.press('End');
    const last = Number(await page.locator('[data-slices]').first().getAttribute('data-slices'));
    await d.slice(last);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await d.slice(2);
    const place = () => page.evaluate(() => document.querySelector('.canvas')?.textContent.match(/-?[\d.]+ mm/)?.[0]);
    const before = await place();
    await send('between'); // two slices between the first and the second
    await page.waitForSelector(`[data-slices="${last + 2}"]`);
    // What is looked at stays in view: it is the fourth now.
    await d.slice(4);
    must((await place()) === before, 'another slice is shown');
    await page.waitForSelector('.banner');
    await d.frame();
    await d.picture('bench-late');
  });
  await step('a study is opened while it comes: n of N', async () => {
    const w = await open({});
    try {
      const ward = new Desk(w, base, out);
      await ward.signIn(person(env.HOSPITAL));
      await ward.page.waitForSelector('tr[data-study]');
      await send('begin');
      const row = ward.page.locator('tr[data-study]', { hasText: 'P0077' });
      await row.waitFor();
      // The row may have come with the first of the five.
      await settled(async () => /^5\D+9/.test((await row.locator('.c-images').innerText()).replace(/\s/g, '')), 'the row never says 5 of 9');
      const id = await row.getAttribute('data-study');
      await ward.page.goto(`${base}/#/study/${id}`);
      await ward.page.waitForSelector('[data-slices="5"]');
      await ward.frame();
      await send('rest');
      await ward.page.waitForSelector('[data-slices="9"]');
      await ward.frame();
    } finally {
      await w.close();
    }
  });
  await step('a session that ends without a word leaves no pictures to whoever comes next', async () => {
    const kept = (url) => page.evaluate(async (u) => (await fetch(u, { cache: 'only-if-cached', mode: 'same-origin' }).catch(() => null))?.status ?? 0, url);
    const bundle = d.urls.find((u) => u.includes('/bundle/'));
    must((await kept(bundle)) === 200, 'the bundle was not kept: nothing is tested');
    const cookies = (await context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
    // It ends on the server, as by the clock; the page is loaded again.
    must((await fetch(`${base}/api/v1/session`, { method: 'DELETE', headers: { Cookie: cookies, Origin: base } })).status === 204, 'the session did not end');
    await page.reload();
    await page.waitForSelector('[name=login]');
    await settled(async () => (await kept(bundle)) !== 200, 'the bundle is still there');
    await d.signIn(person(env.READER));
    await d.frame();
  });
  await step('after the sign-out no pixel and no patient is in the browser: not in its stores, nor in its files', async () => {
    await page.click('[data-act=back]');
    await page.waitForSelector('tr[data-item]');
    await page.click('[data-act=account]');
    await page.click('[data-act=signout]');
    await page.waitForSelector('[name=login]');
    const left = await page.evaluate(async () => ({
      caches: (await caches.keys()).length,
      databases: (await indexedDB.databases()).length,
      session: sessionStorage.length,
      local: Object.keys(localStorage),
      workers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
    }));
    must(left.caches === 0 && left.databases === 0 && left.session === 0 && left.workers === 0, JSON.stringify(left));
    const again = await page.evaluate(async (url) => (await fetch(url, { cache: 'only-if-cached', mode: 'same-origin' }).catch(() => null))?.status ?? 0, d.urls.find((u) => u.includes('/bundle/')));
    must(again === 0 || again === 504, `a bundle is still in the cache: ${again}`);
    // A second person at the same browser sees nothing of the first.
    await d.signIn(person(env.OTHER));
    await page.waitForSelector('[data-act=account]');
    await page.goto(at);
    await d.frame();
    await context.close();
    let files = 0;
    for (const e of await readdir(d.dir, { recursive: true, withFileTypes: true })) {
      if (!e.isFile()) continue;
      const raw = await readFile(join(e.parentPath ?? e.path, e.name)).catch(() => null);
      if (!raw) continue;
      files++;
      for (const word of env.SECRETS.split(' ')) must(!raw.includes(Buffer.from(word, 'utf8')) && !raw.includes(Buffer.from(word, 'utf16le')), `${word} is in ${e.name} of the browser`);
    }
    must(files > 10, `${files} files of the browser were read`);
  });
  // What is asked of the cache alone and is not there is an error to the console.
  const problems = d.problems.filter((p) => !p.includes('ERR_CACHE_MISS'));
  if (problems.length) throw new Error(problems.join('\n'));
} catch (e) {
  await d.picture('bench-failed').catch(() => undefined);
  throw e;
} finally {
  await d.close().catch(() => undefined);
}
