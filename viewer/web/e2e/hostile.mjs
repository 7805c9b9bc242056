// Hostile text as patient name, description, report and message, on every page of
// everybody: it is text there, and nothing else.
//
//   BASE_URL=… OUT_DIR=out READER=login:password HOSPITAL=login:password COORDINATOR=login:password \
//   STUDY=id node e2e/hostile.mjs
import { mkdir } from 'node:fs/promises';
import { open } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
await mkdir(env.OUT_DIR, { recursive: true });
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};

const all = [];
let steps = 0;
const start = async (who, options) => {
  const b = await open(options);
  all.push(b);
  // Whatever runs has one thing to do: set this.
  await b.context.addInitScript(() => Object.defineProperty(window, 'owned', { set: () => (document.documentElement.dataset.owned = 'yes'), get: () => 0 }));
  b.page.on('dialog', (d) => {
    b.problems.push(`a dialog: ${d.message()}`);
    void d.dismiss();
  });
  const d = new Desk(b, env.BASE_URL, env.OUT_DIR);
  await d.signIn(login(who));
  return d;
};

/** Nothing of the text became a part of the page. shown: some of it has to be there. */
async function inert(d, name, shown = true) {
  if (shown) await d.page.waitForFunction(() => document.body.innerText.includes('HOSTILE') && document.body.innerText.includes('<'));
  await d.page.waitForTimeout(300);
  const found = await d.page.evaluate(() => ({
    owned: document.documentElement.dataset.owned ?? '',
    parts: document.querySelectorAll('img[src="x"], svg[onload], [onerror], [onload], a[href^="javascript:"], iframe[src^="javascript:"], marquee, body base').length,
    scripts: [...document.scripts].filter((s) => s.textContent?.includes('owned')).length,
    turned: /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText),
    computed: document.body.innerText.includes('HOSTILE49'),
    there: document.body.innerText.includes('HOSTILE') && document.body.innerText.includes('<'),
    title: document.title,
    url: location.href,
  }));
  must(!found.owned && found.parts === 0 && found.scripts === 0, `${name}: it runs: ${JSON.stringify(found)}`);
  must(!found.turned, `${name}: the direction of text is turned`);
  must(!found.computed, `${name}: a template was filled in`);
  must(!found.title.includes('HOSTILE') && !found.url.includes('HOSTILE'), `${name}: in the title or the address`);
  if (shown) must(found.there, `${name}: it is not shown at all`);
  console.log(`ok ${String(++steps).padStart(2)} ${name}`);
}

let failed = false;
try {
  const reader = await start(env.READER, {});
  await reader.page.waitForSelector('tr[data-item]');
  await inert(reader, 'worklist');
  await reader.picture('hostile-worklist');
  await reader.page.locator('tr[data-item] [data-act=claim]').first().click();
  await reader.page.waitForURL(/#\/read\//);
  await reader.page.waitForSelector('textarea');
  await inert(reader, 'reading');
  await reader.picture('hostile-reading');
  await reader.page.goto(`${env.BASE_URL}/#/study/${env.STUDY}`);
  await inert(reader, 'the signed report, for its reader');

  const hospital = await start(env.HOSPITAL, { locale: 'en-GB', colorScheme: 'dark' });
  await hospital.page.waitForSelector(`[data-study="${env.STUDY}"], [data-item="${env.STUDY}"]`);
  await inert(hospital, 'list of the hospital');
  await hospital.page.locator(`[data-study="${env.STUDY}"], [data-item="${env.STUDY}"]`).first().click();
  await inert(hospital, 'study of the hospital');
  await hospital.page.click('[data-act=room]');
  await hospital.page.waitForSelector('.said');
  await inert(hospital, 'room');
  await hospital.picture('hostile-room');
  await hospital.page.goto(`${env.BASE_URL}/#/study/${env.STUDY}`);
  await inert(hospital, 'page of the study');

  const coordinator = await start(env.COORDINATOR, {});
  await coordinator.page.waitForSelector('[data-section=workitems]');
  for (const [section, shown] of Object.entries({ overview: false, workitems: true, board: false, hospitals: false, readers: true, panels: false, rules: false, accounts: true, emergencies: false, audit: false })) {
    await coordinator.page.click(`[data-section=${section}]`);
    await inert(coordinator, `section ${section}`, shown);
  }
  await coordinator.picture('hostile-coordinator');
  const problems = all.flatMap((b) => b.problems);
  must(problems.length === 0, problems.join('\n'));
} catch (e) {
  failed = true;
  console.error(e);
  for (const [i, b] of all.entries()) await b.page.screenshot({ path: `${env.OUT_DIR}/hostile-failed-${i}.png` }).catch(() => {});
}
for (const b of all) await b.close();
process.exit(failed ? 1 : 0);
