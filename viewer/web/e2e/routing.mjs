// A coordinator's day in a browser, against a running service with received studies:
// adds a hospital and a reader, writes a rule, tests it on a received study and on a
// file, sees the replay, applies it, sets a shift; a STAT arrives, nobody takes it, it
// escalates and is given to a reader by hand.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out COORDINATOR=login:password READER=login:password \
//   FILE=stat.dcm SEND='["dokuei","send",…]' node e2e/routing.mjs
//
// SEND is the command that sends FILE from AE title ASAHI_CT. PICTURES=0 leaves the
// screenshots of every page in every language, theme and size out.
import { spawnSync } from 'node:child_process';
import { desktop, phone } from './browser.mjs';
import { account, base, env, must, start, step, walk } from './walk.mjs';

const coordinator = account(env.COORDINATOR ?? 'sakiyama:demo');

// Every change of the directory goes through its differences, and asks once more who is there.
async function apply(page, has) {
  await page.waitForSelector('[data-dialog=change] .changes li');
  const text = await page.locator('[data-dialog=change] .changes').innerText();
  must(text.includes(has), `the differences do not say ${has}: ${text}`);
  await page.click('[data-act=change-apply]');
  await page.waitForFunction(() => !document.querySelector('[data-dialog=change]') || document.querySelector('[data-dialog=prove]'));
  if (await page.locator('[data-dialog=prove]').count()) {
    await page.fill('[data-dialog=prove] [name=proof]', coordinator.password);
    await page.click('[data-act=prove]');
    await page.waitForSelector('[data-dialog=change]', { state: 'detached' });
  }
}

const d = await start({});
const { page } = d;
const section = async (name) => {
  await page.click(`.sections [data-section=${name}]`);
};

async function write() {
  await step('the coordinator signs in', async () => {
    await d.signIn(coordinator);
    await page.waitForSelector('.stat');
  });
  await step('adds a hospital, with the differences first', async () => {
    await section('hospitals');
    await page.click('[data-act=facility-add]');
    await page.fill('[name=facility-id]', 'asahi');
    await page.fill('[name=facility-name]', '朝日町立病院');
    await page.fill('[name=facility-name-en]', 'Asahi Town Hospital');
    await page.fill('[name=facility-ae]', 'ASAHI_CT ASAHI_MR');
    await page.fill('[name=facility-quiet]', '1s');
    await page.fill('[name=facility-hours]', 'mon-fri 08:30-17:15');
    await page.fill('[name=claim-STAT]', '1m');
    await page.fill('[name=final-STAT]', '30m');
    await d.picture('routing-hospital-form');
    await page.click('[data-act=facility-review]');
    await d.picture('routing-hospital-differences');
    await apply(page, '朝日町立病院');
    await page.waitForSelector('text=ASAHI_CT');
  });
  await step('a mistake is told with what is wrong, and nothing is changed', async () => {
    await page.click('[data-act=facility-edit-asahi]');
    await page.fill('[name=facility-hours]', 'weekdays');
    await page.click('[data-act=facility-review]');
    await page.waitForSelector('[data-dialog=change] .change-bad');
    must(await page.locator('[data-act=change-apply]').isDisabled(), 'it could be applied');
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-dialog=facility]');
    await page.keyboard.press('Escape');
  });
  await step('adds a reader to a panel and is told the first password once', async () => {
    await section('readers');
    await page.click('[data-act=reader-add]');
    await page.fill('[name=reader-login]', 'ono');
    await page.fill('[name=reader-name]', '小野 恵');
    await page.fill('[name=reader-name-en]', 'Megumi Ono');
    await page.fill('[name=reader-license]', '345001');
    await page.check('[name=reader-panels][value=neuro]');
    await page.fill('[name=reader-on-call]', 'daily 00:00-24:00');
    await page.fill('[name=reader-hours]', 'sun 00:00-00:01');
    await d.picture('routing-reader-form');
    await page.click('[data-act=reader-review]');
    await page.waitForSelector('[data-change="+ user ono"]');
    await page.click('[data-act=change-apply]');
    await page.waitForSelector('[data-password=ono]');
    await page.click('[data-act=passwords-done]');
    await page.waitForSelector('tr[data-reader=ono]');
  });
  await step('writes a rule', async () => {
    await section('rules');
    await page.click('[data-act=rule-add]');
    await page.fill('[name=rule-name]', '朝日の救急');
    await page.fill('[name=rule-if]', 'hospital.id == "asahi" or any(series, .modality in ["CT", "MR"]) and study.images > 0');
    await page.selectOption('[name=rule-panel]', 'neuro');
    await page.selectOption('[name=rule-priority]', 'STAT');
    await page.fill('[name=rule-within]', '30m');
    await d.picture('routing-rule-form');
    await page.click('[data-act=rule-save]');
    const rule = page.locator('[data-rule="朝日の救急"]');
    const place = rule.locator('.rule-order');
    await place.waitFor();
    for (let n = Number(await place.innerText()); n > 1; n--) {
      await rule.locator('[data-act=rule-up]').click();
      await place.and(page.getByText(String(n - 1), { exact: true })).waitFor();
    }
    await d.picture('routing-rules-pending');
  });
  await step('tests it on a received study: which rule, and every other rule’s verdict', async () => {
    await page.click('[data-act=rules-test]');
    await page.locator('.picks [data-study]', { hasText: /CT|MR/ }).first().click();
    await page.waitForSelector('[data-verdict="朝日の救急"]');
    must((await page.locator('.verdict .why li').count()) >= 4, 'not every rule says why');
    await d.picture('routing-tester');
  });
  await step('and on a file that was never received', async () => {
    await page.selectOption('[name=tester-facility]', 'asahi');
    await page.setInputFiles('[name=tester-file]', env.FILE);
    await page.waitForFunction(() => document.querySelector('.verdict h3')?.textContent.includes('.dcm'));
    must((await page.locator('[data-verdict="朝日の救急"]').count()) === 1, 'another rule took it');
    await page.setInputFiles('[name=tester-file]', { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('no image') });
    await page.waitForSelector('[data-dialog=tester] .banner.danger');
    await page.keyboard.press('Escape');
  });
  await step('sees what the past would have been', async () => {
    await page.click('[data-act=rules-check]');
    await page.waitForSelector('[data-replayed]');
    must((await page.locator('[data-difference]').count()) > 0, 'no study would have gone another way');
    await d.picture('routing-replay');
    await page.keyboard.press('Escape');
  });
  await step('applies it; the version before is kept', async () => {
    await page.click('[data-act=rules-apply]');
    await apply(page, '朝日の救急');
    await page.waitForSelector('[data-pending="0"] [data-rule="朝日の救急"]');
    await page.click('[data-act=rules-history]');
    await page.waitForFunction(() => document.querySelectorAll('[data-version]').length >= 2);
    await page.keyboard.press('Escape');
  });
  await step('sets a shift', async () => {
    await section('shifts');
    await page.click('[data-act=shift-add]');
    await page.selectOption('[name=shift-reader]', { label: '小野 恵' });
    await page.selectOption('[name=shift-kind]', 'reading');
    await page.click('[data-act=shift-save]');
    await page.waitForSelector('[data-shift=reading]');
    await d.picture('routing-shifts');
  });
  await step('closes a part of every year', async () => {
    await page.click('[data-act=closures]');
    await page.fill('[name=closures]', '12-29/01-03\n08-13/08-15');
    await d.picture('routing-closures');
    await page.click('[data-act=closures-review]');
    await apply(page, '08-13/08-15');
    await page.waitForSelector('[data-dialog]', { state: 'detached' });
  });
}

async function escalate() {
  const [command, ...args] = JSON.parse(env.SEND);
  await step('a STAT arrives from the new hospital', async () => {
    const sent = spawnSync(command, args, { encoding: 'utf8', env: { ...env, RUN_AS_DOKUEI: '1' } });
    must(sent.status === 0, `not sent: ${sent.stdout}${sent.stderr}`);
    await section('desks');
    await page.click('[data-desk=neuro] h2 a');
    await page.waitForFunction(() => [...document.querySelectorAll('.desk-items tr[data-item]')].some((r) => r.textContent.includes('朝日町立病院')));
    await d.picture('routing-desks');
  });
  if (env.PICTURES !== '0') await pictures();
  await step('nobody takes it: it escalates', async () => {
    await page.waitForSelector('[data-escalations]');
    await page.click('[data-act=escalations]');
    await page.waitForSelector('[data-escalation]');
    await page.locator('[data-escalation]', { hasText: '朝日町立病院' }).filter({ hasText: '着手期限を超過' }).first().waitFor();
    await d.picture('routing-escalation');
  });
  await step('the coordinator gives it to a reader, who is shown as chosen', async () => {
    await page.locator('[data-escalation]', { hasText: '朝日町立病院' }).locator('[data-act=escalation-assign]').first().click();
    await page.waitForSelector('[data-dialog=assign] [data-assign]');
    await d.picture('routing-assign');
    await page.locator('[data-dialog=assign] [data-assign]', { hasText: '小野' }).click();
    await page.waitForSelector('[data-dialog=assign]', { state: 'detached' });
    await section('workitems');
    const row = page.locator('tr[data-item]', { hasText: '朝日町立病院' }).and(page.locator('[data-state=SCHEDULED]'));
    await row.locator('[data-act=why]').click();
    await page.waitForSelector('[data-choice=direct] .chosen');
    must((await page.locator('[data-choice] .chosen').innerText()).includes('小野'), 'another is shown as chosen');
    await d.picture('routing-why');
    await page.keyboard.press('Escape');
  });
  await step('the figures have a target', async () => {
    await section('figures');
    await page.click('[data-act=target-set]');
    await page.fill('[name=target-reads]', '10500');
    await page.click('[data-act=target-review]');
    await apply(page, '10500');
    await page.waitForFunction(() => document.querySelector('.years')?.textContent.includes('10,500'));
    await d.picture('routing-figures');
  });
}

// Several items to one reader from the board, without a mouse.
async function bulk() {
  await step('several items are given to a reader from the board, by keyboard alone', async () => {
    const tabTo = async (selector) => {
      for (let n = 0; n < 150; n++) {
        if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`no key leads to ${selector}`);
    };
    await section('desks');
    await page.click('[data-desk=neuro] h2 a');
    await page.waitForFunction(() => document.querySelectorAll('.desk-items tr[data-item]').length > 1);
    await tabTo('.desk-items thead input');
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.querySelectorAll('.desk-items tbody input:checked').length > 1);
    const before = await page.locator('.desk-items tr[data-item]:has(input:checked)').evaluateAll((rows) => rows.map((r) => r.dataset.item));
    await page.evaluate(() => document.querySelector('.desk-items thead input').blur());
    await tabTo('[data-act=assign-many]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-dialog=assign] [data-assign]');
    await d.picture('routing-bulk');
    const who = await page.locator('[data-dialog=assign] [data-assign]').first().getAttribute('data-assign');
    await tabTo(`[data-assign="${who}"]`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-dialog=assign]', { state: 'detached' });
    const { items } = await (await page.request.get(`${base}/api/v1/worklist?state=open&limit=100`)).json();
    const given = new Set(items.filter((i) => i.offeredTo?.id === who || i.claimedBy?.id === who).map((i) => i.id));
    const left = before.filter((id) => !given.has(id));
    must(left.length === 0, `${left.length} of ${before.length} were not given`);
  });
}

async function pictures() {
  for (const locale of ['ja-JP', 'en-GB']) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [size, viewport] of [['desktop', desktop], ['phone', phone]]) {
        const tag = `${locale.slice(0, 2)}-${colorScheme}-${size}`;
        await step(`every page of routing, ${tag}`, async () => {
          const v = await start({ locale, colorScheme, viewport, touch: size === 'phone' });
          await v.signIn(coordinator);
          await v.page.waitForSelector('.stat');
          for (const s of ['desks', 'rules', 'hospitals', 'readers', 'panels', 'shifts', 'figures', 'escalations']) {
            await v.page.goto(`${base}/#/${s}${s === 'desks' ? '/neuro' : ''}`);
            await v.page.waitForFunction(() => !document.querySelector('.blank[role=status]'));
            await v.look(`routing-${tag}-${s}`);
          }
          await v.tidy([]);
        });
      }
    }
  }
}

await walk('routing', async () => {
  await write();
  await escalate();
  await bulk();
  await d.tidy([]);
});
