// How fast a study opens over a thin line: what a reader at home sees.
//
//   BASE_URL=http://127.0.0.1:8080 READER=login:password node e2e/speed.mjs
//
// For 20 Mbit/s with 20 ms and 5 Mbit/s with 50 ms, cold (nothing of us in the
// browser) and warm, the study with the most images of the worklist is opened:
//
//   shell       bytes of HTML, scripts and styles before the first image, as sent
//   image       from the click in the open page to a picture of the study
//   scrollable  to a picture of every slice
//   lossless    to every true frame that the memory holds
//   link        what the bytes of the series alone take on that line
//   cpu         of the page's thread until the first picture
//
// One line of JSON a run. Times of a machine that does other things are noise;
// bytes and requests are not.
import { open } from './browser.mjs';
import { thinLine } from './proxy.mjs';

const target = new URL(process.env.BASE_URL ?? 'http://127.0.0.1:8181');
const [login, password] = (process.env.READER ?? 'sato:demo').split(':');
const lines = (process.env.LINES ?? '20/20 5/50').split(' ').map((l) => l.split('/').map(Number));
const patience = Number(process.env.PATIENCE ?? 300) * 1000;

async function visit(page, base, line) {
  const shown = [];
  page.on('request', (r) => shown.push({ url: new URL(r.url()).pathname, at: performance.now() }));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const cpu = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value;
  await page.goto(base);
  await page.waitForSelector('[name=login], tr[data-item]', { timeout: patience });
  if (await page.locator('[name=login]').count()) {
    await page.fill('[name=login]', login);
    await page.fill('[name=password]', password);
    await page.click('[data-act=signin]');
  }
  await page.waitForSelector('tr[data-item]', { timeout: patience });
  await page.waitForLoadState('networkidle');
  const shell = await page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).filter((e) => /\.(js|css)$|\/$/.test(new URL(e.name).pathname)).reduce((n, e) => n + e.encodedBodySize, 0));
  const before = { down: line.down, requests: shown.length, cpu: await cpu() };
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  await page.locator('tr[data-item] .patient-link').first().click();
  await page.waitForSelector('.canvas:is([data-shown=preview],[data-shown=frame])', { timeout: patience });
  const image = ms();
  const first = { requests: shown.length - before.requests, cpu: Math.round(1000 * ((await cpu()) - before.cpu)) };
  const slices = Number(await page.locator('[data-slices]').first().getAttribute('data-slices'));
  // A picture at either end: the small previews come in order.
  await page.keyboard.press('Home');
  await page.waitForSelector('[data-slice="1"]');
  await page.waitForSelector('.canvas:is([data-shown=preview],[data-shown=frame])', { timeout: patience });
  await page.keyboard.press('End');
  await page.waitForSelector(`[data-slice="${slices}"]`);
  await page.waitForSelector('.canvas:is([data-shown=preview],[data-shown=frame])', { timeout: patience });
  const scrollable = ms();
  await page.waitForFunction(() => {
    const p = document.querySelector('.series-progress');
    return !p || p.getAttribute('aria-valuenow') === p.getAttribute('aria-valuemax');
  }, null, { timeout: patience });
  const lossless = ms();
  // Frames of the screen while the stack is scrolled for two seconds.
  const fps = await page.evaluate(async () => {
    let n = 0;
    const end = performance.now() + 2000;
    const box = document.querySelector('.canvas');
    while (performance.now() < end) {
      box.dispatchEvent(new WheelEvent('wheel', { deltaY: n % 80 < 40 ? -120 : 120, bubbles: true, cancelable: true }));
      await new Promise((r) => requestAnimationFrame(r));
      n++;
    }
    return Math.round(n / 2);
  });
  const heap = await page.evaluate(() => (performance.memory ? Math.round(performance.memory.usedJSHeapSize / 2 ** 20) : null));
  return { shell, slices, image, firstRequests: first.requests, cpu: first.cpu, scrollable, lossless, requests: shown.length - before.requests, bytes: line.down - before.down, fps, heapMiB: heap };
}

for (const [mbit, rtt] of lines) {
  const line = await thinLine({ to: target, mbit, rtt });
  const base = `http://127.0.0.1:${line.port}/`;
  const browser = await open({});
  for (const state of ['cold', 'warm']) {
    const page = await browser.context.newPage();
    const r = await visit(page, base, line);
    const link = Math.round((r.bytes * 8) / (mbit * 1000));
    console.log(JSON.stringify({ line: `${mbit}/${rtt}`, state, ...r, linkMs: link, overLink: link ? Number((r.lossless / link).toFixed(2)) : null }));
    await page.close();
  }
  await browser.close();
  line.close();
}
