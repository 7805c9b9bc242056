// Every page in both languages, light and dark, on desktop, tablet and phone, and of
// each page one sheet with the twelve pictures beside each other.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=docs/screenshots PICTURES_DIR=/tmp/pictures \
//   READER=login:password HOSPITAL=login:password COORDINATOR=login:password INVITATION=http://… node e2e/screenshots.mjs
//
// HOUSE_URL, HOUSE="login:password …" is a second service whose accounts have the rights
// that nobody of the demo has: root, coord, minami, kita, ito, who gets a second factor
// here, and those of the lives of reports: sato, ono, kato in training, tanaka who orders.
//
// OUT_DIR gets PAGE.webp for each page, PICTURES_DIR the single pictures as PNG. The
// service is the demo, in which things have happened: this script lets them. WORKERS
// looks (3) are walked at a time.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { desktop, open, phone, tablet } from './browser.mjs';
import { prepareReports, reportPages } from './screenshots-reports.mjs';
import { code } from './totp.mjs';

const env = process.env;
const base = env.BASE_URL;
const sheets = env.OUT_DIR;
const pictures = env.PICTURES_DIR;
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
const [reader, coordinator] = [env.READER, env.COORDINATOR].map(login);
const workers = Number(env.WORKERS ?? 3);
const hospitals = env.HOSPITAL.split(' ').map(login);
const house = env.HOUSE.split('|').map(login);
// LOOKS="ja-light-phone en-dark-tablet" walks these alone, into the pictures of earlier walks.
const walked = (env.LOOKS ?? '').split(/\s+/).filter(Boolean);
const who = (name) => house.find((one) => one.login === name);
const only = (env.ONLY ?? '').split(/\s+/).filter(Boolean);
await mkdir(sheets, { recursive: true });
await mkdir(pictures, { recursive: true });

const sizes = { desktop: { viewport: desktop }, tablet: { viewport: tablet, touch: true }, phone: { viewport: phone, touch: true } };
const looks = [];
for (const size of Object.keys(sizes)) for (const lang of ['ja', 'en']) for (const scheme of ['light', 'dark']) looks.push({ size, lang, scheme });
const names = []; // of pages, in the order they were walked

/** One person at one size, language and theme. */
class Walk {
  constructor(browser, tag) {
    Object.assign(this, { page: browser.page, tag, at: base });
  }
  // Each has signed in once, before the walks: see sessions.
  async as({ login }, at = base) {
    this.at = at;
    await this.page.goto('about:blank');
    await this.page.context().clearCookies();
    await this.page.context().addCookies(sessions.get(at + login));
    await this.page.goto(at);
    await this.page.waitForSelector('[data-act=account]');
  }
  async go(hash, selector) {
    await this.page.goto(`${this.at}/#/${hash}`);
    await this.page.waitForSelector(selector);
  }
  async shoot(name) {
    if (!names.includes(name)) names.push(name);
    if (only.length && !only.includes(name)) return;
    await this.page.waitForFunction(() => !document.querySelector('.spinner, [data-busy]'), null, { timeout: 15_000 }).catch(() => undefined);
    await this.page.waitForTimeout(400); // what moves stands
    await this.page.screenshot({ path: join(pictures, `${name}-${this.tag}.png`), scale: 'css' });
  }
  // A dialog or a menu that a button opens; where the button is not there, there is no such view.
  async opened(name, act, selector) {
    const button = this.page.locator(`[data-act=${act}]:visible`).first();
    if (!(await button.count())) return;
    await button.click();
    await this.page.waitForSelector(selector);
    await this.shoot(name);
    await this.page.keyboard.press('Escape');
    await this.page.waitForSelector(selector, { state: 'detached' }).catch(() => undefined);
  }
  pane(name) {
    const tab = this.page.locator(`.pane-tabs [data-pane=${name}]:visible`);
    return tab.count().then((n) => (n ? tab.click() : undefined));
  }
}

const sessions = new Map(); // cookies by login

async function signInAll() {
  const who = [reader, coordinator, ...hospitals].map((one) => [base, one]).concat(house.filter((one) => one.login !== 'ito').map((one) => [env.HOUSE_URL, one]));
  for (const [at, one] of who) {
    const b = await open({});
    try {
      await b.page.goto(at);
      await b.page.fill('[name=login]', one.login);
      await b.page.fill('[name=password]', one.password);
      await b.page.click('[data-act=signin]');
      await b.page.waitForSelector('[data-act=account]');
      sessions.set(at + one.login, await b.context.cookies());
    } finally {
      await b.close();
    }
  }
}

/** f as somebody at a service, with a way to ask its API. */
async function asking(at, who, f) {
  const b = await open({});
  try {
    await b.page.goto(at);
    const call = (method, path, body) =>
      b.page.evaluate(
        async ({ method, path, body }) => {
          const r = await fetch(`/api/v1${path}`, { method, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body ? JSON.stringify(body) : undefined });
          const text = await r.text();
          if (!r.ok) throw new Error(`${method} ${path}: ${r.status} ${text}`);
          return text ? JSON.parse(text) : null;
        },
        { method, path, body },
      );
    await call('POST', '/session', who);
    return await f(call);
  } finally {
    await b.close();
  }
}

// What has to have happened before there is something to see.
function prepare() {
  return asking(base, reader, async (call) => {
    const { items } = await call('GET', '/worklist?state=open');
    const ct = items.filter((i) => i.study.modalities.includes('CT'));
    const kept = ct.find((i) => i.study.bodyPart === 'HEAD') ?? ct[0];
    const signed = ct.find((i) => i !== kept);
    for (const item of [signed, kept]) await call('POST', `/workitems/${item.id}/claim`, {});
    const study = await call('GET', `/studies/${kept.study.id}`);
    const series = study.seriesList.find((s) => s.instances?.length > 3);
    const middle = series.instances[Math.floor(series.instances.length / 2)];
    await call('PUT', `/workitems/${kept.id}/annotations`, {
      revision: 0,
      savedAt: null,
      marks: [
        { id: crypto.randomUUID(), kind: 'length', instance: middle.sopInstanceUid, frame: 1, points: [[180, 200], [260, 240]], text: '', values: [{ name: 'length', value: 40.2, unit: 'mm' }] },
        { id: crypto.randomUUID(), kind: 'arrow', instance: middle.sopInstanceUid, frame: 1, points: [[300, 220], [350, 190]], text: '高吸収域', values: [] },
      ],
      keys: [{ id: crypto.randomUUID(), number: 1, instance: middle.sopInstanceUid, frame: 1, window: { center: 40, width: 80, function: 'LINEAR' }, view: { zoom: 1, panX: 0, panY: 0, turns: 0, flipH: false, flipV: false, invert: false }, text: '左被殻' }],
    });
    const text = { findings: '左被殻に 32×24 mm の高吸収域を認め、周囲に浮腫を伴う。\n正中偏位は右へ 3 mm。脳室穿破は認めない。', impression: '左被殻出血。', recommendation: '6時間後の再検を推奨します。' };
    const chest = { findings: '右上葉に 12 mm の結節を認める。辺縁は平滑。\n縦隔リンパ節の腫大は認めない。胸水は認めない。', impression: '右上葉結節。', recommendation: '3か月後の CT で経過を確認してください。' };
    const draft = (item, sections, marks) => call('PUT', `/workitems/${item.id}/draft`, { revision: 0, language: 'ja', template: '', sections, marks });
    await draft(kept, text, { critical: { level: 'red', finding: '左被殻出血' } });
    const { revision } = await draft(signed, chest, {});
    await call('POST', `/workitems/${signed.id}/sign`, { revision });
    await call('POST', `/rooms/${kept.study.id}/messages`, { body: '前回画像との比較をお願いします。' });
    return { signed, kept };
  });
}

const at = (name, f) => asking(env.HOUSE_URL, who(name), f);

// At the house: a patient known to two hospitals and proposed to be one, tokens, a
// deletion that is asked for, and an account with a code generator.
async function prepareHouse() {
  const studies = {};
  await at('coord', async (call) => {
    for (const s of (await call('GET', '/studies?limit=200')).items) studies[s.patient.patientId] = s.id;
    const { patient, candidates } = await call('GET', `/studies/${studies['M-1']}/links`);
    await call('POST', '/links', { patient: patient.id, other: candidates.find((c) => c.patientId === 'K-77').id, reason: '保険証と住所が一致' });
  });
  await at('root', async (call) => {
    await call('POST', '/tokens', { name: '北病院 ゲートウェイ', role: 'service', facility: 'kita', days: 365 });
    const { id } = await call('POST', '/tokens', { name: 'Minami CT console', role: 'service', facility: 'minami', days: 30 });
    await call('DELETE', `/tokens/${id}`);
    await call('POST', '/tokens', { name: 'Statistics', role: 'coordinator', facility: '', days: 90 });
  });
  await at('kita', (call) => call('POST', `/studies/${studies['K-77']}/deletion`, { reason: '他院の患者の検査を誤って送信したため' }));
  await at('minami', (call) => call('POST', `/studies/${studies['M-1']}/consents`, { kind: 'given', everywhere: false, facilities: ['kita'], images: true, reports: true, research: false, document: '同意書 2026-118', until: null }));
  await at('ito', async (call) => {
    const { secret } = await call('POST', '/account/generator', {});
    await call('POST', '/account/generator/confirm', { code: code(secret) });
  });
  return studies;
}

async function atHouse(w, studies) {
  const { page } = w;
  const closed = async (selector) => {
    await page.keyboard.press('Escape');
    await page.waitForSelector(selector, { state: 'detached' });
  };
  await page.context().clearCookies();
  await page.goto(env.HOUSE_URL);
  await page.fill('[name=login]', 'ito');
  await page.fill('[name=password]', who('ito').password);
  await page.click('[data-act=signin]');
  await page.waitForSelector('[data-act=factor]');
  await w.shoot('sign-in-factor');

  await w.as(who('minami'), env.HOUSE_URL);
  await w.go(`sent/${studies['M-1']}`, '[data-keeping]');
  await w.opened('hospital-deletion', 'deletion-ask', '[data-dialog=ask]');
  await w.opened('hospital-consent', 'consent-record', '[data-dialog=consent]');
  await w.opened('hospital-consent-withdraw', 'consent-withdraw', '[data-dialog=consent-withdraw]');

  await w.as(who('root'), env.HOUSE_URL);
  await w.go('tokens', '[data-token]');
  await w.shoot('admin-tokens');
  await w.opened('admin-tokens-end', 'token-end', '[data-dialog=token-end]');
  await page.click('[data-act=token-add]');
  await page.waitForSelector('[data-dialog=token-make]');
  await w.shoot('admin-tokens-form');
  // Answered here: a token each walk would fill the list, and no proof is old.
  let answer = { status: 403, json: { type: 'about:blank', title: '', status: 403, code: 'reauthenticate' } };
  const tokens = `${env.HOUSE_URL}/api/v1/tokens`;
  await page.route(tokens, (r) => (r.request().method() === 'POST' ? r.fulfill(answer) : r.continue()));
  await page.fill('[data-dialog=token-make] [name=name]', 'CT');
  await page.selectOption('[data-dialog=token-make] [name=facility]', 'minami');
  await page.click('[data-act=token-save]');
  await page.waitForSelector('[data-dialog=prove]');
  await w.shoot('prove');
  answer = { status: 201, json: { id: 'x', name: 'CT', role: 'service', facilityId: 'minami', secret: `dk_${'0123456789abcdefghij'.repeat(2)}` } };
  await closed('[data-dialog=prove]');
  await page.click('[data-act=token-save]');
  await page.waitForSelector('[data-secret]');
  await w.shoot('admin-tokens-made');
  await page.unroute(tokens);
  await closed('[data-secret]');
  await w.go('links', '[data-link]');
  await w.shoot('admin-links');
  await w.go('store', '[data-deletion]');
  await w.shoot('admin-deletions');
  await w.opened('admin-deletions-agree', 'deletion-approve', '[data-dialog=deletion]');
  await w.go('audit', '[name=audit-patient], [data-act=audit-search]');
  await page.click('[data-act=audit-search]');
  await page.waitForSelector('table.list tbody tr');
  await w.shoot('admin-audit');
  await w.go(`workitems/${studies['M-1']}`, '[data-candidate]');
  await page.locator('[data-candidate]').first().scrollIntoViewIfNeeded();
  await w.shoot('admin-link-candidates');
  await w.opened('admin-link-propose', 'link-propose', '[data-dialog=link]');
}

async function readers(w, { kept, signed }) {
  const { page } = w;
  await w.as(reader);
  await w.go('', 'tr[data-item]');
  await w.shoot('worklist');
  await w.opened('account-menu', 'account', '[role=menu]');
  await w.go(`read/${kept.id}`, '.canvas[data-shown=frame]');
  await page.waitForSelector('[data-tools=marks]', { state: 'attached' });
  await w.shoot('reading');
  for (const name of ['hanging', 'hotkeys', 'monitor']) {
    const gear = page.locator('[data-act=settings]:visible').first();
    if (!(await gear.count())) break;
    await gear.click();
    await page.click(`[data-act=open-${name}]`);
    await page.waitForSelector(`[data-dialog]`);
    await w.shoot(`reading-${name}`);
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-dialog]', { state: 'detached' });
  }
  await w.opened('reading-keys', 'help', '[data-dialog=help]');
  await w.opened('reading-why', 'why', '[data-dialog=reasons]');
  await w.opened('reading-print', 'keys-print', '.sheet');
  await w.opened('room', 'room', '.room');
  await page.locator('.canvas').first().focus();
  await page.keyboard.press('Shift+e');
  await w.shoot('reading-layout');
  await page.keyboard.press('Shift+q');
  await page.keyboard.press('u');
  await page.waitForSelector('[data-mpr=ready]');
  await page.waitForTimeout(800);
  await w.shoot('reading-mpr');
  await page.locator('[data-plane=axial]').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowRight');
  await page.waitForTimeout(800);
  await w.shoot('reading-mpr-oblique');
  await page.keyboard.press('Escape');
  await w.pane('strip');
  await w.shoot('reading-series');
  await w.pane('report');
  await page.waitForSelector('textarea[data-section]');
  await w.shoot('report');
  await w.opened('report-sign', 'sign', '[data-dialog]');
  await page.keyboard.press('Shift+p');
  await page.waitForSelector('.prior-reports', { state: 'attached' });
  await w.shoot('report-priors');
  await page.keyboard.press('Shift+p');
  await w.go(`read/${signed.id}`, '.canvas[data-shown=frame]');
  await w.pane('report');
  await page.waitForSelector('[data-report]');
  await w.shoot('report-signed');
  await w.go('reports', 'h1');
  await w.shoot('archive');
  await w.go('account', 'h1');
  await w.shoot('account');
}

async function wards(w, { signed }) {
  const { page } = w;
  await w.as(hospitals.find((h) => h.login === signed.study.facility.id));
  await w.go('', 'tr[data-study], .blank:not([role])');
  await w.shoot('hospital');
  await w.go(`sent/${signed.study.id}`, '[data-detail]');
  await page.waitForSelector('[data-report]');
  await w.shoot('hospital-report');
  await w.go('board', '.sections');
  await w.shoot('hospital-board');
  await w.go('orders', 'h1, .blank-title');
  await w.shoot('hospital-orders');
  await w.go('orders/new', '[data-form=order]');
  await w.shoot('hospital-order-form');
  await w.go('reports', 'h1');
  await w.shoot('hospital-archive');
  await w.go(`study/${signed.study.id}`, '.canvas[data-shown=frame]');
  await w.shoot('hospital-images');
}

// What is made anew, by the button of its section.
const made = { readers: 'reader-add', panels: 'panel-add', hospitals: 'facility-add', rules: 'rule-add', shifts: 'shift-add', accounts: 'person-add' };

async function coordinators(w) {
  await w.as(coordinator);
  await w.page.waitForSelector('nav a[data-section]');
  const all = await w.page.locator('nav a[data-section]').evaluateAll((a) => a.map((x) => x.dataset.section));
  for (const s of all) {
    await w.go(s === 'overview' ? '' : s, `nav a[data-section=${s}][aria-current=page]`);
    await w.shoot(`coordinator-${s}`);
    if (made[s]) await w.opened(`coordinator-${s}-form`, made[s], '[data-dialog]');
  }
}

const measure = { desktop: '1600×1000', tablet: '1024×768', phone: '390×844' };

// The pictures of one page, composed and packed by the browser itself.
async function sheet(page, name) {
  const shots = [];
  for (const look of looks) {
    const file = join(pictures, `${name}-${look.lang}-${look.scheme}-${look.size}.png`);
    const png = await readFile(file).catch(() => null);
    if (png) shots.push({ ...look, label: `${look.lang} · ${look.scheme} · ${measure[look.size]}`, data: `data:image/png;base64,${png.toString('base64')}` });
  }
  const webp = await page.evaluate(async (shots) => {
    const height = { desktop: 500, tablet: 400, phone: 500 };
    const gap = 14;
    const line = 22;
    const rows = [shots.filter((s) => s.size === 'desktop'), shots.filter((s) => s.size !== 'desktop')].filter((r) => r.length);
    const pictures = await Promise.all(
      rows.flat().map(async (s) => {
        const image = new Image();
        image.src = s.data;
        await image.decode();
        return { ...s, image };
      }),
    );
    let y = gap;
    const placed = [];
    let width = 0;
    for (const row of rows) {
      const here = pictures.filter((p) => row.some((s) => s.label === p.label));
      // Desktops two in a row, the rest in one row of their own height.
      const per = here[0].size === 'desktop' ? 4 : 8;
      for (let i = 0; i < here.length; i += per) {
        let x = gap;
        let tallest = 0;
        for (const p of here.slice(i, i + per)) {
          const h = p.size === 'desktop' ? 375 : height[p.size] * 0.8;
          const w = Math.round((p.image.width / p.image.height) * h);
          placed.push({ p, x, y: y + line, w, h });
          x += w + gap;
          tallest = Math.max(tallest, h);
        }
        width = Math.max(width, x);
        y += line + tallest + gap;
      }
    }
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = Math.round(y);
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#8a9299';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.font = '13px sans-serif';
    pen.imageSmoothingQuality = 'high';
    for (const { p, x, y, w, h } of placed) {
      pen.fillStyle = '#10161a';
      pen.fillText(p.label, x, y - 7);
      // Halved until it is near: one step from three times the size leaves jagged letters.
      let from = p.image;
      let [fw, fh] = [p.image.width, p.image.height];
      while (fw > 2 * w) {
        const half = document.createElement('canvas');
        [half.width, half.height] = [Math.round(fw / 2), Math.round(fh / 2)];
        const c = half.getContext('2d');
        c.imageSmoothingQuality = 'high';
        c.drawImage(from, 0, 0, half.width, half.height);
        [from, fw, fh] = [half, half.width, half.height];
      }
      pen.drawImage(from, x, y, w, h);
    }
    const blob = await new Promise((r) => canvas.toBlob(r, 'image/webp', 0.72));
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    return btoa(text);
  }, shots);
  const bytes = Buffer.from(webp, 'base64');
  await writeFile(join(sheets, `${name}.webp`), bytes);
  return { n: shots.length, bytes: bytes.length };
}

async function strangers(w) {
  await w.page.goto(base);
  await w.page.waitForSelector('[name=login]');
  await w.shoot('sign-in');
  await w.page.goto(`${base}/#${new URL(env.INVITATION).hash.slice(1)}`);
  await w.page.waitForSelector('[name=password], form');
  await w.shoot('invitation');
}

// PARTS="house" walks that alone.
const walks = { strangers, readers, wards, coordinators, house: (w, { studies }) => atHouse(w, studies), reports: (w, { lives }) => reportPages(w, (name) => w.as(who(name), env.HOUSE_URL), lives) };
const parts = (env.PARTS ?? Object.keys(walks).join(' ')).split(' ');

async function walk({ size, lang, scheme }, happened) {
  const b = await open({ ...sizes[size], locale: lang === 'ja' ? 'ja-JP' : 'en-GB', colorScheme: scheme });
  const w = new Walk(b, `${lang}-${scheme}-${size}`);
  try {
    for (const part of parts) await walks[part](w, happened);
    if (b.problems.length) throw new Error(b.problems.join('\n'));
    console.log(`ok ${lang} ${scheme} ${size}`);
  } catch (e) {
    await b.page.screenshot({ path: join(pictures, 'failed.png') }).catch(() => undefined);
    throw new Error(`${w.tag} at ${new URL(b.page.url()).hash}: ${e.message}`, { cause: e });
  } finally {
    await b.close();
  }
}

const happened = env.SHEETS_ONLY ? null : { ...(await prepare()), studies: await prepareHouse(), lives: await prepareReports(at) };
if (happened) {
  await signInAll();
  const rest = looks.filter(({ size, lang, scheme }) => !walked.length || walked.includes(`${lang}-${scheme}-${size}`));
  const worker = async () => {
    for (let look = rest.shift(); look; look = rest.shift()) await walk(look, happened);
  };
  // One that fails does not take the pictures of the others with it.
  const done = await Promise.allSettled(Array.from({ length: workers }, worker));
  const failed = done.filter((d) => d.status === 'rejected').map((d) => d.reason);
  if (failed.length) throw new AggregateError(failed, failed.map((e) => e.message).join('\n'));
}
const b = await open({});
let total = 0;
try {
  const earlier = await readFile(join(pictures, 'names.json'), 'utf8').then(JSON.parse, () => []);
  const list = [...new Set([...names, ...earlier])];
  await writeFile(join(pictures, 'names.json'), JSON.stringify(list));
  for (const name of list) {
    if (only.length && !only.includes(name)) continue;
    const { n, bytes } = await sheet(b.page, name);
    total += bytes;
    console.log(`sheet ${name}: ${n} pictures, ${bytes} bytes`);
  }
} finally {
  await b.close();
}
if (!only.length) {
  const list = JSON.parse(await readFile(join(pictures, 'names.json'), 'utf8'));
  const parts = { 'Everybody': /^(sign-in|invitation|account|prove)/, 'Reader: images': /^(reading|room)/, 'Reader: lists and reports': /^(worklist|report|archive)/, 'Hospital': /^(hospital|orderer)/, 'Coordinator': /^(coordinator|board|deliveries|quality)/, 'Administrator': /^admin/ };
  const there = await readdir(pictures);
  const here = looks.filter((l) => there.includes(`worklist-${l.lang}-${l.scheme}-${l.size}.png`));
  const which = here.length === looks.length ? 'in Japanese and English, light and dark, on a desktop (1600×1000), a tablet (1024×768) and a phone (390×844)' : here.map((l) => `${l.lang} ${l.scheme} ${l.size}`).join(', ');
  const out = ['# Screenshots', '', `Every page of the demo: ${which}.`, '`make screenshots` makes them anew, in all twelve looks.', ''];
  for (const [title, ofPart] of Object.entries(parts)) {
    out.push(`## ${title}`, '');
    for (const name of list.filter((n) => ofPart.test(n))) out.push(`### ${name}`, '', `![${name}](screenshots/${name}.webp)`, '');
  }
  await writeFile(join(sheets, '..', 'SCREENSHOTS.md'), out.join('\n'));
}
console.log(`total ${total} bytes`);
