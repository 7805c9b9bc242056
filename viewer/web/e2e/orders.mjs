// A hospital's orders in a browser, against a running service: one is written by the
// form, its study is sent and joins it, the reader sees what it asks; one is changed and
// canceled; one is canceled after its study has come, and the coordinator is asked.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out HOSPITAL=login:password COORDINATOR=login:password READER=login:password \
//   SEND='["dokuei","send",…]' node e2e/orders.mjs
//
// SEND sends a study of patient P0001, accession number ACC1, from the hospital's scanner.
import { spawnSync } from 'node:child_process';
import { desktop, phone } from './browser.mjs';
import { account, base, env, must, start as sit, step, walk } from './walk.mjs';

const hospital = account(env.HOSPITAL ?? 'minamihama:demo');
const start = async (options, who) => {
  const d = await sit(options);
  await d.signIn(who);
  return d;
};

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`[data-form=order] [name=${name}]`, value);
}

const anHourAgo = (page) =>
  page.evaluate(() => {
    const d = new Date(Date.now() - 3_600_000);
    return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  });

async function write(page, fields) {
  await page.click('[data-act=order-new]');
  await page.waitForSelector('[data-form=order]');
  await fill(page, fields);
  await page.click('[data-act=order-save]');
  await page.waitForSelector('[data-act=order-new]');
}

async function day() {
  const h = await start({}, hospital);
  const { page } = h;
  const line = (text) => page.locator('[data-order]', { hasText: text });
  await step('the hospital opens its orders', async () => {
    await page.click('[data-section=orders]');
    await page.waitForSelector('.blank-title');
  });
  await step('an order without a name says so, and nothing typed is lost', async () => {
    await page.click('[data-act=order-new]');
    await fill(page, { patientId: 'P0001', description: '頭部単純CT', question: '左側の脳梗塞か' });
    await page.click('[data-act=order-save]');
    await page.waitForSelector('[data-form=order] .banner.danger');
    must((await page.inputValue('[name=question]')) === '左側の脳梗塞か', 'the question is gone');
  });
  await step('writes it', async () => {
    await fill(page, { kanji: '𠮷田 花子', kana: 'よしだ はなこ', birth: '1948-02-03', accession: 'ACC1', history: '心房細動、高血圧', onset: await anHourAgo(page), alerts: 'HBV(+)', allergies: 'ヨード造影剤', referrer: '田中 次郎', others: '鈴木 三郎' });
    await page.selectOption('[name=priority]', 'STAT');
    await page.selectOption('[name=sex]', 'F');
    await h.accessible('orders-form');
    await page.click('[data-act=order-save]');
    await page.waitForSelector('[data-order][data-state=waiting]');
    must((await line('𠮷田 花子').count()) === 1, 'it is not on the list');
  });
  await step('another is picked from what was ordered before, changed and canceled', async () => {
    await page.click('[data-act=order-new]');
    await page.selectOption('[name=pick]', { index: 1 });
    await page.waitForFunction(() => document.querySelector('[name=description]')?.value === '頭部単純CT');
    await fill(page, { patientId: 'P0002', roman: 'Sato Ken', question: '頭痛' });
    await page.click('[data-act=order-save]');
    await line('Sato Ken').locator('.o-patient').click();
    await fill(page, { question: '頭痛、嘔吐' });
    await page.click('[data-act=order-save]');
    await page.waitForFunction(() => [...document.querySelectorAll('.o-question')].some((q) => q.textContent === '頭痛、嘔吐'));
    await line('Sato Ken').locator('.o-patient').click();
    await page.click('[data-act=order-cancel]');
    await h.accessible('orders-cancel');
    await page.click('[data-act=order-cancel-confirm]');
    await page.waitForSelector('[data-order][data-state=canceled]');
  });
  await step('the study comes and joins the order', async () => {
    const [command, ...args] = JSON.parse(env.SEND);
    const sent = spawnSync(command, args, { encoding: 'utf8', env: { ...env, RUN_AS_DOKUEI: '1' } });
    must(sent.status === 0, `not sent: ${sent.stdout}${sent.stderr}`);
    await page.waitForSelector('[data-order][data-state=done] [data-act=order-study]');
    await h.accessible('orders-joined');
  });
  await step('the hospital sees by when its report is to be there', async () => {
    await page.goto(`${base}/#/`);
    await page.locator('tr[data-study]', { hasText: '花子' }).locator('[data-expected=due]').waitFor();
    await page.locator('tr[data-study]', { hasText: '花子' }).locator('.c-status').click();
    await page.waitForSelector('[data-detail] [data-expected=due]');
    await h.picture('orders-expected');
    await page.goto(`${base}/#/orders`);
    await page.waitForSelector('[data-order]');
  });
  await step('the reader sees what it asks', async () => {
    const r = await start({}, account(env.READER));
    await r.page.locator('tr[data-item]', { hasText: '花子' }).locator('[data-onset=open]').waitFor();
    await r.picture('orders-list');
    await byKeyboard(r.page);
    await r.page.waitForSelector('[data-order]');
    const text = await r.page.locator('[data-order]').innerText();
    for (const part of ['左側の脳梗塞か', '心房細動、高血圧', 'HBV(+)', 'ヨード造影剤']) must(text.includes(part), `the reader does not see ${part}: ${text}`);
    await r.accessible('orders-reader');
    await r.tidy(['P0001']);
  });
  if (env.PICTURES !== '0') await pictures();
  await step('canceled now, the study is asked about, and stays with it', async () => {
    await line('𠮷田 花子').locator('.o-patient').click();
    await page.click('[data-act=order-cancel]');
    await page.click('[data-act=order-cancel-confirm]');
    await page.waitForSelector('[data-order][data-state=asked]');
    const c = await start({}, account(env.COORDINATOR));
    await c.page.waitForSelector('.stat');
    await c.page.goto(`${base}/#/reconcile`);
    await c.page.waitForSelector('[data-question]');
    await c.accessible('orders-question');
    await c.page.click('[data-act=match-join]');
    await c.page.waitForSelector('[data-question]', { state: 'detached' });
    await c.tidy(['P0001']);
    await page.waitForFunction(() => document.querySelectorAll('[data-order][data-state=canceled]').length === 2);
  });
  await h.tidy(['P0001', 'P0002']);
}

// The list is narrowed, widened and one of it opened without a mouse.
async function byKeyboard(page) {
  const rows = (n) => page.waitForFunction((want) => (want < 0 ? document.querySelectorAll('tr[data-item]').length > 1 : document.querySelectorAll('tr[data-item]').length === want), n);
  const key = async (...keys) => {
    for (const k of keys) await page.keyboard.press(k);
  };
  await key(']');
  await page.waitForSelector('[data-tab=unread][aria-selected=true], [data-tab=unread][aria-current], [data-tab=unread][aria-pressed=true]');
  await key('[');
  await rows(-1);
  for (let n = 0; n < 60 && !(await page.evaluate(() => document.activeElement?.getAttribute('name') === 'filter-modality')); n++) await key('Tab');
  await key('ArrowDown', 'ArrowDown'); // MR
  await page.waitForFunction(() => [...document.querySelectorAll('tr[data-item]')].every((r) => r.dataset.modality.includes('MR')));
  await key('ArrowUp', 'ArrowUp');
  await rows(-1);
  await key('Enter', '/');
  await page.keyboard.type('花子');
  await rows(1);
  await key('Enter', 'ArrowDown', 'Enter');
}

async function pictures() {
  for (const locale of ['ja-JP', 'en-GB']) {
    for (const [colorScheme, viewport] of [['light', desktop], ['dark', desktop], ['light', phone]]) {
      const tag = `${locale.slice(0, 2)}-${colorScheme}-${viewport === phone ? 'phone' : 'desktop'}`;
      await step(`the pages of orders, ${tag}`, async () => {
        const v = await start({ locale, colorScheme, viewport, touch: viewport === phone }, hospital);
        await v.page.waitForSelector('tr[data-study], .blank:not([role])');
        for (const id of ['', '/new']) {
          await v.page.goto(`${base}/#/orders${id}`);
          await v.page.waitForSelector(id ? '[data-form=order]' : '[data-order]');
          await v.look(`orders-${tag}${id.replace('/', '-')}`);
        }
        await v.tidy([]);
      });
    }
  }
}

await walk('orders', day);
