// A study that is offered by name is declined, in three browsers: the reader says no with
// a reason, the next is offered it without a reload, and when both have said no it stands
// before the coordinator with their reasons, who gives it back to the first.
//
//   BASE_URL=… OUT_DIR=out READERS=login:password,login:password \
//   COORDINATOR=login:password node e2e/decline.mjs
import { mkdir } from 'node:fs/promises';
import { open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
await mkdir(env.OUT_DIR, { recursive: true });
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
let steps = 0;
const ok = (name) => console.log(`ok ${String(++steps).padStart(2)} ${name}`);

const all = [];
const visit = async (who, options = {}) => {
  const b = await open(options);
  all.push(b);
  const d = new Desk(b, env.BASE_URL, env.OUT_DIR);
  await d.signIn(login(who));
  return d;
};
const look = async (name, who, ready) => {
  if (env.PICTURES === '0') return;
  for (const [kind, options] of [
    ['ja-light', {}],
    ['en-dark', { locale: 'en-GB', colorScheme: 'dark' }],
    ['ja-phone', { viewport: phone, touch: true }],
  ]) {
    const d = await visit(who, options);
    await ready(d.page);
    await d.look(`${name}-${kind}`);
    await all.pop().close();
  }
};

try {
  const [a, b] = await Promise.all(env.READERS.split(',').map((who) => visit(who)));
  await a.page.waitForSelector('tr[data-item] [data-act=claim], tr[data-item] [data-act=takeover]');
  await b.page.waitForSelector('tr[data-item] [data-act=claim], tr[data-item] [data-act=takeover]');
  const aFirst = (await a.page.locator('tr[data-item] [data-act=claim]').count()) === 1;
  const [first, second] = aFirst ? [a, b] : [b, a];
  const whoFirst = env.READERS.split(',')[aFirst ? 0 : 1];
  const item = await first.page.locator('tr[data-item]').getAttribute('data-item');
  const read = (d) => d.page.goto(`${env.BASE_URL}/#/read/${item}`);

  await read(second);
  await second.page.waitForSelector('[data-act=takeover]');
  must((await second.page.locator('[data-act=decline]').count()) === 0, 'who is not offered it may decline');
  await read(first);
  await first.page.click('[data-act=decline]');
  await first.page.waitForSelector('[data-act=decline-confirm][disabled]');
  await first.accessible('decline');
  ok('a reason is asked for');
  await look('decline', whoFirst, async (page) => {
    await page.goto(`${env.BASE_URL}/#/read/${item}`);
    await page.waitForSelector('.canvas');
    if (await page.locator('[data-pane=report]').isVisible()) await page.click('[data-pane=report]');
    await page.click('[data-act=decline]');
    await page.waitForSelector('[data-act=decline-reason]');
  });
  await first.page.fill('[data-act=decline-reason]', '利益相反のため');
  await first.page.click('[data-act=decline-confirm]');
  await first.page.waitForSelector('tr[data-item] a[data-act=open]');
  must((await first.page.locator('tr[data-item] [data-act=claim], tr[data-item] [data-act=takeover], [data-act=lane-claim]').count()) === 0, 'who has declined may take it');
  ok('it is theirs no more');
  await second.page.waitForSelector('[data-act=decline]');
  ok('the next is offered it, without a reload');
  await look('declined-list', whoFirst, (page) => page.waitForSelector('tr[data-item] a[data-act=open]'));
  await second.page.click('[data-act=decline]');
  await second.page.fill('[data-act=decline-reason]', '期限内の読影が困難なため');
  await second.page.click('[data-act=decline-confirm]');
  await second.page.waitForSelector('tr[data-item] a[data-act=open]');

  const coordinator = await visit(env.COORDINATOR);
  await coordinator.page.waitForSelector('[data-escalations]');
  await coordinator.page.goto(`${env.BASE_URL}/#/escalations`);
  await coordinator.page.waitForSelector('[data-declined]');
  must((await coordinator.page.locator('[data-declined]').count()) === 2, 'not both reasons are shown');
  await coordinator.accessible('declines');
  ok('the coordinator sees who has said no, and why');
  await look('declines', env.COORDINATOR, async (page) => {
    await page.waitForSelector('[data-escalations]');
    await page.goto(`${env.BASE_URL}/#/escalations`);
    await page.waitForSelector('[data-declined]');
  });
  await coordinator.page.click('[data-act=escalation-assign]');
  const who = await coordinator.page.locator('[data-declined]').first().getAttribute('data-declined');
  await coordinator.page.click(`[data-assign="${who}"]`);
  await coordinator.page.waitForSelector('[data-assign]', { state: 'detached' });
  ok('it is given by hand');
  await first.page.click('tr[data-item] [data-act=claim]');
  await first.page.waitForSelector('.canvas');
  ok('who is asked so may take it');
  for (const x of all) must(x.problems.length === 0, `the page complained: ${x.problems.join('; ')}`);
} finally {
  for (const x of all) await x.close();
}
