// A study leaves the house: its hospital asks, the coordinator holds it for a court, lets
// it go, agrees, and brings it back; the page of the store beside it. In two browsers and
// two languages.
//
//   BASE_URL=… OUT_DIR=out HOSPITAL=login:password COORDINATOR=login:password node e2e/deletion.mjs
import { mkdir } from 'node:fs/promises';
import { open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
await mkdir(env.OUT_DIR, { recursive: true });
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const all = [];
let steps = 0;
const ok = (name) => console.log(`ok ${String(++steps).padStart(2)} ${name}`);
const start = async (who, options) => {
  const b = await open(options);
  all.push(b);
  const d = new Desk(b, env.BASE_URL, env.OUT_DIR);
  await d.signIn(login(who));
  return d;
};
const opened = async (d, row) => {
  await d.page.locator(`${row} .c-status`).first().click();
  await d.page.waitForSelector('[data-keeping]');
};
const store = async (d) => {
  await d.page.goto(`${env.BASE_URL}/#/store`);
  await d.page.waitForSelector('.stats');
};
const reason = '他院の患者の検査を誤って送信したため';

let failed = false;
try {
  const ward = await start(env.HOSPITAL, { locale: 'ja-JP' });
  await ward.page.waitForSelector('[data-study]');
  await opened(ward, '[data-study]');
  await ward.page.waitForSelector('[data-keeping=past] [data-act=deletion-ask]');
  must((await ward.page.locator('[data-act=hold]').count()) === 0, 'a hospital may hold');
  await ward.page.click('[data-act=deletion-ask]');
  await ward.page.fill('[data-dialog=ask] [name=reason]', '短い');
  await ward.page.click('[data-act=ask-confirm]');
  must(await ward.page.locator('[data-dialog=ask]').isVisible(), 'a reason of two characters was taken');
  await ward.page.fill('[data-dialog=ask] [name=reason]', reason);
  await ward.picture('deletion-ask-ja');
  await ward.page.click('[data-act=ask-confirm]');
  await ward.page.waitForSelector('[data-keeping] .banner');
  must((await ward.page.locator('[data-act=deletion-ask]').count()) === 0, 'it can be asked for twice');
  ok('the hospital asks for the deletion of a study');

  const desk = await start(env.COORDINATOR, { locale: 'en-GB' });
  await desk.page.waitForSelector('.stat');
  await desk.page.goto(`${env.BASE_URL}/#/workitems`);
  await desk.page.waitForSelector('tr[data-item]');
  await opened(desk, 'tr[data-item]');
  await desk.page.click('[data-act=hold]');
  await desk.page.fill('[data-dialog=hold] [name=reason]', 'A court has asked for the images');
  await desk.page.click('[data-act=hold-confirm]');
  await desk.page.waitForSelector('[data-keeping=held]');
  await store(desk);
  must((await desk.page.locator('.stats .stat').count()) === 4, 'the page does not say how the store is');
  await desk.page.waitForSelector('[data-deletion=requested]');
  must((await desk.page.locator('[data-deletion] .reason').innerText()) === reason, 'the reason is not shown');
  await desk.page.click('[data-act=deletion-approve]');
  await desk.page.click('[data-act=deletion-agree]');
  await desk.page.waitForSelector('[data-dialog=deletion] .banner');
  await desk.picture('deletion-held-en');
  await desk.page.keyboard.press('Escape');
  await desk.page.waitForSelector('[data-dialog=deletion]', { state: 'detached' });
  ok('what is under legal hold is not deleted');

  await desk.page.goto(`${env.BASE_URL}/#/workitems`);
  await desk.page.waitForSelector('tr[data-item]');
  await opened(desk, 'tr[data-item]');
  await desk.page.click('[data-act=hold-release]');
  await desk.page.waitForSelector('[data-keeping=past]');
  await store(desk);
  await desk.page.click('[data-act=deletion-approve]');
  await desk.page.waitForSelector('[data-dialog=deletion]');
  await desk.picture('deletion-agree-en');
  await desk.page.click('[data-act=deletion-agree]');
  await desk.page.waitForSelector('[data-deletion=trashed] [data-act=deletion-restore]');
  await desk.picture('deletion-trash-en');
  ok('another person agrees, and it is in the trash');

  await ward.page.goto(`${env.BASE_URL}/#/`);
  await ward.page.reload();
  await ward.page.waitForSelector('.blank:not([role])');
  must((await ward.page.locator('[data-study]').count()) === 0, 'the hospital still sees the study');
  await desk.page.goto(`${env.BASE_URL}/#/workitems`);
  await desk.page.waitForSelector('.blank:not([role])');
  must((await desk.page.locator('tr[data-item]').count()) === 0, 'its reading is still on the list');
  ok('nobody sees it, and its reading is withdrawn');

  await store(desk);
  await desk.page.click('[data-act=deletion-restore]');
  await desk.page.waitForSelector('[data-deletion=restored]');
  await ward.page.waitForSelector('[data-study]'); // told by the stream of events
  ok('it comes back, and its hospital sees it at once');

  const small = await start(env.COORDINATOR, { viewport: phone, touch: true, colorScheme: 'dark', locale: 'ja-JP' });
  await small.page.waitForSelector('.stat');
  await store(small);
  await small.page.waitForSelector('[data-deletion=restored]');
  const wide = await small.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  must(wide <= 0, `the page of the store is ${wide} pixels too wide for a phone`);
  await small.picture('deletion-phone-ja');
  ok('on a phone');
  for (const b of all) must(b.problems.length === 0, `the page complained: ${b.problems.join('; ')}`);
} catch (e) {
  failed = true;
  console.error(e);
  for (const [n, b] of all.entries()) await b.page.screenshot({ path: `${env.OUT_DIR}/deletion-failed-${n}.png` }).catch(() => {});
} finally {
  for (const b of all) await b.close();
}
process.exit(failed ? 1 : 0);
