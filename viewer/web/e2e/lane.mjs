// A STAT whose images still come, in two browsers: its panel sees it above the list
// from the first image, counting without a reload; another panel does not; a reader
// reserves it before it is whole.
//
//   BASE_URL=… OUT_DIR=out READER=login:password OTHER=login:password \
//   SEND='[["dokuei","send",…first image],[…second],[…last]]' node e2e/lane.mjs
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
await mkdir(env.OUT_DIR, { recursive: true });
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const sends = JSON.parse(env.SEND);
const send = (n) => {
  const [command, ...args] = sends[n];
  const r = spawnSync(command, args, { encoding: 'utf8', env: { ...env, RUN_AS_DOKUEI: '1' } });
  must(r.status === 0, `send: ${r.stdout}${r.stderr}`);
};
let steps = 0;
const ok = (name) => console.log(`ok ${String(++steps).padStart(2)} ${name}`);

const all = [];
const visit = async (who, options) => {
  const b = await open(options);
  all.push(b);
  const d = new Desk(b, env.BASE_URL, env.OUT_DIR);
  await d.signIn(login(who));
  await d.page.waitForSelector('.worklist-page .blank, tr[data-item]');
  return d;
};

try {
  const reader = await visit(env.READER, {});
  const other = await visit(env.OTHER, {});
  must((await reader.page.locator('.lane').count()) === 0, 'an empty lane is shown');
  send(0);
  await reader.page.waitForSelector('[data-lane] .lane-count:has-text("1/3")');
  ok('the first image puts it into the lane');
  send(1);
  await reader.page.waitForSelector('[data-lane] .lane-count:has-text("2/3")');
  ok('the count follows without a reload');
  await other.page.waitForTimeout(1000);
  must((await other.page.locator('.lane').count()) === 0, 'another panel sees the lane');
  must((await other.page.locator('tr[data-item]').count()) === 0, 'another panel sees the study');
  ok('another panel sees nothing of it');
  await reader.page.click('[data-tab=mine]');
  await reader.page.waitForSelector('[data-lane]');
  ok('it stands above every list');
  await reader.page.click('[data-tab=open]');
  await reader.page.waitForSelector('[data-lane] [data-act=lane-claim]');
  await reader.accessible('lane');
  if (env.PICTURES !== '0') {
    await reader.page.waitForSelector('tr[data-item]');
    await reader.look('lane-ja-light');
    for (const [name, options] of [
      ['lane-en-dark', { locale: 'en-GB', colorScheme: 'dark' }],
      ['lane-ja-phone', { viewport: phone, touch: true }],
      ['lane-en-phone-dark', { locale: 'en-GB', colorScheme: 'dark', viewport: phone, touch: true }],
    ]) {
      const d = await visit(env.READER, options);
      await d.page.waitForSelector('[data-lane]');
      await d.look(name);
    }
  }
  await reader.page.click('[data-lane] [data-act=lane-claim]');
  await reader.page.waitForSelector('.canvas');
  ok('it is reserved before it is whole, and opens');
  send(2);
  await reader.page.goto(`${env.BASE_URL}/#/`);
  await reader.page.waitForSelector('.worklist-page tr[data-item]');
  await reader.page.waitForSelector('.lane', { state: 'detached' });
  ok('taken, it has left the lane');
  for (const b of all) must(b.problems.length === 0, `the page complained: ${b.problems.join('; ')}`);
} finally {
  for (const b of all) await b.close();
}
