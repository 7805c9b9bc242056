// A reminder that was sent: the letter itself, the hospital's list that says so, a stranger
// who follows its link, the doctor who ordered and acknowledges. LOCALE is that of the ward
// and the stranger, who both look in the other language too; the doctor's is the other.
//
//   BASE_URL=… OUT_DIR=out LETTER=file STUDY=id PATIENT='words of the patient' ORDERER=… STRANGER=… WARD=login:password LOCALE=ja-JP node e2e/remind.mjs
import { mkdir, readFile } from 'node:fs/promises';
import { open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL;
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
const other = locale === 'ja-JP' ? 'en-GB' : 'ja-JP';
const tanaka = { 'ja-JP': '田中 次郎', 'en-GB': 'Jiro Tanaka' };
const abe = { 'ja-JP': '阿部 三郎', 'en-GB': 'Saburo Abe' };
const start = async (who, options = {}) => {
  const b = await open({ locale, ...options });
  all.push(b);
  const d = new Desk(b, base, env.OUT_DIR);
  if (!who) return d;
  const [login, password] = who.split(/:(.*)/s);
  await d.signIn({ login, password });
  return d;
};

// The parts of the letter as a mail program shows them.
const raw = (await readFile(env.LETTER, 'utf8')).replaceAll('\r', '');
const [head, body] = [raw.slice(0, raw.indexOf('\n\n')), raw.slice(raw.indexOf('\n\n') + 2)];
const field = (name) => new RegExp(`^${name}: (.*(?:\n[ \t].*)*)`, 'im').exec(head)?.[1] ?? '';
const words = (s) => s.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, how, x) => (how.toLowerCase() === 'b' ? Buffer.from(x, 'base64') : quoted(x.replaceAll('_', ' '))).toString('utf8'));
const quoted = (s) => Buffer.from(s.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, x) => String.fromCharCode(parseInt(x, 16))), 'latin1');
const coding = field('Content-Transfer-Encoding').toLowerCase();
const text = coding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : coding === 'quoted-printable' ? quoted(body).toString('utf8') : body;

try {
  const letter = await start('');
  let link = '';
  await step('the letter names nobody and links to the study', async () => {
    const subject = words(field('Subject'));
    for (const w of env.PATIENT.split(' ')) must(!text.includes(w) && !subject.includes(w), `the letter says ${w}: ${subject}\n${text}`);
    link = /https:\/\/reads\.example\/(#\/sent\/\S+)/.exec(text)?.[1] ?? '';
    must(link === `#/sent/${env.STUDY}`, `${text} has no link to the study`);
    await letter.page.setContent('<h1></h1><p></p><pre></pre>');
    await letter.page.evaluate(
      ([s, to, t]) => {
        document.querySelector('h1').textContent = s;
        document.querySelector('p').textContent = to;
        document.querySelector('pre').textContent = t;
        document.querySelector('pre').style.whiteSpace = 'pre-wrap';
      },
      [subject, `${field('From')} → ${field('To')}`, text],
    );
    await letter.picture('reminder-letter');
  });
  const wards = { [locale]: await start(env.WARD), [other]: await start(env.WARD, { locale: other }) };
  await step('the list of the hospital says who was reminded', async () => {
    for (const [l, ward] of Object.entries(wards)) {
      await ward.page.goto(`${base}/#/board`);
      await ward.page.locator('[data-unread] [data-told=sent]', { hasText: tanaka[l] }).waitFor();
      await ward.picture(`reminder-board-${l}`);
    }
  });
  await step('a stranger who follows the link does not count', async () => {
    for (const l of [locale, other]) {
      const stranger = await start(env.STRANGER, { locale: l });
      await stranger.page.goto(`${base}/${link}`);
      await stranger.page.waitForSelector('[data-detail] [data-loop=delivered]');
      await stranger.page.reload();
      await stranger.page.locator('[data-detail] [data-loop=delivered]', { hasText: abe[l] }).waitFor();
      await stranger.picture(`reminder-stranger-${l}`);
      await stranger.tidy([]);
    }
    for (const ward of Object.values(wards)) {
      await ward.page.reload();
      await ward.page.waitForSelector('[data-unread] [data-told=sent]');
    }
  });
  await step('the doctor who ordered follows it, acknowledges, and the list is empty', async () => {
    const orderer = await start(env.ORDERER, { viewport: phone, touch: true, locale: other });
    await orderer.page.goto(`${base}/${link}`);
    await orderer.page.waitForSelector('[data-loop=opened]');
    await orderer.page.locator('[data-act=loop-acknowledge]').scrollIntoViewIfNeeded();
    await orderer.picture(`reminder-orderer-${other}`);
    await orderer.page.click('[data-act=loop-acknowledge]');
    await orderer.page.waitForSelector('[data-loop=acknowledged]');
    for (const ward of Object.values(wards)) await ward.page.waitForSelector('[data-unread]', { state: 'detached' });
    await orderer.tidy([]);
  });
  for (const ward of Object.values(wards)) await ward.tidy([]);
} catch (e) {
  for (const [n, b] of all.entries()) await b.page.screenshot({ path: `${env.OUT_DIR}/remind-failed-${n}.png` }).catch(() => undefined);
  throw e;
} finally {
  for (const b of all) await b.close().catch(() => undefined);
}
