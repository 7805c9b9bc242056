// How fast a study opens over a thin line: what a reader at home sees.
//
//   BASE_URL=http://127.0.0.1:8080 READER=login:password node e2e/speed.mjs
//
// For 20 Mbit/s with 20 ms and 5 Mbit/s with 50 ms the first study of the worklist
// is opened, cold (nothing of us in the browser), warm (a new tab of the same
// browser) and within the open page (after the list has been looked at for three
// seconds). With OHIF_URL and OHIF_STUDY the same study is opened in OHIF, cold and
// warm. Times are from the first byte asked for (cold, warm; without what a person
// needs to type a password) or from the click (open):
//
//   shell       bytes of HTML, scripts and styles before the page draws an image, as sent
//   image       ms to a picture of the study that fills the pane
//   own         ms to that picture drawn by the page itself: from now on it can be worked with
//   scrollable  ms to a picture of every slice
//   lossless    ms to every true frame
//   overLink    of that and what the bytes alone take on that line
//   cpu         ms of the page's thread until the first picture
//   fps         pictures a second while the wheel is turned, without a GPU
//   tabMiB      memory of the tab's process, its share of what it shares (Linux)
//
// One line of JSON a run. Times of a machine that does other things are noise;
// bytes and requests are not.
import { open } from './browser.mjs';
import { tabMiB } from './memory.mjs';
import { thinLine } from './proxy.mjs';

const env = process.env;
const target = new URL(env.BASE_URL ?? 'http://127.0.0.1:8181');
const [login, password] = (env.READER ?? 'sato:demo').split(':');
const lines = (env.LINES || '20/20 5/50').split(' ').map((l) => l.split('/').map(Number));
const patience = Number(env.PATIENCE ?? 600) * 1000;

async function watch(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  let requests = 0;
  page.on('request', (r) => {
    if (!r.url().startsWith('blob:') && !r.url().startsWith('data:')) requests++;
  });
  return {
    requests: () => requests,
    cpu: async () => Math.round(1000 * (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value),
  };
}

const shellOf = (page) =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .concat(performance.getEntriesByType('navigation'))
      .filter((e) => /\.(js|css)$|\/$/.test(new URL(e.name).pathname))
      .reduce((n, e) => n + e.encodedBodySize, 0),
  );

async function signIn(base, browser) {
  const page = await browser.context.newPage();
  await page.goto(base);
  await page.waitForSelector('[name=login]', { timeout: patience });
  await page.fill('[name=login]', login);
  await page.fill('[name=password]', password);
  await page.click('[data-act=signin]');
  await page.waitForSelector('tr[data-item]', { timeout: patience });
  const item = await page.locator('tr[data-item]').first().getAttribute('data-item');
  const state = await browser.context.storageState();
  await page.close();
  return { item, cookies: state.cookies };
}

// Looks inside the page, which the machine does not keep waiting as it does us:
// when there is a picture (a time of the page's own clock).
const marks = () => {
  const note = () => {
    window.began ??= 0;
    const own = document.querySelector('.canvas:is([data-shown=preview],[data-shown=frame])');
    if (own) window.own ??= performance.now();
    if (own || document.querySelector('.first-pane[data-shown]')) window.image ??= performance.now();
    const p = document.querySelector('.series-progress');
    if (!p) return;
    const all = p.getAttribute('aria-valuemax');
    if (window.scrollable === undefined && p.getAttribute('data-pictures') === all) window.scrollable = performance.now();
    if (window.lossless === undefined && p.getAttribute('aria-valuenow') === all) window.lossless = performance.now();
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-shown', 'data-pictures', 'aria-valuenow'] });
  // The click is where time begins, when there is one.
  addEventListener('click', () => (window.began = performance.now()), true);
};

// Everything from the moment on from which time counts.
async function see(page, w, line, before) {
  await page.waitForFunction(() => window.image !== undefined, null, { timeout: patience });
  const first = { firstRequests: w.requests() - before.requests, cpu: (await w.cpu()) - before.cpu };
  await page.waitForFunction(() => window.own !== undefined, null, { timeout: patience });
  const shell = await shellOf(page);
  await page.waitForFunction(() => window.lossless !== undefined, null, { timeout: patience });
  const times = await page.evaluate(() => ({ image: window.image - window.began, own: window.own - window.began, scrollable: window.scrollable - window.began, lossless: window.lossless - window.began }));
  for (const k of Object.keys(times)) times[k] = Math.round(times[k]);
  const slices = Number(await page.locator('[data-slices]').first().getAttribute('data-slices'));
  return { shell, slices, ...times, ...first, requests: w.requests() - before.requests, bytes: line.down - before.down };
}

// Pictures of the screen while the stack is scrolled for two seconds.
const scroll = (page) =>
  page.evaluate(async () => {
    const canvas = document.querySelector('.canvas');
    const slice = () => document.querySelector('[data-slice]')?.getAttribute('data-slice');
    const seen = [];
    let n = 0;
    const end = performance.now() + 2000;
    while (performance.now() < end) {
      canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: n++ % 160 < 80 ? -120 : 120, bubbles: true, cancelable: true }));
      await new Promise((r) => requestAnimationFrame(r));
      if (seen.at(-1) !== slice()) seen.push(slice());
    }
    return { fps: Math.round(n / 2), slicesPerSecond: Math.round(seen.length / 2) };
  });

async function ours(mbit, rtt, line, base) {
  const say = (state, r) => {
    const link = Math.round((r.bytes * 8) / (mbit * 1000));
    console.log(JSON.stringify({ viewer: 'dokuei', line: `${mbit}/${rtt}`, state, ...r, linkMs: link, overLink: link > 500 ? Number((r.lossless / link).toFixed(2)) : null }));
  };
  const outside = await open({});
  const { item, cookies } = await signIn(String(target), outside);
  await outside.close();
  const browser = await open({});
  await browser.context.addCookies(cookies);
  for (const state of ['cold', 'warm']) {
    const page = await browser.context.newPage();
    const w = await watch(page);
    const before = { down: line.down, requests: 0, cpu: 0 };
    await page.addInitScript(marks);
    await page.goto(`${base}#/read/${item}`, { waitUntil: 'commit' });
    const r = await see(page, w, line, before);
    say(state, { ...r, ...(await scroll(page)), tabMiB: await tabMiB(browser.dir) });
    await page.close();
  }
  await browser.close();
  const inside = await open({});
  await inside.context.addCookies(cookies);
  const page = await inside.context.newPage();
  const w = await watch(page);
  await page.addInitScript(marks);
  await page.goto(base);
  await page.waitForSelector('tr[data-item]', { timeout: patience });
  await page.waitForTimeout(3000);
  const before = { down: line.down, requests: w.requests(), cpu: await w.cpu() };
  await page.locator(`tr[data-item="${item}"] .patient-link`).click();
  const r = await see(page, w, line, before);
  say('open', { ...r, ...(await scroll(page)) });
  await inside.close();
}

// A canvas of OHIF says nothing about what is on it: a picture has a pixel that is not black.
const watchCanvas = () => {
  const timer = setInterval(() => {
    for (const c of document.querySelectorAll('.cornerstone-canvas')) {
      const pen = c.getContext('2d');
      if (!pen || c.width === 0) continue;
      const d = pen.getImageData(0, Math.floor(c.height / 2), c.width, 1).data;
      for (let i = 0; i < d.length; i += 4) {
        if (d[i] <= 24) continue;
        window.image = performance.now();
        return clearInterval(timer);
      }
    }
  }, 25);
};

async function theirs(mbit, rtt) {
  const line = await thinLine({ to: new URL(env.OHIF_URL), mbit, rtt });
  const browser = await open({ gpu: true });
  for (const state of ['cold', 'warm']) {
    const page = await browser.context.newPage();
    const w = await watch(page);
    const down = line.down;
    await page.addInitScript(watchCanvas);
    await page.goto(`http://127.0.0.1:${line.port}/viewer?StudyInstanceUIDs=${env.OHIF_STUDY}`, { waitUntil: 'commit' });
    // It has been seen to stand still for good, and would take the figures of ours with it.
    const seen = await page.waitForFunction(() => window.image !== undefined, null, { timeout: 120_000 }).then(() => true, () => false);
    const image = seen ? Math.round(await page.evaluate(() => window.image)) : null;
    console.log(JSON.stringify({ viewer: 'ohif', line: `${mbit}/${rtt}`, state, shell: await shellOf(page), image, firstRequests: w.requests(), cpu: await w.cpu(), bytesToImage: line.down - down }));
    await page.close();
  }
  await browser.close();
  line.close();
}

for (const [mbit, rtt] of lines) {
  const line = await thinLine({ to: target, mbit, rtt });
  await ours(mbit, rtt, line, `http://127.0.0.1:${line.port}/`);
  line.close();
  if (env.OHIF_URL) await theirs(mbit, rtt);
}
