// Reading without knowing who: a reader of a hospital that hides its patients has none
// of their identifiers in the page, in anything that came over the line, or in what the
// browser keeps; and the hospital's desk where a consent is written down.
//
//   BASE_URL=… OUT_DIR=out READER=login:password HOSPITAL=login:password \
//   IDENTIFIERS='["山田", …]' node e2e/private.mjs
import { mkdir } from 'node:fs/promises';
import { open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
await mkdir(env.OUT_DIR, { recursive: true });
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const identifiers = JSON.parse(env.IDENTIFIERS);
must(identifiers.length > 3, 'nothing to look for');

const all = [];
let steps = 0;
const ok = (name) => console.log(`ok ${String(++steps).padStart(2)} ${name}`);
const start = async (who, options) => {
  const b = await open(options);
  all.push(b);
  const d = new Desk(b, env.BASE_URL, env.OUT_DIR);
  d.said = [];
  b.page.on('response', (r) => {
    if (r.headers()['content-type']?.startsWith('text/event-stream')) return; // never ends; the API's walk reads it
    // What cannot be had any more (a redirect, an aborted stream) was never read by the page.
    d.said.push(
      r
        .body()
        .then((body) => ({ url: r.url(), text: `${JSON.stringify(r.headers())}\n${body.toString('utf8')}` }))
        .catch(() => ({ url: r.url(), text: JSON.stringify(r.headers()) })),
    );
  });
  await d.signIn(login(who));
  return d;
};

const names = (text) => identifiers.filter((id) => text.includes(id));

/** Nothing anywhere says who it is. */
async function unknown(d, name) {
  await d.page.waitForTimeout(1500); // the stream of events keeps the line from being idle
  const kept = await d.page.evaluate(async () => {
    const stores = [];
    for (const s of [localStorage, sessionStorage]) for (let i = 0; i < s.length; i++) stores.push(`${s.key(i)}=${s.getItem(s.key(i))}`);
    for (const { name } of await indexedDB.databases()) {
      stores.push(name);
      const db = await new Promise((done, fail) => {
        const r = indexedDB.open(name);
        r.onsuccess = () => done(r.result);
        r.onerror = () => fail(r.error);
      });
      for (const store of db.objectStoreNames) {
        const rows = await new Promise((done) => {
          const r = db.transaction(store).objectStore(store).getAll();
          r.onsuccess = () => done(r.result);
          r.onerror = () => done([]);
        });
        stores.push(JSON.stringify(rows));
      }
      db.close();
    }
    for (const key of await caches.keys()) for (const r of await (await caches.open(key)).keys()) stores.push(r.url);
    const fields = [...document.querySelectorAll('input, textarea')].map((f) => f.value);
    return { page: document.documentElement.outerHTML, text: document.body.innerText, title: document.title, url: decodeURIComponent(location.href), stores: stores.join('\n'), fields: fields.join('\n'), cookies: document.cookie };
  });
  for (const [where, text] of Object.entries(kept)) must(names(text).length === 0, `${name}: ${where} says ${names(text)}`);
  const said = await Promise.all(d.said);
  for (const one of said) must(names(one.text).length === 0 && names(decodeURIComponent(one.url)).length === 0, `${name}: ${new URL(one.url).pathname} says ${names(one.text)}`);
  ok(`${name}: ${said.length} answers`);
}

let failed = false;
try {
  const hospital = await start(env.HOSPITAL, {});
  await hospital.page.waitForSelector('tr[data-study]');
  must(names(await hospital.page.innerText('body')).length > 0, 'the hospital does not see its own patients');
  ok('the hospital knows its patients');
  await hospital.page.locator('tr[data-study] .c-status').first().click();
  await hospital.page.waitForSelector('[data-consent=none]');
  await hospital.page.click('[data-act=consent-record]');
  await hospital.page.fill('[data-dialog=consent] [name=document]', '同意書 2026-11 棚3');
  await hospital.page.locator('[data-dialog=consent] [name=facility]').first().check();
  await hospital.accessible('private-consent-form');
  await hospital.page.click('[data-act=consent-confirm]');
  await hospital.page.waitForSelector('[data-consent=given]');
  await hospital.page.locator('[data-consent]').scrollIntoViewIfNeeded();
  await hospital.accessible('private-consent');
  ok('a consent is written down');
  await hospital.page.click('[data-act=consent-withdraw]');
  await hospital.page.click('[data-act=consent-withdraw-confirm]');
  await hospital.page.waitForSelector('[data-consent=none] details');
  ok('and taken back; what was said stays');

  const reader = await start(env.READER, {});
  await reader.page.waitForSelector('tr[data-item]');
  await unknown(reader, 'worklist');
  await reader.picture('private-worklist');
  await reader.page.locator('tr[data-item] .patient-link').first().click();
  await reader.page.waitForSelector('.canvas:is([data-shown=frame]), .canvas-message');
  await unknown(reader, 'reading');
  await reader.picture('private-reading');
  await reader.page.locator('[data-act=claim]').first().click();
  await reader.page.waitForSelector('[data-draft]');
  await unknown(reader, 'writing');
  await reader.page.goto(`${env.BASE_URL}/#/`);
  await reader.page.waitForSelector('[name=q], input[type=search]');
  await reader.page.locator('[name=q], input[type=search]').first().fill(env.TYPED);
  await reader.page.waitForSelector('.worklist-page .blank:not([role])'); // a name that was typed does not find its patient
  ok('a name finds nobody');

  const small = await start(env.READER, { viewport: phone, touch: true, colorScheme: 'dark', locale: 'en-GB' });
  await small.page.waitForSelector('[data-item]');
  await unknown(small, 'phone');
  await small.picture('private-phone');
  const ward = await start(env.HOSPITAL, { viewport: phone, touch: true, colorScheme: 'dark', locale: 'en-GB' });
  await ward.page.waitForSelector('[data-study]');
  await ward.page.locator('[data-study] .c-status').first().click();
  await ward.page.waitForSelector('[data-consent]');
  await ward.page.locator('[data-consent]').scrollIntoViewIfNeeded();
  await ward.accessible('private-consent-phone');
  for (const b of all) must(b.problems.length === 0, `the page complained: ${b.problems.join('; ')}`);
} catch (e) {
  failed = true;
  console.error(e);
  for (const [n, b] of all.entries()) await b.page.screenshot({ path: `${env.OUT_DIR}/private-failed-${n}.png` }).catch(() => {});
} finally {
  for (const b of all) await b.close();
}
process.exit(failed ? 1 : 0);
