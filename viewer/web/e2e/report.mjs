// A stroke report, from the key image to the doctor who ordered it, against a
// running demo. PHASE=write: the reader writes it with the fields of a template, a
// key image and a measurement, is stopped at a wrong side, and signs. PHASE=follow
// goes on when the deadline of its critical finding has passed: the coordinator
// sees it escalate, the hospital's orderer opens, acknowledges, and it is closed.
//
//   BASE_URL=… OUT_DIR=out LOCALE=ja-JP PHASE=write READER=login:password HOSPITAL=… COORDINATOR=… node e2e/report.mjs
import { mkdir } from 'node:fs/promises';
import { desktop, open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL ?? 'http://127.0.0.1:8181';
const out = env.OUT_DIR ?? 'e2e/out';
const who = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
const locale = env.LOCALE ?? 'ja-JP';
const lang = locale.slice(0, 2);
// What the template writes, and what is said besides.
const words = {
  ja: {
    finding: '左被殻に 32x24 mm の高吸収域を認め',
    bone: '頭蓋骨に骨折線を認めません。',
    impression: '左被殻の脳内出血。',
    length: '\n血腫の前後径は ',
    open: '（',
    close: '）。',
    end: 'mm（図1）。',
    wrong: '\n右被殻出血の緊急度は高い。',
  },
  en: {
    finding: 'Hyperdensity of 32x24 mm in the left putamen',
    bone: 'No fracture of the skull.',
    impression: 'Intracerebral haemorrhage, left putamen.',
    length: '\nThe haematoma is from front to back ',
    open: ' (',
    close: ').',
    end: 'mm (Fig. 1).',
    wrong: '\nThe right putaminal haemorrhage is urgent.',
  },
}[lang];
await mkdir(out, { recursive: true });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const step = async (name, f) => {
  const began = Date.now();
  const result = await f();
  console.log(`ok ${name} (${Date.now() - began} ms)`);
  return result;
};

const all = [];
const start = async (login, options) => {
  const b = await open({ locale, ...options });
  all.push(b);
  const d = new Desk(b, base, out);
  await d.signIn(login);
  return d;
};

// What the reader does with keys and mouse beyond free text, which is dictated or
// typed at whatever length: each press and each click is one.
class Hand {
  strokes = 0;
  constructor(page) {
    this.page = page;
  }
  async press(...keys) {
    for (const k of keys) {
      await this.page.keyboard.press(k);
      this.strokes++;
    }
  }
  async click(selector) {
    await this.page.click(selector);
    this.strokes++;
  }
  async at(x, y) {
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.up();
    this.strokes++;
  }
  free(text) {
    return this.page.keyboard.insertText(text);
  }
}

const text = (page, name) => page.locator(`textarea[data-section=${name}]`).inputValue();

async function write() {
  const d = await start(who(env.READER), {});
  const { page } = d;
  const row = page.locator('tr[data-item]', { has: page.locator('[data-act=claim]') }).and(page.locator('tr[data-modality~=CT]')).first();
  await row.locator('[data-act=claim]').click();
  await d.frame();
  await page.waitForSelector('[data-act=template]');
  await page.waitForSelector('[data-tools=marks]'); // their keys come with them
  must((await text(page, 'findings')) === '', 'a draft does not begin empty');
  const hand = new Hand(page);

  await step('a key image and a measurement', async () => {
    await page.locator('.canvas').focus();
    await hand.press('g');
    await page.waitForSelector('[data-key-number="1"]');
    await hand.press('d');
    const box = await page.locator('.canvas').boundingBox();
    await hand.at(box.x + box.width * 0.42, box.y + box.height * 0.5);
    await hand.at(box.x + box.width * 0.48, box.y + box.height * 0.5);
    await page.waitForSelector('[data-marks="1"]');
  });
  await step('the fields of the template that suits write the text', async () => {
    await hand.press('Shift+T');
    await page.waitForSelector('[data-form=head-ct]');
    must((await text(page, 'findings')) === '', 'opening the fields wrote something');
    await page.waitForFunction(() => document.activeElement?.dataset.item === 'bleed');
    await hand.press('2');
    await page.waitForFunction(() => document.activeElement?.dataset.item === 'side');
    await hand.press('1');
    await page.waitForFunction(() => document.activeElement?.dataset.item === 'site');
    await hand.press('1');
    await page.waitForFunction(() => document.activeElement?.closest('[data-item=size]'));
    await hand.press('3', '2', 'x', '2', '4', 'Enter');
    await hand.press('1', 'Shift+N');
    const findings = await text(page, 'findings');
    must(findings.includes(words.finding), findings);
    must(findings.includes(words.bone), findings);
    must((await text(page, 'impression')) === words.impression, await text(page, 'impression'));
    await d.saved();
    await d.picture(`report-form-${lang}`);
  });
  await step('figure and measurement go in by key, free text as dictated', async () => {
    await hand.press('Escape', 'e', 'Control+End');
    await hand.free(words.length);
    await hand.press('Escape', 'Shift+M');
    await page.waitForFunction(() => / mm$/.test(document.querySelector('textarea[data-section=findings]').value));
    await hand.press('e', 'Control+End');
    await hand.free(words.open);
    await hand.press('Escape', 'Shift+G', 'e', 'Control+End');
    await hand.free(words.close);
    must((await text(page, 'findings')).endsWith(words.end), await text(page, 'findings'));
  });
  await step('a wrong side is asked about before signing', async () => {
    await hand.press('Tab', 'Control+End');
    await hand.free(words.wrong);
    await page.waitForSelector('[data-lint=side]');
    await hand.press('Control+Enter');
    await page.waitForSelector('[data-dialog=sign] [data-lint-open=side]');
    must(await page.locator('[data-act=sign-confirm]').isDisabled(), 'it could be signed');
    await d.picture(`report-side-${lang}`);
    await hand.press('Escape');
    await page.waitForFunction(() => document.activeElement?.dataset.section === 'impression');
    await hand.press('Shift+ArrowUp', 'Delete');
    await page.waitForSelector('[data-lint=side]', { state: 'detached' });
  });
  await step('what is critical has to be told', async () => {
    await page.waitForSelector('[data-lint=critical]');
    await hand.click('[data-act=lint-critical]');
    await hand.click('[data-act=critical-keep]');
    await page.waitForSelector('[data-lint=critical]', { state: 'detached' });
  });
  await step('signs', async () => {
    await page.locator('textarea[data-section=impression]').focus();
    await hand.press('Control+Enter');
    await page.waitForSelector('[data-dialog=sign]');
    await page.waitForSelector('[data-act=sign-confirm]:not([disabled])');
    await hand.click('[data-act=sign-confirm]');
    await page.waitForSelector('[data-report]');
    // The answer is signed in codes too: cerebral haemorrhage of the left putamen.
    const codes = await page.locator('[data-report] [data-coded="274100004"]').innerText();
    for (const code of ['89278009', '7771000']) must(codes.includes(code), `signed in codes: ${codes}`);
    await d.picture(`report-signed-${lang}`);
  });
  console.log(`strokes ${hand.strokes}`);
  must(hand.strokes < 60, `${hand.strokes} strokes beyond free text`);
  await step('it is found by its code, and by its hospital', async () => {
    await page.goto(`${base}/#/reports`);
    await page.fill('[data-act=report-code]', '274100004');
    await page.click('[data-act=report-search]');
    await page.waitForFunction(() => document.querySelectorAll('[data-found]').length === 1);
    await page.click('[data-act=report-hospital]');
    await page.waitForSelector('[data-act=report-hospitals]');
    await page.waitForFunction(() => document.querySelectorAll('[data-found]').length === 1);
    await d.picture(`report-search-${lang}`);
  });
  await d.tidy([]);
}

async function follow() {
  const c = await start(who(env.COORDINATOR));
  await step('the coordinator sees that nobody was told in time', async () => {
    await c.page.goto(`${base}/#/board`);
    await c.page.waitForSelector('[data-critical=escalated]');
    await c.picture(`loop-escalated-${lang}`);
  });
  // The hospital whose study was signed.
  const { items } = JSON.parse(await c.get('/api/v1/worklist?state=done'));
  const facility = items[0].study.facility.id;
  const h = await start(who(env.HOSPITAL.split(' ').find((one) => one.startsWith(`${facility}:`))), { viewport: phone, touch: true });
  await step('the hospital says who ordered, and the orderer opens and acknowledges', async () => {
    await h.page.locator('[data-stage=ready]').first().click();
    await h.page.waitForSelector('[data-loop]');
    if (await h.page.locator('[data-act=orderer]').count()) {
      await h.page.selectOption('[data-act=orderer]', { index: 1 });
      await h.page.waitForSelector('[data-act=loop-acknowledge]');
    }
    await h.picture(`loop-orderer-${lang}-phone`);
    await h.page.click('[data-act=loop-acknowledge]');
    await h.page.waitForSelector('[data-loop=acknowledged]');
    await h.page.waitForSelector('[data-critical=closed]');
    await h.page.click('[data-act=loop-act]');
    await h.page.waitForSelector('[data-loop=acted]');
  });
  await step('the finding leaves the coordinator’s list', async () => {
    await c.page.waitForSelector('[data-critical=escalated]', { state: 'detached' });
  });
  await h.tidy([]);
  await c.tidy([]);
}

try {
  await (env.PHASE === 'follow' ? follow() : write());
} catch (e) {
  for (const b of all) {
    await b.page.screenshot({ path: `${out}/report-failed.png` }).catch(() => undefined);
    console.log(await b.page.locator('[data-lint]').allInnerTexts().catch(() => []));
  }
  throw e;
} finally {
  for (const b of all) await b.close().catch(() => undefined);
}
