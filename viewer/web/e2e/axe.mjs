// Every page of every role, in both languages and themes, on a desktop and a phone,
// before axe-core: nothing serious may be found; and by keyboard alone from the
// sign-in to a report.
//
//   BASE_URL=http://127.0.0.1:8080 READER=login:password HOSPITAL=login:password COORDINATOR=login:password node e2e/axe.mjs
import { serious } from './axed.mjs';
import { desktop, open, phone } from './browser.mjs';

const env = process.env;
const base = env.BASE_URL ?? 'http://127.0.0.1:8181';
const logins = (text) => text.split(/\s+/).filter(Boolean).map((x) => ({ login: x.slice(0, x.indexOf(':')), password: x.slice(x.indexOf(':') + 1) }));
const [reader] = logins(env.READER ?? 'sato:demo');
const hospitals = logins(env.HOSPITAL ?? 'kaifu:demo');
const [coordinator] = logins(env.COORDINATOR ?? 'coord:demo');

const found = new Map();
let looked = 0;

async function check(page, name) {
  looked++;
  for (const { key, what } of await serious(page)) if (!found.has(key)) found.set(key, `${name}: ${what}`);
}

async function signIn(page, { login, password }) {
  await page.goto(base);
  await page.waitForSelector('[name=login]');
  await page.fill('[name=login]', login);
  await page.fill('[name=password]', password);
  await page.click('[data-act=signin]');
}
async function signOut(page) {
  await page.click('[data-act=account]');
  await page.click('[data-act=signout]');
  await page.waitForSelector('[name=login]');
}
const shown = (page, selector) => page.waitForSelector(selector);
const exists = (page, selector) => page.locator(selector).first().isVisible();

async function pressed(page, name, act, selector) {
  const button = page.locator(`[data-act=${act}]`).first();
  if (!(await button.isVisible())) return;
  await button.click();
  await shown(page, selector);
  await check(page, name);
  await page.keyboard.press('Escape');
}

async function readers(page, tag) {
  await signIn(page, reader);
  await shown(page, 'tr[data-item]');
  await check(page, `${tag} worklist`);
  await page.click('[data-act=account]');
  await shown(page, '[role=menu]');
  await check(page, `${tag} account menu`);
  await page.keyboard.press('Escape');
  for (const tab of ['mine', 'done']) {
    await page.click(`[data-tab=${tab}]`);
    await shown(page, 'tr[data-item], .blank:not([role])');
    await check(page, `${tag} worklist ${tab}`);
  }
  await page.click('[data-tab=open]');
  await shown(page, 'tr[data-item]');
  await page.locator('tr[data-item] .patient-link').first().click();
  await shown(page, '.canvas[data-shown=frame]');
  await check(page, `${tag} reading`);
  if (await exists(page, '.pane-tabs [data-pane=report]')) await page.click('.pane-tabs [data-pane=report]');
  await shown(page, '[data-act=claim]:visible, textarea[data-section]:visible');
  if (await exists(page, '[data-act=claim]:visible')) await page.click('[data-act=claim]:visible');
  if (await exists(page, '.pane-tabs [data-pane=report]')) await page.click('.pane-tabs [data-pane=report]');
  await shown(page, 'textarea[data-section]');
  await check(page, `${tag} report`);
  await pressed(page, `${tag} room`, 'room', '.room');
  await pressed(page, `${tag} reasons`, 'why', '[data-dialog]');
  await pressed(page, `${tag} release`, 'release', '[data-dialog]');
  if (await exists(page, '.pane-tabs [data-pane=image]')) await page.click('.pane-tabs [data-pane=image]');
  await page.locator('.canvas').first().focus();
  await page.keyboard.press('?');
  if (await page.locator('[data-dialog]').count()) {
    await check(page, `${tag} keys`);
    await page.keyboard.press('Escape');
  }
  await pressed(page, `${tag} marks menu`, 'marks', '.tool-menu, [data-act=pick-length]');
  await page.goto(`${base}/#/account`);
  await shown(page, 'h1');
  await check(page, `${tag} account`);
  await page.goto(`${base}/#/`);
  await shown(page, 'tr[data-item], .blank:not([role])');
  await signOut(page);
}

async function wards(page, tag) {
  await signIn(page, hospitals[0]);
  await shown(page, 'tr[data-study], .blank:not([role])');
  await check(page, `${tag} hospital`);
  const row = page.locator('tr[data-study]').first();
  if (await row.count()) {
    await row.locator('.c-status').click();
    await shown(page, '[data-detail]');
    await check(page, `${tag} hospital detail`);
    const study = await row.getAttribute('data-study');
    await page.goto(`${base}/#/study/${study}`);
    await shown(page, '.canvas[data-shown=frame]');
    await check(page, `${tag} study`);
    await page.goto(`${base}/#/`);
    await shown(page, 'tr[data-study]');
  }
  await signOut(page);
}

async function coordinators(page, tag) {
  await signIn(page, coordinator);
  await shown(page, '.stat');
  await check(page, `${tag} overview`);
  for (const href of await page.locator('nav a[href^="#/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')))) {
    await page.goto(`${base}/${href}`);
    await shown(page, 'h1, h2');
    await page.waitForTimeout(400);
    await check(page, `${tag} ${href}`);
  }
  await signOut(page);
}

try {
for (const [viewport, touch, schemes] of [[desktop, false, ['light', 'dark']], [phone, true, ['light', 'dark']]]) {
  for (const colorScheme of schemes) {
    const locale = colorScheme === 'light' ? 'ja-JP' : 'en-GB';
    const tag = `${touch ? 'phone' : 'desktop'} ${colorScheme} ${locale}`;
    const b = await open({ viewport, touch, colorScheme, locale });
    try {
      await b.page.goto(base);
      await shown(b.page, '[name=login]');
      await check(b.page, `${tag} sign-in`);
      await readers(b.page, tag);
      await wards(b.page, tag);
      if (!touch) await coordinators(b.page, tag);
    } finally {
      await b.close();
    }
  }
}
await byKeyboard();
} finally {
  console.log(`ok ${looked} views looked at by axe`);
  for (const [key, what] of found) console.log(`${key}\n    ${what}`);
}
if (found.size) throw new Error(`${found.size} serious findings`);

// From the sign-in to the images and the report without a mouse.
async function byKeyboard() {
  const b = await open({});
  const { page } = b;
  const on = (selector) => page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector);
  const tabTo = async (selector) => {
    for (let i = 0; i < 120; i++) {
      if (await on(selector)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`no key leads to ${selector}`);
  };
  try {
    await page.goto(base);
    await shown(page, '[name=login]');
    await tabTo('[name=login]');
    await page.keyboard.type(reader.login);
    await tabTo('[name=password]');
    await page.keyboard.type(reader.password);
    await page.keyboard.press('Enter');
    await shown(page, 'tr[data-item]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await shown(page, '.canvas[data-shown=frame]');
    const slice = () => page.locator('[data-slice]').first().getAttribute('data-slice');
    const before = await slice();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction((was) => document.querySelector('[data-slice]')?.dataset.slice !== was, before);
    await tabTo('.series');
    await tabTo('[data-act=tool-zoom]');
    await page.keyboard.press('Enter');
    await shown(page, '[data-act=tool-zoom][aria-pressed=true]');
    await tabTo('.canvas');
    await tabTo('[data-act=why]');
    await page.keyboard.press('Enter');
    await shown(page, '[data-dialog]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-dialog]', { state: 'detached' });
    // The focus comes back with the next frame.
    await page.waitForFunction(() => document.activeElement?.matches('[data-act=why]'));
    await page.keyboard.press('l');
    await shown(page, 'tr[data-item]');
    console.log('ok by keyboard from the sign-in to the report');
  } finally {
    await b.close();
  }
}
