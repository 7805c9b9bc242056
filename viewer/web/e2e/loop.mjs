// A signed report at its hospital: the list of what nobody has read, a stranger who opens
// it, the doctor who ordered it, what became of the patient, what is sent to remind, and
// the coordinator's page of what could not be delivered.
//
//   BASE_URL=… OUT_DIR=out STUDY=id ORDERER=… STRANGER=… WARD=… READER=… COORDINATOR=login:password LOCALE=ja-JP node e2e/loop.mjs
import { mkdir } from 'node:fs/promises';
import { open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL;
const patience = Number(env.PATIENCE ?? 90_000);
await mkdir(env.OUT_DIR, { recursive: true });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const step = async (name, f) => {
  const began = Date.now();
  await f();
  console.log(`ok ${name} (${Date.now() - began} ms)`);
};
const all = [];
const locale = env.LOCALE ?? 'ja-JP';
const start = async (who, options) => {
  const b = await open({ locale, ...options });
  all.push(b);
  const d = new Desk(b, base, env.OUT_DIR);
  d.page.setDefaultTimeout(patience);
  const [login, password] = who.split(/:(.*)/s);
  await d.signIn({ login, password });
  return d;
};
const sent = async (d) => {
  await d.page.waitForSelector(`tr[data-study="${env.STUDY}"][data-stage=ready]`);
  await d.page.goto(`${base}/#/sent/${env.STUDY}`);
  await d.page.waitForSelector('[data-detail] [data-report]');
  await d.page.waitForSelector('[data-detail] [data-loop]');
};

try {
  const stranger = await start(env.STRANGER, {});
  await step('a stranger opens it: it is still unread', async () => {
    await sent(stranger);
    must((await stranger.page.getAttribute('[data-detail] [data-loop]', 'data-loop')) === 'delivered', 'a stranger has opened it');
    must((await stranger.page.locator('[data-act=loop-acknowledge]').count()) === 0, 'a stranger may acknowledge');
    await stranger.page.reload();
    await stranger.page.locator('[data-detail] [data-loop=delivered]', { hasText: new RegExp(env.STRANGER_NAME) }).waitFor();
    await stranger.picture('loop-stranger-ja');
  });
  const ward = await start(env.WARD, { locale: locale === 'ja-JP' ? 'en-GB' : 'ja-JP', colorScheme: 'dark' });
  const orderer = await start(env.ORDERER, { viewport: phone, touch: true });
  await step('the unread list has it, and how the hospital is reminded', async () => {
    await ward.page.goto(`${base}/#/board`);
    await ward.page.waitForSelector('[data-unread]');
    await ward.page.locator('.reminding summary').click();
    await ward.page.fill('[name=quiet-from]', '21:30');
    await ward.page.fill('[name=quiet-to]', '06:15');
    await ward.page.click('[data-act=reminding-save]');
    await ward.page.waitForFunction(async () => JSON.stringify(await (await fetch('/api/v1/reminding')).json()).includes('21:30'));
    await ward.picture('loop-board-en-dark');
  });
  await step('the doctor who ordered opens, acknowledges and acts', async () => {
    await sent(orderer);
    await orderer.page.waitForSelector('[data-loop=opened]');
    await orderer.picture('loop-orderer-opened-ja-phone');
    await orderer.page.click('[data-act=loop-acknowledge]');
    await orderer.page.waitForSelector('[data-loop=acknowledged]');
    await orderer.page.fill('[data-act=loop-note]', '脳外科に転院しました <b>y</b>');
    await orderer.page.click('[data-act=loop-act]');
    await orderer.page.waitForSelector('[data-loop=acted]');
    await orderer.page.locator('[data-note=acted]', { hasText: '脳外科に転院しました <b>y</b>' }).waitFor();
    await orderer.picture('loop-orderer-acted-ja-phone');
  });
  await step('everybody else sees it, and the list is empty', async () => {
    await stranger.page.waitForSelector('[data-detail] [data-loop=acted]');
    await ward.page.waitForSelector('[data-unread]', { state: 'detached' });
    await ward.picture('loop-board-empty-en-dark');
  });
  await step('the hospital tells what became of the patient, and the reader sees it', async () => {
    await ward.page.goto(`${base}/#/sent/${env.STUDY}`);
    await ward.page.waitForSelector('[data-outcomes]');
    await ward.page.click('[data-act=outcome]');
    await ward.page.selectOption('.outcomes select', 'differs');
    await ward.page.fill('.outcomes input', '手術では転移でした <b>x</b>');
    await ward.page.click('[data-act=outcome-send]');
    await ward.page.waitForSelector('[data-outcomes="1"]');
    await ward.picture('outcome-told-en-dark');
    const reader = await start(env.READER, {});
    await reader.page.waitForSelector('[data-tab=done]');
    await reader.page.goto(`${base}/#/read/${env.WORKITEM}`);
    await reader.page.locator('[data-outcomes="1"]', { hasText: '手術では転移でした <b>x</b>' }).waitFor();
    await reader.page.locator('[data-outcomes="1"]').scrollIntoViewIfNeeded();
    await reader.page.locator('[data-note=acted]', { hasText: '脳外科に転院しました <b>y</b>' }).waitFor();
    await reader.picture('outcome-seen-ja');
    await reader.page.goto(`${base}/#/reports`);
    await reader.page.click('[data-tab=quality]');
    await reader.page.locator('[data-answer=acted]', { hasText: '脳外科に転院しました <b>y</b>' }).waitFor();
    await reader.picture('quality-answers-ja');
    await reader.tidy([]);
  });
  await step('what could not be delivered is tried again, and given up with a reason', async () => {
    const c = await start(env.COORDINATOR, {});
    await c.page.goto(`${base}/#/deliveries`);
    const pile = c.page.locator('[data-pile]', { hasText: 'HIS' });
    await pile.waitFor();
    const why = pile.locator('[data-reason=forbidden-address]').first();
    await why.waitFor();
    must((await why.innerText()).includes(locale === 'ja-JP' ? 'アドレスのため送りません' : 'nothing is sent there'), await why.innerText());
    await c.picture('parked-ja');
    const before = await pile.locator('[data-parked]').first().innerText();
    await pile.locator('[data-act=retry]').first().click();
    await c.page.waitForFunction((was) => {
      const now = document.querySelector('[data-parked]')?.innerText;
      return now && now !== was;
    }, before);
    await pile.locator('[data-act=give-up]').first().click();
    must(await c.page.isDisabled('[data-act=give-up-now]'), 'given up without a reason');
    await c.page.fill('[name=why]', '電子カルテの更新のため紙で渡した');
    await c.picture('parked-give-up-ja');
    await c.page.click('[data-act=give-up-now]');
    await c.page.waitForSelector('[data-parked]', { state: 'detached' });
    await c.page.click('[data-act=parked-given-up]');
    await c.page.locator('[data-parked]', { hasText: '紙で渡した' }).waitFor();
    await c.picture('parked-given-up-ja');
    await c.tidy([]);
  });
  for (const d of [stranger, ward, orderer]) await d.tidy([]);
} catch (e) {
  for (const [n, b] of all.entries()) await b.page.screenshot({ path: `${env.OUT_DIR}/loop-failed-${n}.png` }).catch(() => undefined);
  throw e;
} finally {
  for (const b of all) await b.close().catch(() => undefined);
}
