// Two hospitals know one person: a coordinator proposes that, another confirms it, and it
// is taken back; on the study and on the page of links, in both languages.
//
//   BASE_URL=… OUT_DIR=out PROPOSER=login:password REVIEWER=login:password \
//   STUDY=id OTHER=patientId node e2e/links.mjs
import { mkdir } from 'node:fs/promises';
import { open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
await mkdir(env.OUT_DIR, { recursive: true });
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
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
const row = (state) => `[data-link=${state}]`;

let failed = false;
try {
  const one = await start(env.PROPOSER, {});
  await one.page.click('[data-section=links]');
  await one.page.waitForSelector('h1');
  await one.picture('links-none');
  ok('nothing is linked');
  await one.page.goto(`${env.BASE_URL}/#/workitems/${env.STUDY}`);
  const candidate = one.page.locator(`[data-candidate="${env.OTHER}"]`);
  await candidate.waitFor();
  await candidate.scrollIntoViewIfNeeded();
  await one.picture('links-candidate');
  await candidate.locator('[data-act=link-propose]').click();
  await one.page.fill('[data-dialog=link] [name=reason]', '保険証と住所が一致 <b>確認済み</b>');
  await one.picture('links-propose');
  await one.page.click('[data-act=link-send]');
  await one.page.waitForSelector(row('proposed'));
  if (await one.page.locator(`${row('proposed')} [data-act=link-confirm]`).count()) throw new Error('who proposed may confirm');
  ok('proposed: who did cannot confirm it');

  const two = await start(env.REVIEWER, { locale: 'en-GB', colorScheme: 'dark' });
  await two.page.click('[data-section=links]');
  await two.page.waitForSelector(row('proposed'));
  await two.picture('links-review-en-dark');
  await two.page.click(`${row('proposed')} [data-act=link-confirm]`);
  await two.page.waitForSelector(row('confirmed'));
  ok('confirmed by another');

  const small = await start(env.PROPOSER, { viewport: phone, touch: true });
  await small.page.goto(`${env.BASE_URL}/#/links`);
  await small.page.waitForSelector(row('confirmed'));
  await small.picture('links-phone');
  await small.page.click(`${row('confirmed')} [data-act=link-end]`);
  await small.page.fill('[data-dialog=link] [name=reason]', '別人と判明した');
  await small.picture('links-end-phone');
  await small.page.click('[data-act=link-send]');
  await small.page.waitForSelector(row('confirmed'), { state: 'detached' });
  ok('taken back');
  await one.page.reload();
  await one.page.locator(`[data-candidate="${env.OTHER}"]`).waitFor();
  ok('the two may be linked again');
  for (const b of all) if (b.problems.length) throw new Error(`the page complained: ${b.problems.join('; ')}`);
} catch (e) {
  failed = true;
  console.error(e);
  for (const [n, b] of all.entries()) await b.page.screenshot({ path: `${env.OUT_DIR}/links-failed-${n}.png` }).catch(() => {});
} finally {
  for (const b of all) await b.close();
}
process.exit(failed ? 1 : 0);
