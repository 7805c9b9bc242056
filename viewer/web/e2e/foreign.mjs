// What others have put on images, in a browser: presentation states are chosen from a
// menu and applied where they belong, measurements of other makers stand on their
// slices with who made them. cmd/dokuei/foreign_test.go sends the study.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out READER=login:password node e2e/foreign.mjs
import { mkdir } from 'node:fs/promises';
import { open, patience } from './browser.mjs';
import { Desk } from './desk.mjs';

const base = process.env.BASE_URL ?? 'http://127.0.0.1:8181';
const out = process.env.OUT_DIR ?? 'e2e/out';
const [login, password] = (process.env.READER ?? 'sato:demo').split(':');
await mkdir(out, { recursive: true });

let steps = 0;
const step = async (name, f) => {
  await f();
  console.log(`ok ${String(++steps).padStart(2)} ${name}`);
};
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};

const browser = await open({ colorScheme: 'dark' });
const d = new Desk(browser, base, out);
const { page } = d;
const canvas = () => page.locator('.canvas').first();
const choose = async (label) => {
  await page.click('[data-act=states]');
  await page.click(`[data-act="state-${label}"]`);
};
const settled = async (f, what) => {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    if (await f()) return;
    await page.waitForTimeout(250);
  }
  throw new Error(what);
};
const around = () => page.evaluate(() => document.querySelector('[data-window]')?.getAttribute('data-window'));

try {
  await d.signIn({ login, password });
  await page.locator('tr[data-item]').first().locator('.patient-link').click();
  await d.frame();
  await page.waitForSelector('[data-act=states]');
  await page.waitForSelector('[data-documents="1"]');
  await canvas().focus();

  await step('a state takes the reader to its image, with its window, turn and area', async () => {
    await page.keyboard.press('Home');
    await d.slice(1);
    await d.frame();
    const before = [await d.pixels(), await around()];
    await choose('REVIEW');
    await d.slice(6); // the study goes from the head down, its files came from below
    await d.frame();
    await settled(async () => (await around()) === '60/120', 'not the window of the state');
    await page.waitForSelector('[data-state=REVIEW]', { state: 'attached' });
    for (const g of ['POINT', 'POLYLINE', 'INTERPOLATED', 'CIRCLE', 'ELLIPSE']) must((await page.locator(`[data-graphic=${g}]`).count()) === 1, `no ${g}`);
    for (const s of ['RECTANGULAR', 'CIRCULAR', 'POLYGONAL']) must((await page.locator(`[data-shutter=${s}]`).count()) === 1, `no ${s} shutter`);
    must((await page.evaluate(() => [...document.querySelectorAll('.state-words')].map((x) => x.textContent).join(' '))).includes('血腫の縁'), 'no text');
    await d.accessible('foreign-state');
    // It is of this slice and no other.
    await page.keyboard.press('ArrowDown');
    await d.slice(7);
    await settled(async () => (await page.locator('[data-state]').count()) === 0, 'it is drawn on an image that it is not of');
    await settled(async () => (await around()) !== '60/120', 'its window went along');
    await page.keyboard.press('ArrowUp');
    await settled(async () => (await around()) === '60/120', 'its window did not come back');
    // Without it all is as it was.
    await page.click('[data-act=states]');
    await page.click('[data-act=state-none]');
    await page.keyboard.press('Home');
    await d.slice(1);
    await settled(async () => (await around()) === before[1] && (await d.pixels()) === before[0], 'the image is not as it was');
  });
  await step('a layer is hidden and shown', async () => {
    await choose('REVIEW');
    await page.waitForSelector('[data-graphic-layer=LESION]', { state: 'attached' });
    await page.click('[data-act=states]');
    await d.accessible('foreign-menu');
    await page.click('[data-act=layer-LESION]');
    await page.waitForSelector('[data-graphic-layer=LESION]', { state: 'detached' });
    must((await page.locator('[data-graphic-layer=NOTES]').count()) > 0, 'the other layer is hidden too');
    await page.click('[data-act=layer-LESION]');
    await page.waitForSelector('[data-graphic-layer=LESION]', { state: 'attached' });
    await page.keyboard.press('Escape');
    await page.click('[data-act=states]');
    await page.click('[data-act=state-none]');
  });
  await step('graphics lie where the state puts them, turned and zoomed with the image', async () => {
    await choose('TURNED');
    await d.frame();
    await page.waitForSelector('[data-state=TURNED] [data-graphic=POINT]', { state: 'attached' });
    // A displayed area of one quarter, turned by 90° and flipped: the point in its middle is in the middle of the pane.
    await settled(
      () =>
        page.evaluate(() => {
          const pane = document.querySelector('.canvas').getBoundingClientRect();
          const b = document.querySelector('[data-state=TURNED] [data-graphic=POINT] .state-line').getBoundingClientRect();
          return Math.hypot(b.x + b.width / 2 - pane.x - pane.width / 2, b.y + b.height / 2 - pane.y - pane.height / 2) < 2;
        }),
      'the point is not in the middle of its area',
    );
    await page.click('[data-act=states]');
    await page.click('[data-act=state-none]');
  });
  await step('measurements of another maker are listed with who made them', async () => {
    const text = await page.innerText('[data-documents]');
    for (const word of ['Imaging Measurement Report', 'Nodulus', 'Lung nodule 7', '12.5 mm']) must(text.includes(word), `${word} is not in the list: ${text}`);
  });
  await step('and are gone to: on a slice, and in the patient', async () => {
    await page.locator('[data-act=foreign-show]').nth(0).click();
    await d.slice(7);
    await page.waitForSelector('[data-foreign=POLYLINE]', { state: 'attached' });
    must((await page.evaluate(() => document.querySelector('.foreign-words').textContent)).includes('12.5 mm'), 'no value beside it');
    await page.locator('[data-act=foreign-show]').nth(1).click();
    await d.slice(4);
    await page.waitForSelector('[data-foreign=POLYGON]', { state: 'attached' });
    await d.accessible('foreign-measured');
    await page.keyboard.press('ArrowDown');
    await d.slice(5);
    await settled(async () => (await page.locator('[data-foreign]').count()) === 0, 'it is on a slice beside its own');
  });
  await step('a body is seen on each slice that cuts it, smaller towards its ends', async () => {
    const width = () => page.evaluate(() => document.querySelector('[data-foreign=ELLIPSOID] .foreign-line')?.getBoundingClientRect().width ?? 0);
    await page.locator('[data-act=foreign-show]').nth(2).click();
    await d.slice(2);
    await page.waitForSelector('[data-foreign=ELLIPSOID]', { state: 'attached' });
    await d.accessible('foreign-body');
    const widest = await width();
    for (const [key, n] of [['ArrowDown', 3], ['Home', 1]]) {
      await page.keyboard.press(key);
      await d.slice(n);
      await page.waitForSelector('[data-foreign=ELLIPSOID]', { state: 'attached' });
      // One slice away of 1.6 the radius is √(1 − 1/1.6²) of the widest.
      await settled(async () => Math.abs((await width()) / widest - 0.7806) < 0.02, `not as wide as it is on slice ${n}`);
    }
  });
  await step('they cannot be moved or deleted, and can be hidden', async () => {
    await page.locator('[data-act=foreign-show]').nth(0).click();
    await page.waitForSelector('[data-foreign=POLYLINE]', { state: 'attached' });
    await canvas().focus();
    await page.keyboard.press('Delete');
    await page.keyboard.press('Shift+Delete');
    must((await page.locator('[data-foreign=POLYLINE]').count()) === 1, 'it was deleted');
    await page.click('[data-act=foreign-visible]');
    await page.waitForSelector('[data-foreign]', { state: 'detached' });
  });
  await d.tidy([]);
} catch (e) {
  await d.picture('foreign-failed');
  throw e;
}
