// How people get in, in a browser against a running service with Chromium's
// virtual authenticator: a passkey is made and used, a colleague is invited and
// sets a code generator up, a session that ends keeps what was typed.
//
//   BASE_URL=http://localhost:8080 OUT_DIR=out COORDINATOR=login:password \
//   READER=login:password IDLE_URL=http://localhost:8081 node e2e/people.mjs
//
// BASE_URL asks staff for a second factor; IDLE_URL is a server on the same data
// whose sessions end after IDLE_SECONDS and that does not. The name is localhost:
// passkeys are not made for bare addresses.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open, phone } from './browser.mjs';
import { code } from './totp.mjs';

const env = process.env;
const base = env.BASE_URL;
const out = env.OUT_DIR ?? 'e2e/out';
const account = (s) => ({ login: s.slice(0, s.indexOf(':')), password: s.slice(s.indexOf(':') + 1) });
const coordinator = account(env.COORDINATOR);
const reader = account(env.READER);
await mkdir(out, { recursive: true });

let steps = 0;
const step = async (name, f) => {
  const began = Date.now();
  await f();
  console.log(`ok ${String(++steps).padStart(2)} ${name} (${Date.now() - began} ms)`);
};
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const all = [];
const start = async (options) => {
  const b = await open(options);
  all.push(b);
  const cdp = await b.context.newCDPSession(b.page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return b;
};
const picture = (page, name) => (env.PICTURES === '0' ? undefined : page.screenshot({ path: join(out, `${name}.png`) }));
const signIn = async (page, who) => {
  await page.fill('[name=login]', who.login);
  await page.fill('[name=password]', who.password);
  await page.click('[data-act=signin]');
};

async function passkeys() {
  const { page } = await start({});
  await page.goto(base);
  await step('the passkey stands first', async () => {
    await page.waitForSelector('[data-act=signin-passkey].primary');
    await picture(page, 'people-signin');
  });
  await step('a password alone leads to the second factor', async () => {
    await signIn(page, coordinator);
    await page.waitForSelector('[data-act=enrol-passkey]');
    await picture(page, 'people-enrol');
    const refused = await page.evaluate(() => fetch('/api/v1/worklist').then((r) => r.json()));
    must(refused.code === 'need_enrol', `the worklist answered ${refused.code}`);
  });
  await step('a passkey is registered and opens the desk', async () => {
    await page.click('[data-act=enrol-passkey]');
    await page.waitForSelector('[data-section=accounts]');
  });
  await step('signs out and in by the passkey alone', async () => {
    await page.click('[data-act=account]');
    await page.click('[data-act=signout]');
    await page.waitForSelector('[data-act=signin-passkey]');
    await page.click('[data-act=signin-passkey]');
    await page.waitForSelector('[data-section=accounts]');
  });
  await step('the account page shows the passkey and this device', async () => {
    await page.click('[data-act=account]');
    await page.click('[data-act=security]');
    await page.waitForSelector('[data-device=current]');
    must((await page.locator('[data-passkey]').count()) === 1, 'no passkey is listed');
    await picture(page, 'people-account');
    await page.setViewportSize(phone);
    await picture(page, 'people-account-phone');
    await page.setViewportSize({ width: 1600, height: 1000 });
  });
  let link = '';
  await step('the coordinator invites a radiologist', async () => {
    await page.goto(`${base}/#/accounts`);
    await page.waitForSelector('[data-act=person-add]');
    await picture(page, 'people-list');
    await page.click('[data-act=person-add]');
    await page.fill('dialog [name=login]', 'shinjin');
    await page.fill('dialog [name=name]', '新人 <b>医師</b>');
    await picture(page, 'people-invite');
    await page.click('[data-act=person-save]');
    link = (await page.locator('[data-link]').innerText()).trim();
    await picture(page, 'people-link');
    must(link.includes('/#/invitation/'), `the link is ${link}`);
  });
  return link;
}

async function invited(link) {
  const { page } = await start({ colorScheme: 'dark', locale: 'en-GB' });
  await step('the invited chooses a password; a common one is refused', async () => {
    await page.goto(link);
    await page.fill('[name=password-new]', 'passwordpassword');
    await page.fill('[name=password-again]', 'passwordpassword');
    await page.click('[data-act=password-confirm]');
    await page.waitForSelector('.banner.danger');
    await picture(page, 'people-invitation');
    await page.fill('[name=password-new]', 'kaki no tane to sencha');
    await page.fill('[name=password-again]', 'kaki no tane to sencha');
    await page.click('[data-act=password-confirm]');
    await page.waitForSelector('[data-act=enrol-generator]');
  });
  let secret = '';
  await step('a code generator is set up from the picture drawn here', async () => {
    await page.click('[data-act=enrol-generator]');
    secret = await page.locator('.secret').innerText();
    must((await page.locator('img.qr').getAttribute('src')).startsWith('data:image/png'), 'the picture is not ours');
    await picture(page, 'people-generator');
    await page.fill('[name=generator-code]', code(secret));
    await page.click('[data-act=generator-confirm]');
    await page.waitForSelector('.recovery li');
    await picture(page, 'people-recovery');
  });
  const recovery = await page.locator('.recovery code').allInnerTexts();
  await step('the desk opens after the codes were kept', async () => {
    await page.click('[data-act=recovery-kept]');
    await page.waitForSelector('#worklist-search');
  });
  await step('the next sign-in asks for a code; a recovery code will do', async () => {
    await page.click('[data-act=account]');
    await page.click('[data-act=signout]');
    await signIn(page, { login: 'shinjin', password: 'kaki no tane to sencha' });
    await page.waitForSelector('[data-act=factor]');
    await picture(page, 'people-factor');
    await page.fill('[name=code]', '000000');
    await page.click('[data-act=factor]');
    await page.waitForSelector('.banner.danger');
    await page.fill('[name=code]', recovery[0]);
    await page.click('[data-act=factor]');
    await page.waitForSelector('#worklist-search');
  });
}

/** The hospital's sign-on: a link of the coordinator, there and back, and out again. */
async function signOn() {
  const { page: desk } = await start({});
  let link = '';
  await step('an administrator opens the account by its link', async () => {
    await desk.goto(env.ADMIN);
    await desk.fill('[name=password-new]', 'mikan no kawa wo muku');
    await desk.fill('[name=password-again]', 'mikan no kawa wo muku');
    await desk.click('[data-act=password-confirm]');
    await desk.click('[data-act=enrol-passkey]');
    await desk.waitForSelector('[data-section=tokens]');
  });
  await step('a token is made, shown once and revoked', async () => {
    await desk.click('[data-section=tokens]');
    await desk.click('[data-act=token-add]');
    await desk.fill('dialog [name=name]', 'ゲートウェイ <b>CT</b>');
    await desk.selectOption('dialog [name=facility]', 'minamihama');
    await desk.click('[data-act=token-save]');
    const secret = (await desk.locator('[data-secret]').innerText()).trim();
    must(secret.startsWith('dk_'), `the token is ${secret}`);
    const status = () => desk.evaluate((s) => fetch('/api/v1/orders', { headers: { Authorization: `Bearer ${s}` } }).then((r) => r.status), secret);
    must((await status()) === 200, 'the token opens nothing');
    await picture(desk, 'tokens-made');
    await desk.keyboard.press('Escape');
    await desk.waitForSelector('[data-secret]', { state: 'detached' });
    must(!(await desk.content()).includes(secret), 'the secret is still in the page');
    await picture(desk, 'tokens');
    await desk.setViewportSize(phone);
    await picture(desk, 'tokens-phone');
    await desk.setViewportSize({ width: 1600, height: 1000 });
    await desk.click('[data-act=token-end]');
    await desk.click('[data-act=token-end-confirm]');
    await desk.waitForSelector('[data-token] .chip');
    must((await status()) === 401, 'the revoked token opens something');
  });
  await step('a technologist is invited', async () => {
    await desk.click('[data-section=accounts]');
    await desk.click('[data-act=person-add]');
    await desk.fill('dialog [name=login]', 'gishi');
    await desk.fill('dialog [name=name]', '技師 次郎');
    await desk.selectOption('dialog [name=role]', 'technologist');
    await desk.selectOption('dialog [name=facility]', 'minamihama');
    await desk.click('[data-act=person-save]');
    link = (await desk.locator('[data-link]').innerText()).trim();
  });
  const { page } = await start({ locale: 'en-GB', viewport: phone });
  await step('the invited links the sign-on of the hospital instead of a password', async () => {
    await page.goto(link);
    await page.waitForSelector('[data-act=sso-minamihama]');
    await picture(page, 'sso-invitation-phone');
    await page.click('[data-act=sso-minamihama]');
    await page.waitForSelector('[data-act=account]');
  });
  await step('signs out there, too, and in again from the page of signing in', async () => {
    await page.click('[data-act=account]');
    await page.click('[data-act=signout]');
    await page.waitForSelector('[data-act=sso-minamihama]');
    await picture(page, 'sso-signin-phone');
    await page.click('[data-act=sso-minamihama]');
    await page.waitForSelector('[data-act=account]');
    must(!(await page.evaluate(() => document.cookie)), 'scripts can read a cookie');
  });
  await step('the coordinator unlinks it; the sign-on says so', async () => {
    await desk.keyboard.press('Escape');
    await desk.reload();
    await desk.waitForSelector('[data-person=gishi]');
    await picture(desk, 'sso-accounts');
    await desk.click('[data-person=gishi] [data-act=person-edit]');
    await desk.click('[data-act=person-unlink]');
    await desk.waitForSelector('dialog', { state: 'detached' });
    await page.goto(base);
    await page.click('[data-act=sso-minamihama]');
    await page.waitForSelector('.banner.danger');
    await picture(page, 'sso-failed-phone');
  });
}

async function timeout() {
  const { page } = await start({});
  let asked = Date.now(); // what the page fetches is use, too
  page.on('request', () => (asked = Date.now()));
  const text = '右中大脳動脈領域に淡い低吸収域。';
  await step('a reader begins to write', async () => {
    await page.goto(env.IDLE_URL);
    await signIn(page, reader);
    await page.locator('tr[data-item] [data-act=claim]').first().click();
    await page.waitForSelector('textarea');
    await page.locator('textarea').first().fill(text);
  });
  await step('the session ends; what was typed is there after signing in again', async () => {
    while (Date.now() - asked < (Number(env.IDLE_SECONDS) + 1) * 1000) await page.waitForTimeout(500);
    await page.locator('textarea').first().fill(text + '正中偏位なし。');
    await page.waitForSelector('[data-dialog=signin-again]');
    await picture(page, 'people-again');
    await page.fill('dialog [name=password]', reader.password);
    await page.click('dialog [data-act=signin]');
    await page.waitForSelector('[data-dialog=signin-again]', { state: 'detached' });
    must((await page.locator('textarea').first().inputValue()) === text + '正中偏位なし。', 'the draft was lost');
    await page.waitForSelector('[data-draft=clean]');
  });
}

let failed = false;
try {
  await invited(await passkeys());
  if (env.ADMIN) await signOn();
  if (env.IDLE_URL) await timeout();
  for (const b of all) must(b.problems.length === 0, `the pages complain: ${b.problems.join('; ')}`);
} catch (e) {
  failed = true;
  console.error(e);
  for (const [i, b] of all.entries()) await b.page.screenshot({ path: join(out, `people-failed-${i}.png`) }).catch(() => {});
}
for (const b of all) await b.close();
process.exit(failed ? 1 : 0);
