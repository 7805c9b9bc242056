// How smooth a long list scrolls: two rows a frame at its beginning, while its pages come,
// and again once all of it is there.
//
//   BASE_URL=… READER=login:password ROWS=100000 node e2e/longlist.mjs
import { open } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const rows = Number(env.ROWS);
const b = await open({});
const d = new Desk(b, env.BASE_URL, env.OUT_DIR ?? '.');
const { page } = d;
const [login, password] = env.READER.split(':');

/** Frames of some seconds in which the list moves by rows a frame. */
const scroll = (step, seconds) =>
  page.evaluate(
    async ({ step, seconds }) => {
      const box = document.querySelector('.table-box');
      const outer = box.scrollHeight > box.clientHeight + 1 ? box : box.closest('main');
      const height = document.querySelector('tr[data-item]').getBoundingClientRect().height;
      const took = [];
      let most = 0;
      let last = 0;
      await new Promise((done) => {
        const end = performance.now() + seconds * 1000;
        const frame = (now) => {
          if (last) took.push(now - last);
          last = now;
          outer.scrollTop += step * height;
          most = Math.max(most, document.querySelectorAll('tr[data-item]').length);
          if (now < end) requestAnimationFrame(frame);
          else done();
        };
        requestAnimationFrame(frame);
      });
      took.sort((a, b) => a - b);
      const sum = took.reduce((n, x) => n + x, 0);
      return { persecond: ((took.length / sum) * 1000).toFixed(1), p50: took[took.length >> 1].toFixed(1), p95: took[Math.floor(took.length * 0.95)].toFixed(1), longest: took.at(-1).toFixed(1), most };
    },
    { step, seconds },
  );
const say = (what, f) => console.log(`${what}: ${f.persecond} frames a second, p50 ${f.p50} ms, p95 ${f.p95} ms, longest ${f.longest} ms, ${f.most} rows on the page`);

try {
  await d.signIn({ login, password });
  await page.waitForSelector('tr[data-item]');
  say('two rows a frame, while pages come', await scroll(2, 6));
  const began = Date.now();
  for (;;) {
    const count = Number(await page.locator('table.worklist').getAttribute('aria-rowcount'));
    if (count === rows + 1) break;
    if (count !== -1) throw new Error(`${count - 1} rows, want ${rows}`);
    await page.evaluate(() => {
      const box = document.querySelector('.table-box');
      const outer = box.scrollHeight > box.clientHeight + 1 ? box : box.closest('main');
      outer.scrollTop = outer.scrollHeight;
    });
    await page.waitForTimeout(50);
  }
  console.log(`all ${rows} rows after ${((Date.now() - began) / 1000).toFixed(0)} s`);
  await page.evaluate(() => {
    const box = document.querySelector('.table-box');
    const outer = box.scrollHeight > box.clientHeight + 1 ? box : box.closest('main');
    outer.scrollTop = outer.scrollHeight / 2;
  });
  await page.waitForTimeout(500);
  say('two rows a frame, all there', await scroll(2, 6));
  say('forty rows a frame, all there', await scroll(40, 6));
  const first = await page.locator('tr[data-item]').first().getAttribute('aria-rowindex');
  console.log(`ok it stands at row ${first}`);
} finally {
  await b.close();
}
