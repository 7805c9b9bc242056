// Image tools in a browser: marks are drawn and measured, panes are laid out and
// scroll together. Against a running service or the mock, whose first study of
// the worklist must be a CT or MR with several slices:
//
//   BASE_URL=http://127.0.0.1:8181 OUT_DIR=out READER=login:password node e2e/images.mjs
import { mkdir } from 'node:fs/promises';
import { open, patience } from './browser.mjs';
import { Desk } from './desk.mjs';

const base = process.env.BASE_URL ?? 'http://127.0.0.1:8181';
const out = process.env.OUT_DIR ?? 'e2e/out';
const [login, password] = (process.env.READER ?? 'sato:demo').split(':');
await mkdir(out, { recursive: true });

let steps = 0;
const step = async (name, f) => {
  const began = Date.now();
  await f();
  console.log(`ok ${String(++steps).padStart(2)} ${name} (${Date.now() - began} ms)`);
};
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};

const browser = await open({ colorScheme: 'dark' });
const d = new Desk(browser, base, out);
const { page } = d;
try {
  await d.signIn({ login, password });
  const row = page.locator('tr[data-item]:is([data-modality~=CT],[data-modality~=MR])').first();
  const claim = row.locator('[data-act=claim]');
  if (await claim.count()) await claim.click();
  else await row.locator('.patient-link').click();
  await page.waitForSelector('.canvas');
  const take = page.locator('.pane-report [data-act=claim]');
  if (await take.count()) await take.click();
  await d.frame();
  await page.waitForSelector('[data-tools=marks]');

  // What an earlier run has left.
  await page.waitForTimeout(500);
  await page.locator('.canvas').first().focus();
  await page.keyboard.press('Shift+Delete');
  while (await page.locator('[data-act^=key-remove]').count()) await page.locator('[data-act^=key-remove]').first().click();

  await step('shows the first picture before the scripts are here, marked, where the page has it then', async () => {
    const at = page.url();
    await page.goto('about:blank');
    const hold = async (name) => {
      const pattern = new RegExp(`/assets/${name}-[^/]*\\.js$`);
      let come = () => {};
      const wait = new Promise((r) => (come = r));
      await page.route(pattern, async (r) => {
        await wait;
        await r.continue();
      });
      return () => come();
    };
    const scripts = await hold('index');
    const bench = await hold('bench');
    await page.goto(at, { waitUntil: 'commit' });
    await page.waitForSelector('.first-pane[data-shown=preview] img');
    const lies = (selector) =>
      page.evaluate((s) => {
        const { left, right, top, bottom } = document.querySelector(s).getBoundingClientRect();
        return [left, right, top, bottom].map(Math.round).join(' ');
      }, selector);
    const first = await lies('.first-pane');
    must(/プレビュー/.test(await page.locator('.first-pane').innerText()), 'not marked as a preview');
    scripts();
    await page.waitForSelector('#first', { state: 'detached' });
    await page.waitForSelector('.canvas:is([data-shown=preview],[data-shown=frame])');
    // A notice above the picture is known to the page alone.
    const own = await lies('.canvas');
    if (!(await page.locator('.page > .banner').count())) must(first === own, `lay at ${first}, lies at ${own}`);
    bench();
    await d.frame();
    await page.waitForSelector('[data-tools=marks]');
  });

  const box = () => page.locator('.canvas').first().boundingBox();
  const drag = async (...points) => {
    const b = await box();
    const at = ([x, y]) => [b.x + b.width * x, b.y + b.height * y];
    await page.mouse.move(...at(points[0]));
    await page.mouse.down();
    for (const p of points.slice(1)) await page.mouse.move(...at(p), { steps: 4 });
    await page.mouse.up();
  };
  const values = (kind) => page.locator(`.mark[data-mark-kind=${kind}]`).last().getAttribute('data-values');
  const measured = (kind, pattern) =>
    page.waitForFunction(([k, p]) => new RegExp(p).test([...document.querySelectorAll(`.mark[data-mark-kind=${k}]`)].at(-1)?.getAttribute('data-values')), [kind, pattern.source]);

  await step('draws every kind of mark and measures it', async () => {
    await page.keyboard.press('d');
    await drag([0.3, 0.3], [0.5, 0.3]);
    await measured('length', /^length=\d/);
    await page.keyboard.press('a');
    await drag([0.3, 0.4], [0.4, 0.4]);
    await drag([0.4, 0.5], [0.4, 0.5]);
    await measured('angle', /^angle=\d/);
    await page.keyboard.press('o');
    await drag([0.45, 0.45], [0.55, 0.6]);
    await measured('ellipse', /mean=-?\d.* sd=\d/);
    await page.keyboard.press('b');
    await drag([0.6, 0.6], [0.7, 0.65]);
    await measured('bidirectional', /long=\d.*short=\d/);
    await page.click('[data-act=marks]');
    await page.click('[data-act=pick-freehand]');
    await drag([0.55, 0.3], [0.65, 0.3], [0.65, 0.4], [0.55, 0.4]);
    await measured('freehand', /area=\d/);
    await page.keyboard.press('y');
    await drag([0.35, 0.6], [0.28, 0.7]);
    await page.waitForSelector('.mark-text:focus');
    await page.keyboard.type('出血');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => [...document.querySelectorAll('.mark-words')].some((x) => x.textContent.includes('出血')));
    await page.waitForFunction(() => document.querySelectorAll('.mark').length === 6);
    await d.picture('images-marks');
  });
  await step('goes back and forth', async () => {
    for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.querySelectorAll('.mark').length === 4);
    for (let i = 0; i < 3; i++) await page.keyboard.press('Control+y');
    await page.waitForFunction(() => document.querySelectorAll('.mark').length === 6);
  });
  await step('moves an end of a mark, and measures again', async () => {
    await page.keyboard.press('w');
    const before = await values('length');
    await drag([0.5, 0.3], [0.6, 0.3]);
    await page.waitForFunction((b) => document.querySelector('.mark[data-mark-kind=length]')?.getAttribute('data-values') !== b, before);
    await page.keyboard.press('Delete');
    await page.waitForFunction(() => document.querySelectorAll('.mark').length === 5);
    await page.keyboard.press('Control+z');
  });
  await step('keeps marks with their slice', async () => {
    const at = await page.locator('[data-slice]').first().getAttribute('data-slice');
    await page.keyboard.press('ArrowDown');
    await d.slice(Number(at) + 1);
    await d.frame();
    await page.waitForFunction(() => document.querySelectorAll('.mark').length === 0); // they do not go along
    await page.keyboard.press('ArrowUp');
    await page.waitForFunction(() => document.querySelectorAll('.mark').length === 6);
  });
  await step('keeps key images, puts one into the report, and all are there after a reload', async () => {
    await page.keyboard.press('g');
    await page.waitForSelector('[data-key-number="1"]');
    await page.fill('.key-text', '左被殻の出血');
    await page.click('[data-act=key-insert-1]');
    await page.waitForFunction(() => /図1|Fig. 1/.test(document.querySelector('textarea[data-section]')?.value ?? ''));
    await page.waitForSelector('[data-kept=clean]');
    await d.saved();
    await page.reload();
    await d.frame();
    await page.waitForSelector('[data-key-number="1"]');
    await page.click('[data-key-number="1"]');
    await page.waitForFunction(() => document.querySelectorAll('.mark').length === 6);
    await page.click('[data-act=keys-print]');
    await page.waitForSelector('.sheet');
    await d.picture('images-print');
    await page.keyboard.press('Escape');
  });
  await step('lays out two by two, and one series goes where it is dragged', async () => {
    await page.click('[data-act=layout]');
    await page.click('[data-grid="2x2"]');
    await page.waitForFunction(() => document.querySelectorAll('.canvas').length === 4);
    const first = page.locator('[data-series]').first();
    await first.dragTo(page.locator('.canvas').nth(3));
    const id = await first.getAttribute('data-series');
    await page.waitForFunction((x) => document.querySelector(`[data-series="${x}"]`)?.getAttribute('aria-current') === 'true', id);
    await page.waitForSelector('.canvas[data-pane-number="4"][data-shown=frame]');
    await d.picture('images-layout');
  });
  await step('gives a pane the whole wall by a double click, and all of them their places again', async () => {
    const four = page.locator('.canvas[data-pane-number="4"]');
    const before = await four.boundingBox();
    await four.dblclick({ position: { x: 40, y: 160 } });
    await page.waitForFunction(() => document.querySelectorAll('.canvas').length === 1);
    await page.waitForFunction((w) => document.querySelector('.canvas').getBoundingClientRect().width > 1.8 * w, before.width);
    await page.waitForSelector('.canvas[data-pane-number="4"][data-shown=frame]');
    await page.locator('.canvas').dblclick({ position: { x: 40, y: 160 } });
    await page.waitForFunction(() => document.querySelectorAll('.canvas').length === 4);
    await page.waitForSelector('.canvas[data-pane-number="4"][data-shown=frame]');
  });
  await step('scrolls linked panes together', async () => {
    await page.locator('.canvas').nth(0).click({ position: { x: 30, y: 200 } });
    await page.keyboard.press('Home');
    await page.keyboard.press('PageDown');
    await page.waitForFunction(() => {
      const [one, four] = [1, 4].map((n) => document.querySelector(`.canvas[data-pane-number="${n}"]`));
      const place = (pane) => Number(pane?.querySelector('[data-slice]')?.getAttribute('data-slice'));
      return place(one) === Math.min(11, Number(one?.querySelector('[data-slices]')?.getAttribute('data-slices'))) && place(one) === place(four);
    });
  });
  await step('cuts three planes, and a slab', async () => {
    await page.locator('.canvas').nth(0).click({ position: { x: 30, y: 200 } });
    await page.keyboard.press('u');
    await page.waitForSelector('[data-mpr=ready]');
    const sum = (plane) =>
      page.evaluate((p) => {
        const c = document.querySelector(`[data-plane=${p}] canvas`);
        const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4) n += data[i];
        return n;
      }, plane);
    await page.waitForFunction(() => document.querySelectorAll('[data-plane] canvas').length === 3);
    const until = async (f) => {
      for (const end = Date.now() + patience; Date.now() < end && !f(await sum('coronal')); ) await page.waitForTimeout(250);
      return sum('coronal');
    };
    const thin = await until((n) => n > 0);
    must(thin > 0, 'a black plane');
    await d.picture('images-mpr');
    await page.selectOption('[data-act=mpr-slab]', 'mip');
    must((await until((n) => n > thin)) > thin, 'the slab is no brighter');
    const lies = (want, what) =>
      page.waitForFunction((w) => Object.entries(w).every(([plane, [from, to]]) => {
        const n = Number(document.querySelector(`[data-plane=${plane}] [data-oblique]`)?.getAttribute('data-oblique'));
        return n >= from && n <= to;
      }), want).catch(() => must(false, what));
    // By its keys the axial plane turns the other two, and stays itself.
    await page.locator('[data-plane=axial]').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await lies({ axial: [0, 0], coronal: [20, 20], sagittal: [20, 20] }, 'not turned by keys');
    // By a grip of the coronal one: a double oblique.
    const pane = await page.locator('[data-plane=coronal]').boundingBox();
    const grip = await page.locator('[data-plane=coronal] [data-grip=axial] .seen').first().boundingBox();
    const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, y + 0.1 * pane.height, { steps: 4 });
    await page.mouse.up();
    await lies({ axial: [3, 60], coronal: [20, 20] }, 'not turned by hand');
    await d.picture('images-mpr-oblique');
    await page.click('[data-act=mpr-straight]');
    await lies({ axial: [0, 0], coronal: [0, 0], sagittal: [0, 0] }, 'not straight again');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.wall');
  });
  await step('gives a command another key, everywhere', async () => {
    await page.click('[data-act=settings]');
    await page.click('[data-act=open-hotkeys]');
    await page.click('[data-hotkey=invert]');
    await page.keyboard.press('q');
    await page.waitForFunction(() => document.querySelector('[data-hotkey=invert]')?.textContent === 'Q');
    await d.picture('images-hotkeys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('q');
    await page.waitForSelector('[data-act=invert][aria-pressed=true]');
    await page.click('[data-act=settings]');
    await page.click('[data-act=open-hotkeys]');
    await page.click('[data-act=hotkeys-reset]');
    await page.waitForFunction(() => document.querySelector('[data-hotkey=invert]')?.textContent === 'I');
    await page.keyboard.press('Escape');
  });
  await step('keeps a layout as a hanging protocol', async () => {
    await page.click('[data-act=settings]');
    await page.click('[data-act=open-hanging]');
    await page.click('[data-act=hanging-add]');
    await page.waitForSelector('[data-hanging]');
    await d.picture('images-hanging');
    await page.locator('[data-hanging] .btn').last().click();
    await page.waitForFunction(() => !document.querySelector('[data-hanging]'));
    await page.keyboard.press('Escape');
  });
  await step('lists its keys', async () => {
    await page.keyboard.press('Shift+?');
    await page.waitForSelector('[data-dialog=help]');
    await d.picture('images-keys');
    await page.keyboard.press('Escape');
  });
  await d.tidy([]);
} catch (e) {
  await d.picture('images-failed');
  throw e;
}
