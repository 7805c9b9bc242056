// A reader and a doctor on a phone look at the same images, in a browser each,
// against a running service.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out READER=login:password HOSPITAL=login:password node e2e/look.mjs
//
// HOSPITAL may name several, separated by spaces: the one whose study it is joins.
// HOSPITAL_URL is the node the doctor sits at, when it is another one.
import { mkdir } from 'node:fs/promises';
import { desktop, open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL ?? 'http://127.0.0.1:8181';
const out = env.OUT_DIR ?? 'e2e/out';
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
await mkdir(out, { recursive: true });

const all = [];
const start = async (who, options, at = base) => {
  const b = await open(options);
  all.push(b);
  const d = new Desk(b, at, out);
  await d.signIn(login(who));
  return d;
};
const must = (ok, what) => {
  if (!ok) throw new Error(what);
};
const seen = (page) =>
  page.evaluate(() => ({
    slice: document.querySelector('[data-slice]')?.getAttribute('data-slice'),
    window: document.querySelector('[data-window]')?.getAttribute('data-window'),
    series: document.querySelector('.series[aria-current=true]')?.getAttribute('data-series'),
  }));
const same = async (a, b, what) => {
  const want = await seen(a);
  const began = performance.now();
  await b.waitForFunction(
    (w) => document.querySelector('[data-slice]')?.getAttribute('data-slice') === w.slice && document.querySelector('[data-window]')?.getAttribute('data-window') === w.window && document.querySelector('.series[aria-current=true]')?.getAttribute('data-series') === w.series,
    want,
  );
  console.log(`ok ${what} (${Math.round(performance.now() - began)} ms)`);
};

try {
  const reader = await start(env.READER ?? 'sato:demo', { viewport: desktop });
  const row = reader.page.locator('tr[data-item]', { has: reader.page.locator('[data-act=claim]') }).and(reader.page.locator('tr[data-modality~=CT]')).first();
  await row.locator('[data-act=claim]').click();
  await reader.frame();
  const item = JSON.parse(await reader.get(`/api/v1/workitems/${reader.page.url().split('/').at(-1)}`));
  const study = item.study.id;

  // The doctor sits at the list of the ward and is asked along.
  let doctor = null;
  for (const who of (env.HOSPITAL ?? 'kaifu:demo').split(/\s+(?=\w+:)/)) {
    const d = await start(who, { viewport: phone, touch: true }, env.HOSPITAL_URL ?? base);
    await d.page.waitForSelector('.topbar');
    if ((await d.page.evaluate((id) => fetch(`/api/v1/studies/${id}`).then((r) => r.status), study)) === 200) doctor = d;
    else await d.close?.();
  }
  must(doctor, 'no hospital sees the study');
  await reader.page.click('[data-act=room]');
  await reader.page.click('[data-act=look-start]');
  await reader.page.waitForSelector('[data-look=leads]');
  await doctor.page.waitForSelector(`[data-invite="${study}"]`);
  await doctor.accessible('look-invite-phone');
  const began = performance.now();
  await doctor.page.click('[data-act=invite-join]');
  await doctor.page.waitForSelector('[data-look=follows]');
  await doctor.page.waitForSelector('.canvas:is([data-shown=preview],[data-shown=frame])');
  const joined = performance.now() - began;
  console.log(`ok joined in ${Math.round(joined)} ms`);
  await doctor.frame();
  await reader.page.keyboard.press('Escape'); // the room is closed, the look goes on
  await reader.page.waitForSelector('.room', { state: 'detached' });
  await same(reader.page, doctor.page, 'the same image');

  await reader.page.locator('.canvas').first().focus();
  for (let i = 0; i < 12; i++) await reader.page.keyboard.press('ArrowDown');
  await reader.frame();
  await same(reader.page, doctor.page, 'the same slice');
  await reader.page.keyboard.press('4');
  await same(reader.page, doctor.page, 'the same window');
  const box = await reader.page.locator('.canvas').first().boundingBox();
  await reader.page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height / 2);
  await doctor.page.waitForSelector('[data-guest]', { state: 'attached' });
  console.log('ok the pointer is seen');
  await reader.accessible('look-leader-desktop');
  await doctor.accessible('look-follower-phone');

  // Who follows cannot lead, until they take the lead.
  await doctor.page.click('[data-act=look-lead]');
  await doctor.page.waitForSelector('[data-look=leads]');
  await reader.page.waitForSelector('[data-look=follows]');
  await doctor.page.locator('.canvas').first().focus();
  for (let i = 0; i < 5; i++) await doctor.page.keyboard.press('ArrowUp');
  await doctor.frame();
  await same(doctor.page, reader.page, 'the reader follows the doctor');
  await doctor.page.click('[data-act=look-hand]');
  await reader.page.waitForSelector('[data-look=leads]');

  // The page of the doctor is loaded again: the seat is given up, and taken again.
  await doctor.page.reload();
  await doctor.page.waitForSelector('[data-act=look-join]');
  await doctor.page.click('[data-act=look-join]');
  await doctor.page.waitForSelector('[data-look=follows]');
  console.log('ok joined again');
  await doctor.page.click('[data-act=look-leave]');
  await reader.page.waitForFunction(() => !document.querySelector('[data-act=look-hand]'), null);
  await reader.page.click('[data-act=look-leave]');
  await reader.page.waitForSelector('.lookbar', { state: 'detached' });
  await doctor.page.waitForSelector('.lookbar', { state: 'detached' });
  console.log('ok it is over for both');
  const problems = all.flatMap((b) => b.problems);
  if (problems.length) throw new Error(problems.join('\n'));
} catch (e) {
  for (const [i, b] of all.entries()) await b.page.screenshot({ path: `${out}/look-failed-${i}.png` }).catch(() => undefined);
  throw e;
} finally {
  for (const b of all) await b.close();
}
