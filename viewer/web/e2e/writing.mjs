// A reader writes beside the last report of the patient: short texts and abbreviations,
// an engine that takes dictation and one that proposes, a second tab, a tab that
// crashes, a report for teaching. Against a service with both engines.
//
//   BASE_URL=… OUT_DIR=out READER=login:password WORKITEM=id EARLIER=text LOCALE=ja-JP node e2e/writing.mjs
import { mkdir } from 'node:fs/promises';
import { open } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL;
const [login, password] = env.READER.split(/:(.*)/s);
await mkdir(env.OUT_DIR, { recursive: true });
const patience = Number(env.PATIENCE ?? 90_000);
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const step = async (name, f) => {
  const began = Date.now();
  await f();
  console.log(`ok ${name} (${Date.now() - began} ms)`);
};
const b = await open({ microphone: true, locale: env.LOCALE ?? 'ja-JP' });
const d = new Desk(b, base, env.OUT_DIR);
d.page.setDefaultTimeout(patience);
const at = `${base}/#/read/${env.WORKITEM}`;
const field = (page, name) => page.locator(`textarea[data-section=${name}]`);
const holds = (page, name, text) => page.waitForFunction(([n, x]) => document.querySelector(`textarea[data-section=${n}]`)?.value.includes(x), [name, text]);
const saved = (page) => page.waitForSelector('[data-draft=clean]');
let page = d.page;
// Signs, as far as it goes: what the rules ask is answered, this story is not about them.
const sign = async (until) => {
  const asked = page.locator('[data-lint]:not([data-overridden])');
  for (;;) {
    await saved(page);
    await page.click('[data-act=sign]');
    // What is to be signed comes from the server: until then nothing can be.
    await page.waitForSelector('[data-dialog=sign] .sign-preview[data-shown]');
    const confirm = page.locator('[data-act=sign-confirm]');
    if (await confirm.isEnabled()) await confirm.click();
    const open = page.locator('[data-lint-open]').or(page.locator('[data-dialog=sign] .banner'));
    await page.locator(until).or(open).first().waitFor();
    if (await page.locator(until).count()) return;
    await page.keyboard.press('Escape');
    await asked.first().waitFor();
    const rule = await asked.first().getAttribute('data-lint');
    await asked.first().locator('[data-act=lint-override]').click();
    await page.fill('[data-act=lint-reason]', '確認済み');
    await page.click('[data-act=lint-keep]');
    await page.waitForSelector(`[data-lint=${rule}][data-overridden]`);
  }
};

try {
  await d.signIn({ login, password });
  await page.waitForSelector(`tr[data-item="${env.WORKITEM}"]`);
  await page.goto(at);
  await page.click('[data-act=claim]');
  await page.waitForSelector('textarea[data-section=findings]');

  await step('the last report stands beside', async () => {
    await page.click('[data-act=prior-reports]');
    await page.waitForSelector('[data-prior-report] [data-report]');
    must((await page.innerText('[data-prior-report]')).includes(env.EARLIER), 'it is another report');
    must(await field(page, 'findings').isVisible(), 'there is no room to write');
    await d.picture('report-beside');
  });
  await step('a short text is written out, and an abbreviation spelt', async () => {
    await field(page, 'findings').focus();
    await page.keyboard.type('.nb');
    await page.keyboard.press('Tab');
    await holds(page, 'findings', '明らかな頭蓋内出血を認めません。');
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('\nSDH は認めません。PE も認めません。');
    const two = page.locator('[data-lint=abbreviation]', { hasText: '「PE」' });
    await two.waitFor();
    await d.picture('report-abbreviation');
    await two.locator('[data-act=lint-fix]', { hasText: '肺塞栓症' }).click();
    await holds(page, 'findings', '肺塞栓症 も認めません。');
    await two.waitFor({ state: 'detached' });
    await page.click('[data-lint=abbreviation] [data-act=lint-fix]');
    await page.waitForSelector('[data-lint=abbreviation]', { state: 'detached' });
    must(!(await field(page, 'findings').inputValue()).includes('SDH は'), 'it is not spelt out');
    await saved(page);
  });
  await step('what was dictated comes in unread', async () => {
    await field(page, 'impression').focus();
    await page.click('[data-act=dictate]');
    await page.waitForSelector('[data-act=dictate][aria-pressed=true]');
    await page.waitForTimeout(2000); // of speech
    await page.click('[data-act=dictate]');
    await page.waitForSelector('[data-act=assist-seen]');
    await page.waitForFunction(() => [...document.querySelectorAll('textarea[data-section]')].some((x) => x.value.includes('口述したとおりの所見です')));
    await d.picture('report-dictated');
  });
  await step('and cannot be signed so', async () => {
    if (!(await field(page, 'impression').inputValue())) await field(page, 'impression').fill('出血なし。');
    await sign('[data-dialog=sign] .banner:has-text("listener 1")');
    await d.picture('report-unread');
    await page.keyboard.press('Escape');
    await page.click('[data-act=assist-seen]');
    await page.waitForSelector('[data-act=assist-seen]', { state: 'detached' });
  });
  await step('a proposal is taken over by the section, and is unread too', async () => {
    await page.click('[data-act=propose]');
    await page.waitForSelector('[data-proposal="drafter 2"]');
    await d.picture('report-proposal');
    await page.click('[data-act=take-recommendation]');
    await page.waitForSelector('[data-act=assist-seen]');
    await holds(page, 'recommendation', '経過観察を提案します');
    await page.click('[data-act=assist-seen]');
    await page.waitForSelector('[data-act=assist-seen]', { state: 'detached' });
    await saved(page);
  });
  let second;
  await step('two tabs write at once, and nothing of either is lost', async () => {
    second = await d.context.newPage();
    second.setDefaultTimeout(patience);
    second.on('pageerror', (e) => b.problems.push(`thrown: ${e.message}`));
    await second.goto(at);
    await holds(second, 'recommendation', '経過観察を提案します');
    await Promise.all([
      field(page, 'findings').evaluate((x) => x.focus()).then(() => field(page, 'findings').fill('前回と比較して変化なし。出血なし。')),
      field(second, 'recommendation').fill('一年後のCTを推奨します。'),
    ]);
    await page.check('[data-act=teaching]');
    await Promise.all([holds(page, 'findings', '変化なし'), holds(second, 'recommendation', '一年後')]);
    await Promise.all([saved(page), saved(second)]);
    // Each learns of the other with its next change.
    await field(second, 'impression').fill('異常なし。');
    await holds(second, 'findings', '変化なし');
    await saved(second);
    must(await second.isChecked('[data-act=teaching]'), 'the mark of the other tab is lost');
    await d.picture('report-two-tabs');
  });
  await step('a tab that crashes leaves what was written', async () => {
    const crashed = second.waitForEvent('crash');
    await Promise.race([second.goto('chrome://crash').catch(() => undefined), crashed]);
    await crashed;
    const other = await d.context.newPage(); // or the browser would end with its last tab
    await second.close();
    await page.close();
    page = d.page = await d.context.newPage();
    page.setDefaultTimeout(patience);
    page.on('pageerror', (e) => b.problems.push(`thrown: ${e.message}`));
    await page.goto(at);
    await holds(page, 'findings', '変化なし');
    must((await field(page, 'impression').inputValue()) === '異常なし。' && (await field(page, 'recommendation').inputValue()) === '一年後のCTを推奨します。', 'a section is lost');
    must(await page.isChecked('[data-act=teaching]'), 'a mark is lost');
    await other.close();
  });
  await step('what is signed is shown first, folded sections too', async () => {
    await page.click('[data-act=more-sections]');
    await field(page, 'technique').fill('単純CT。');
    await page.click('[data-act=more-sections]');
    await saved(page);
    await page.click('[data-act=sign]');
    await page.locator('.sign-preview', { hasText: '単純CT。' }).waitFor();
    await page.waitForSelector('.sign-preview[data-shown]');
    await d.picture('report-preview');
  });
  await step('what another tab saves while it is shown is not signed, but shown', async () => {
    await page.waitForSelector('[data-act=sign-confirm]:not([disabled])');
    await page.evaluate(async (id) => {
      const at = `/api/v1/workitems/${id}/draft`;
      const draft = await (await fetch(at)).json();
      draft.sections.recommendation = '半年後のCTを推奨します。';
      const answer = await fetch(at, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(draft) });
      if (!answer.ok) throw new Error(await answer.text());
    }, env.WORKITEM);
    await page.click('[data-act=sign-confirm]');
    await page.locator('.sign-preview [data-changed]', { hasText: '半年後のCTを推奨します。' }).waitFor();
    await page.locator('[data-dialog=sign] .banner', { hasText: /推奨事項|Recommendation/ }).waitFor();
    must((await page.locator('[data-report]:not([data-prior-report] *)').count()) === 0, 'it was signed');
    await d.picture('report-not-as-shown');
    await page.keyboard.press('Escape');
    await holds(page, 'recommendation', '半年後');
  });
  await step('signed, it is found among those for teaching', async () => {
    await sign('[data-report]');
    const id = await page.getAttribute('[data-report]', 'data-report');
    await page.goto(`${base}/#/reports`);
    await page.locator('.archive-checks label').nth(1).locator('input').check();
    await page.click('[data-act=report-search]');
    await page.waitForSelector(`[data-found="${id}"]`);
    await page.waitForFunction(() => document.querySelectorAll('[data-found]').length === 1);
    await d.picture('report-teaching');
  });
  await d.tidy([]);
} catch (e) {
  await page.screenshot({ path: `${env.OUT_DIR}/writing-failed.png` }).catch(() => undefined);
  console.log(await page.locator('[data-lint]').allInnerTexts().catch(() => []));
  throw e;
} finally {
  await b.close().catch(() => undefined);
}
