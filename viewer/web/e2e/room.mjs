// A ward and its reader talk about a study, in a browser each, against a running
// service or the mock; every size, language and theme is pictured.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out READER=login:password HOSPITAL=login:password node e2e/room.mjs
import { mkdir } from 'node:fs/promises';
import { desktop, open, phone } from './browser.mjs';
import { Desk } from './desk.mjs';

const env = process.env;
const base = env.BASE_URL ?? 'http://127.0.0.1:8181';
const out = env.OUT_DIR ?? 'e2e/out';
const login = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });
await mkdir(out, { recursive: true });

const all = [];
const start = async (who, options) => {
  const b = await open(options);
  all.push(b);
  const d = new Desk(b, base, out);
  await d.signIn(login(who));
  return d;
};
const say = async (d, text) => {
  await d.page.fill('[data-room-text]', text);
  await d.page.click('[data-act=room-send]');
};

/** Two specialists are asked at once; the first to accept closes the other's room, and it is decided that the patient stays. */
async function consult(reader) {
  const [first, second] = await Promise.all(env.SPECIALISTS.split(' ').map((who) => start(who, { viewport: desktop, locale: 'en-GB' })));
  const { page } = reader;
  await page.locator('[data-consults] summary').click();
  await page.click('[data-act=consult-ask]');
  await page.waitForSelector('[data-candidate]');
  for (const name of ['髙橋', '佐藤']) {
    await page.fill('.consult-ask [type=search]', name);
    await page.locator('.consult-people li', { hasText: name }).locator('input').first().check();
  }
  await page.fill('[data-consult-question]', '血腫除去の適応はありますか。<b>至急</b>');
  await reader.picture('room-consult-ask');
  await page.click('[data-act=consult-send]');
  await page.waitForSelector('.consult[data-consult=open]');
  for (const d of [first, second]) {
    await d.page.waitForSelector('[data-act=inbox].primary');
    await d.page.click('[data-act=inbox]');
    await d.page.locator('[data-inbox]').first().click();
    await d.page.waitForSelector('.consult-answer');
  }
  await first.picture('room-consult-asked-en');
  await first.page.click('[data-act=consult-accept]');
  await first.page.waitForSelector('[data-consult=accepted]');
  await say(first, 'Yes. Please transfer only if the GCS falls.');
  await second.page.waitForSelector('[data-act=consult-accept]', { state: 'detached' });
  await page.waitForSelector('.consult[data-consult=accepted]');
  await page.locator('.consult-asked .link').first().click();
  await page.waitForSelector('[data-act=room-back]');
  await page.click('[data-act=room-back]');
  await page.fill('.consult-decide input', 'GCS 14のため経過観察');
  await page.click('[data-act=transfer-stay]');
  await page.waitForSelector('[data-transfer=stay]');
  await reader.picture('room-consult-decided');
  await page.setViewportSize(phone);
  await reader.picture('room-consult-decided-phone');
  await page.setViewportSize(desktop);
  await page.selectOption('[data-invite-role]', 'pharmacist');
  console.log('ok a specialist was asked, accepted, and the patient stays');
}

/** A film of the ward's telephone plays at the reader's, upright; what is none is refused with a word. */
async function film(ward, reader) {
  const choose = (file) => ward.page.setInputFiles('.room-write input[type=file]', file);
  await choose({ name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no film at all') });
  await ward.page.waitForSelector('.toast');
  await choose(env.FILM);
  const there = reader.page.locator('.said video');
  await there.waitFor();
  await reader.page.waitForFunction(() => document.querySelector('.said video').readyState >= 1, null, { timeout: 15_000 });
  await there.evaluate((v) => Object.assign(v, { muted: true, currentTime: 1 }).play());
  await reader.page.waitForFunction(() => document.querySelector('.said video').currentTime > 1.3, null, { timeout: 15_000 });
  const shown = await there.evaluate((v) => ({ wide: v.videoWidth, high: v.videoHeight, length: v.duration, box: v.getBoundingClientRect().width }));
  if (shown.wide !== 48 || shown.high !== 64 || Math.abs(shown.length - 3) > 0.1) throw new Error(`the film is ${JSON.stringify(shown)}`);
  await there.evaluate((v) => v.pause());
  await there.scrollIntoViewIfNeeded();
  await reader.picture('room-film');
  await ward.page.waitForSelector('.said.mine video');
  await ward.picture('room-film-en-dark-phone');
  console.log('ok a film of the ward plays at the reader');
  await recorded(ward, reader);
}

/** A film that a browser records comes in fragments (ISO/IEC 14496-12 8.8), and plays. */
async function recorded(ward, reader) {
  const film = await ward.page.evaluate(async () => {
    const type = ['video/mp4;codecs=avc1.42E01E,mp4a.40.2', 'video/mp4'].find((t) => MediaRecorder.isTypeSupported(t));
    if (!type) return null;
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 96 });
    const pen = canvas.getContext('2d');
    const sound = new AudioContext();
    const heard = sound.createMediaStreamDestination();
    const tone = sound.createOscillator();
    tone.connect(heard);
    tone.start();
    const recorder = new MediaRecorder(new MediaStream([...canvas.captureStream().getTracks(), ...heard.stream.getTracks()]), { mimeType: type });
    const parts = [];
    recorder.ondataavailable = (e) => parts.push(e.data);
    recorder.start(200);
    for (let n = 0; n < 50; n++) {
      pen.fillStyle = `hsl(${12 * n} 80% 50%)`;
      pen.fillRect(0, 0, 160, 96);
      await new Promise((done) => setTimeout(done, 40));
    }
    await new Promise((done) => {
      recorder.onstop = done;
      recorder.stop();
    });
    await sound.close();
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
  });
  if (!film) return console.log('-- this browser records no MP4');
  const buffer = Buffer.from(film, 'hex');
  if (!buffer.includes('moof')) throw new Error('the browser has not recorded in fragments');
  await ward.page.setInputFiles('.room-write input[type=file]', { name: 'recorded.mp4', mimeType: 'video/mp4', buffer });
  await reader.page.waitForFunction(() => document.querySelectorAll('.said video').length === 2);
  const there = reader.page.locator('.said video').last();
  await reader.page.waitForFunction(() => [...document.querySelectorAll('.said video')].at(-1).readyState >= 1);
  await there.evaluate((v) => Object.assign(v, { muted: true }).play());
  await reader.page.waitForFunction(() => [...document.querySelectorAll('.said video')].at(-1).currentTime > 0.5);
  const wide = await there.evaluate((v) => v.videoWidth);
  if (wide !== 160) throw new Error(`the recorded film is ${wide} wide`);
  console.log('ok a film that a browser recorded in fragments plays at the reader');
}

try {
  const reader = await start(env.READER ?? 'sato:demo', { viewport: desktop });
  const claim = reader.page.locator('tr[data-item]', { has: reader.page.locator('[data-act=claim]') }).first();
  await claim.locator('[data-act=claim]').click();
  await reader.page.waitForURL(/#\/read\//);
  const workitem = reader.page.url().split('/').at(-1);
  const item = JSON.parse(await reader.get(`/api/v1/workitems/${workitem}`));
  const study = item.study.id;

  const hospital = env.HOSPITALS?.split(' ').find((one) => one.startsWith(`${item.study.facility.id}:`));
  const ward = await start(hospital ?? env.HOSPITAL ?? `${item.study.facility.id}:demo`, { viewport: phone, touch: true, locale: 'en-GB', colorScheme: 'dark' });
  await ward.page.locator(`[data-study="${study}"], [data-item="${study}"]`).first().click();
  await ward.page.click('[data-act=room]');
  await say(ward, 'The weakness began at 08:10. 昨日の転倒はありません。');
  await ward.page.waitForSelector('.said.mine');

  await reader.page.waitForSelector('[data-act=room].primary');
  await reader.picture('room-unread');
  await reader.page.click('[data-act=room]');
  await reader.page.waitForSelector('.said');
  await say(reader, '承知しました。\u{20BB7}田先生に電話します。<script>alert(1)</script>');
  await ward.page.waitForSelector('.said:not(.mine)');
  await ward.page.waitForSelector('.said-read');
  await reader.picture('room-reader-ja-light');
  await ward.picture('room-ward-en-dark-phone');
  await reader.page.emulateMedia({ colorScheme: 'dark' });
  await reader.picture('room-reader-ja-dark');
  if (env.FILM) await film(ward, reader);
  if (env.SPECIALISTS) await consult(reader);
  await reader.page.focus('[data-room-text]');
  await reader.page.keyboard.press('Escape');
  await reader.page.waitForSelector('.room', { state: 'detached' });
  const problems = all.flatMap((b) => b.problems);
  if (problems.length) throw new Error(problems.join('\n'));
  if (reader.urls.concat(ward.urls).some((u) => u.includes('08:10'))) throw new Error('what was said stands in an address');
  console.log('ok a ward and its reader talked');
} finally {
  for (const b of all) await b.close();
}
