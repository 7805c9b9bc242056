// The main path in a browser, against a running service: a reader reads a CT and
// signs, the hospital gets the report and says so, the coordinator sees it all.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out \
//   READER=login:password HOSPITAL=login:password COORDINATOR=login:password node e2e/main.mjs
//
// HOSPITAL may name several, separated by spaces: the one whose study was read
// is found by trying. PICTURES=0 leaves the screenshots of every page in every
// language, theme and size out. The exit code tells.
import { desktop, phone, tablet } from './browser.mjs';
import { account, base, env, must, start, step, walk } from './walk.mjs';

const reader = account(env.READER ?? 'sato:demo');
const hospitals = (env.HOSPITAL ?? 'kaifu:demo').split(/\s+/).filter(Boolean).map(account);
const coordinator = account(env.COORDINATOR ?? 'coord:demo');

const findings = '左被殻に 32×24 mm の高吸収域を認め、周囲に浮腫を伴う。\n正中偏位は右へ 3 mm。𠮷田・髙橋・﨑の字も正しく残ること。';
const more = '脳室穿破は認めない。';
const impression = '左被殻出血。';
const addendum = '右側頭葉にも小さな出血を認める。前回報告に追加する。';
const recommendation = '6時間後の再検を推奨します。';

async function readAndSign() {
  const d = await start({});
  const { page } = d;
  await step('a wrong password is refused in words', async () => {
    await d.signIn({ login: reader.login, password: 'not the password' });
    await page.waitForSelector('.banner.danger');
  });
  await step('the reader signs in and sees the worklist', async () => {
    await d.signIn(reader);
    await page.waitForSelector('tr[data-item]');
    await d.picture('reader-worklist');
  });
  const waiting = page.locator('tr[data-item]', { has: page.locator('[data-act=claim]') }).and(page.locator('tr[data-modality~=CT]')).first();
  const workitem = await waiting.getAttribute('data-item');
  const row = page.locator(`tr[data-item="${workitem}"]`);
  const patientID = (await row.locator('.c-id').innerText()).trim();
  const patient = (await row.locator('.patient-main').innerText()).trim();
  const { facility } = JSON.parse(await d.get(`/api/v1/workitems/${workitem}`)).study;

  await step('searches by what no address may hold', async () => {
    const before = await page.locator('tr[data-item]').count();
    await page.fill('#worklist-search', patientID);
    await page.waitForFunction(
      ([n, id]) => {
        const ids = [...document.querySelectorAll('tr[data-item]')].map((r) => r.dataset.item);
        return ids.length < n && ids.includes(id);
      },
      [before, workitem],
    );
    await page.fill('#worklist-search', 'nobody of this name');
    await page.waitForSelector('.blank');
    await page.fill('#worklist-search', '');
    await page.waitForFunction((n) => document.querySelectorAll('tr[data-item]').length === n, before);
  });
  await step('claims a CT and has a picture', async () => {
    await row.locator('[data-act=claim]').click();
    await page.waitForSelector('.canvas:is([data-shown=preview],[data-shown=frame])');
  });
  await step('has the true frame', () => d.frame());
  await step('scrolls by key and wheel', async () => {
    const n = await d.slices();
    must(n > 1, 'the CT has one slice');
    await page.keyboard.press('Home');
    await d.slice(1);
    await page.keyboard.press('ArrowDown');
    await d.slice(2);
    const box = await page.locator('.canvas').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, 120);
    await d.slice(3);
    await page.mouse.wheel(0, -120);
    await d.slice(2);
    await page.keyboard.press('End');
    await d.slice(n);
    await page.keyboard.press('Home');
    for (let i = 0; i < Math.floor(n / 2); i++) await page.keyboard.press('ArrowDown');
    await d.slice(Math.floor(n / 2) + 1);
    await d.frame();
  });
  await step('changes the window by preset and by hand', async () => {
    await page.keyboard.press('1');
    await d.window('40/80');
    const brain = await d.pixels();
    await page.keyboard.press('4');
    await d.window('480/2500');
    await d.becomes((p) => p !== brain, 'another window, the same picture');
    const box = await page.locator('.canvas').boundingBox();
    await page.mouse.move(box.x + 300, box.y + 300);
    await page.mouse.down({ button: 'right' });
    await page.mouse.move(box.x + 360, box.y + 280, { steps: 5 });
    await page.mouse.up({ button: 'right' });
    await page.waitForFunction(() => document.querySelector('[data-window]')?.getAttribute('data-window') !== '480/2500');
    await page.keyboard.press('0');
    await page.keyboard.press('1');
    await d.window('40/80');
    await d.becomes((p) => p === brain, 'the same window, another picture');
  });
  await step('reads Hounsfield units under the pointer', async () => {
    const box = await page.locator('.canvas').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForFunction(() => /-?\d+ HU/.test(document.querySelector('[data-probe]')?.textContent ?? ''));
  });
  await step('turns, flips, inverts, zooms and goes back', async () => {
    const before = await d.pixels();
    for (const key of ['r', 'h', 'i', '+']) await page.keyboard.press(key);
    await d.becomes((p) => p !== before, 'nothing changed');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('1');
    await d.becomes((p) => p === before, 'it did not go back');
  });
  await step('sees why it came here', async () => {
    await page.click('[data-act=why]');
    await page.waitForSelector('[data-dialog=reasons] li[data-matched=true]');
    await d.picture('reader-reasons');
    await page.keyboard.press('Escape');
  });
  await step('sees the keys', async () => {
    await page.keyboard.press('?');
    await page.waitForSelector('[data-dialog=help]');
    await d.picture('reader-help');
    await page.keyboard.press('Escape');
  });
  await step('writes a report in Japanese, kept as it is written', async () => {
    await page.fill('[data-section=findings]', findings);
    await page.fill('[data-section=impression]', impression);
    await page.fill('[data-section=recommendation]', recommendation);
    await d.saved();
    await page.reload();
    await page.waitForSelector('[data-section=findings]');
    must((await page.inputValue('[data-section=findings]')) === findings, 'the draft is not what was written');
  });
  await step('loses nothing when the session ends', async () => {
    // Typed, and before it is saved there is no session any more.
    await page.fill('[data-section=findings]', `${findings}\n${more}`);
    await d.context.clearCookies();
    await page.waitForSelector('[data-dialog=signin-again]');
    await page.fill('[data-dialog=signin-again] [name=password]', reader.password);
    await page.click('[data-dialog=signin-again] [data-act=signin]');
    await page.waitForSelector('[data-dialog=signin-again]', { state: 'detached' });
    await d.saved();
    must((await page.inputValue('[data-section=findings]')).endsWith(more), 'the text is gone');
    await d.frame();
    await d.picture('reader-reading');
  });
  const writeElsewhere = async (section, text) => {
    const url = new URL(`/api/v1/workitems/${workitem}/draft`, base).href;
    const draft = await (await page.request.get(url)).json();
    delete draft.savedAt;
    await page.request.put(url, { data: { ...draft, sections: { ...draft.sections, [section]: text } } });
  };
  await step('joins what was written elsewhere into another section', async () => {
    await writeElsewhere('impression', '別の画面の診断');
    await page.fill('[data-section=recommendation]', `${recommendation} `);
    await page.waitForFunction(() => document.querySelector('[data-section=impression]')?.value === '別の画面の診断');
    await d.saved();
    must((await page.inputValue('[data-section=recommendation]')) === `${recommendation} `, 'the text is gone');
    await page.fill('[data-section=impression]', impression);
    await page.fill('[data-section=recommendation]', recommendation);
    await d.saved();
  });
  await step('shows both texts when one section was written elsewhere too, and loses neither', async () => {
    await writeElsewhere('findings', '別の画面の所見');
    await page.fill('[data-section=findings]', `${findings}\n\n${more}`);
    await page.waitForSelector('[data-dialog=conflict]');
    const text = await page.innerText('[data-dialog=conflict]');
    must(text.includes('別の画面の所見') && text.includes(more), 'one of the two texts is not shown');
    await d.picture('reader-conflict');
    await page.click('[data-act=keep-mine]');
    await d.saved();
    must((await page.inputValue('[data-section=findings]')).endsWith(more), 'the text is gone');
  });
  await step('is asked about a side that contradicts the findings, and cannot sign it', async () => {
    await page.fill('[data-section=impression]', impression.replace('左', '右'));
    await page.waitForSelector('[data-lint=side]');
    await d.picture('reader-lint');
    await page.click('[data-act=sign]');
    await page.waitForSelector('[data-lint-open=side]');
    must(await page.isDisabled('[data-act=sign-confirm]'), 'a contradiction can be signed');
    await d.picture('reader-lint-sign');
    await page.keyboard.press('Escape');
    await page.fill('[data-section=impression]', impression);
    await page.waitForSelector('[data-lint=side]', { state: 'detached' });
  });
  await step('marks the haemorrhage as critical', async () => {
    await page.click('[data-lint=critical] [data-act=lint-critical]');
    await page.waitForSelector('[data-dialog=critical]');
    must((await page.inputValue('[data-act=critical-finding]')).includes('被殻出血'), 'the finding is not suggested');
    await d.picture('reader-critical');
    await page.click('[data-act=critical-keep]');
    await page.waitForSelector('[data-lint=critical]', { state: 'detached' });
    for (const rule of await page.locator('[data-lint]').evaluateAll((all) => all.map((x) => x.dataset.lint))) throw new Error(`still asked about ${rule}`);
    await d.saved();
  });
  await step('signs', async () => {
    await page.click('[data-act=sign]');
    await page.waitForSelector('[data-dialog=sign]');
    await d.picture('reader-sign');
    await page.click('[data-act=sign-confirm]');
    await page.waitForSelector('[data-report]');
    await d.picture('reader-signed');
  });
  const report = await page.getAttribute('[data-report]', 'data-report');
  await step('the signed report says what was written', async () => {
    const text = await page.innerText('[data-report]');
    for (const s of [...findings.split('\n'), more, impression, recommendation]) must(text.includes(s), `missing: ${s}`);
  });
  await step('PDF and SR are there', async () => {
    const pdf = await d.get(await page.getAttribute('[data-act=pdf]', 'href'));
    must(pdf.subarray(0, 5).toString('latin1') === '%PDF-', 'no PDF');
    const sr = await d.get(await page.getAttribute('[data-act=sr]', 'href'));
    must(sr.subarray(128, 132).toString('latin1') === 'DICM', 'no DICOM');
  });
  await step('a signed report stays after a reload', async () => {
    await page.reload();
    await page.waitForSelector(`[data-report="${report}"]`);
    must((await page.locator('[data-section=findings]').count()) === 0, 'a signed report can still be written');
  });
  await step('corrects it with an addendum', async () => {
    await page.click('[data-act=addendum]');
    await page.waitForSelector('[data-dialog=addendum]');
    await d.picture('reader-addendum-ask');
    await page.click('[data-act=addendum-confirm]');
    await page.waitForSelector('textarea[data-section=addendum]');
    await page.waitForSelector(`.earlier [data-report="${report}"]`);
    await page.fill('[data-section=addendum]', addendum);
    await d.saved();
    await d.picture('reader-addendum');
    await page.click('[data-act=sign]');
    await page.click('[data-act=sign-confirm]');
    await page.waitForSelector('[data-report] [data-version="2"][data-kind=addendum][aria-current=true]');
    const text = await page.innerText('[data-report]');
    must(text.includes(addendum) && text.includes(impression), 'the addendum does not stand beside the report');
    await page.click('[data-act=changes]');
    await page.waitForSelector('.change-list ins');
    must((await page.innerText('.change-list ins')) === addendum, 'the change is not the addendum');
    await d.picture('reader-addendum-signed');
    await page.click('[data-version="1"]');
    await page.waitForSelector(`[data-report="${report}"]`);
    must(!(await page.innerText('[data-report]')).includes(addendum), 'the first version was changed');
  });
  await step('and the item is among those done', async () => {
    await page.click('[data-act=back]');
    await page.click('[data-tab=done]');
    await page.waitForSelector(`tr[data-item="${workitem}"]`);
  });
  await step('gives another one back with a reason', async () => {
    await page.click('[data-tab=open]');
    const claim = page.locator('tr[data-item] [data-act=claim]').first();
    await claim.click();
    await page.click('.panel-head [data-act=release]');
    await page.fill('[data-act=release-reason]', '専門外のため');
    await page.click('[data-act=release-confirm]');
    await page.waitForSelector('tr[data-item] [data-act=claim]');
  });
  await step('changes the password, and back', async () => {
    const other = '長い文章を合言葉にするのがよい';
    await d.changePassword('not the password', other);
    await page.waitForSelector('[data-dialog=password] .banner.danger');
    await d.picture('reader-password');
    await d.changePassword(reader.password, other);
    await page.waitForSelector('[data-dialog=password]', { state: 'detached' });
    await page.waitForSelector('tr[data-item], .blank'); // this session goes on
    await d.signOut();
    await d.signIn({ login: reader.login, password: other });
    await page.waitForSelector('tr[data-item], .blank');
    await d.changePassword(other, reader.password);
    await page.waitForSelector('[data-dialog=password]', { state: 'detached' });
  });
  await d.tidy([patientID, patient]);
  return { patientID, patient, workitem, facility: facility.id };
}

async function hospitalReceives(read) {
  for (const who of hospitals.filter((one) => one.login === read.facility)) {
    const d = await start({});
    const { page } = d;
    await d.signIn(who);
    const row = page.locator('tr[data-study][data-stage=ready]').filter({ has: page.getByText(read.patientID, { exact: true }) });
    await row.first().waitFor();
    await step(`${who.login} sees that the report is ready`, async () => {
      await d.picture('hospital-list');
      await row.first().click();
      await page.waitForSelector('[data-detail] [data-report]');
      const text = await page.innerText('[data-detail] [data-report]');
      must(text.includes(impression) && text.includes(more), 'it is another report');
      await d.picture('hospital-report');
    });
    await step('sees both versions in order, the addendum marked', async () => {
      const kinds = await page.locator('[data-detail] [data-version]').evaluateAll((all) => all.map((x) => `${x.dataset.version} ${x.dataset.kind}`));
      must(kinds.join() === '1 final,2 addendum', `the versions are ${kinds.join()}`);
      must((await page.innerText('[data-detail] [data-report]')).includes(addendum), 'the addendum is not shown');
      await page.click('[data-detail] [data-version="1"]');
      await page.waitForSelector('[data-detail] [data-version="1"][aria-current=true]');
      must(!(await page.innerText('[data-detail] [data-report]')).includes(addendum), 'the first version has the addendum');
      await page.click('[data-detail] [data-version="2"]');
      await page.waitForSelector('[data-detail] [data-version="2"][aria-current=true]');
    });
    await step('acknowledges it', async () => {
      await page.click('[data-act=acknowledge]');
      await page.waitForSelector('[data-detail] .banner.ok');
      await page.waitForSelector('tr.selected[data-stage=received]');
      await d.picture('hospital-received');
    });
    await step('the ordering doctor is named, acknowledges the addendum, and the report itself is still unread', async () => {
      await page.waitForSelector('[data-loop=delivered]');
      await page.selectOption('[data-act=orderer]', { index: 1 });
      await page.click('[data-act=loop-acknowledge]');
      await page.waitForSelector('[data-loop=acknowledged]');
      await d.picture('hospital-loop');
      await page.click('[data-section=board]');
      await page.waitForSelector('[data-unread="0"]');
      await page.waitForSelector('[data-critical=open]');
      await d.picture('hospital-board');
      await page.click('[data-act=critical-tell]');
      await page.fill('[data-act=contact-told]', '当直医 髙橋');
      await page.click('[data-act=contact-keep]');
      await page.waitForSelector('[data-critical=open]', { state: 'detached' });
      await page.goBack();
    });
    await step('looks at the images, and can write nothing', async () => {
      await page.click('[data-act=images]');
      await d.frame();
      must((await page.locator('textarea').count()) === 0, 'the hospital can write');
      await d.picture('hospital-images');
    });
    await d.tidy([read.patientID, read.patient]);
    return;
  }
  throw new Error('no hospital login sees the report');
}

async function coordinatorSees(read) {
  const d = await start({});
  const { page } = d;
  await step('the coordinator sees the overview', async () => {
    await d.signIn(coordinator);
    await page.waitForSelector('.stat');
    await d.picture('coordinator-overview');
  });
  await step('finds the item among those finished', async () => {
    await page.click('[data-section=workitems]');
    await page.click('[data-tab=done]');
    await page.waitForSelector(`tr[data-item="${read.workitem}"][data-state=COMPLETED]`);
    await page.click(`tr[data-item="${read.workitem}"] [data-act=why]`);
    await page.waitForSelector('[data-dialog=reasons] li[data-matched=true]');
    await page.keyboard.press('Escape');
    await page.click(`tr[data-item="${read.workitem}"] .c-status`);
    await page.waitForSelector('[data-detail] [data-report]');
    await d.picture('coordinator-workitems');
  });
  await step('moves an open item to another priority', async () => {
    await page.click('[data-act=close]');
    await page.click('[data-tab=open]');
    const row = page.locator('tr[data-item][data-state=SCHEDULED]').first();
    await row.locator('[data-act=reassign]').click();
    const now = await page.inputValue('[data-act=reassign-priority]');
    await page.selectOption('[data-act=reassign-priority]', now === 'URGENT' ? 'STAT' : 'URGENT');
    await page.click('[data-act=reassign-confirm]');
    await page.waitForSelector('[data-dialog=reassign]', { state: 'detached' });
  });
  for (const section of ['board', 'hospitals', 'readers', 'panels', 'rules']) {
    await step(`sees ${section}`, async () => {
      await page.click(`[data-section=${section}]`);
      await page.waitForSelector(section === 'board' ? '.board h2' : section === 'hospitals' ? '.card' : section === 'rules' ? '[data-rule]' : 'table.list tbody tr');
      await d.picture(`coordinator-${section}`);
    });
  }
  await d.tidy([read.patientID, read.patient]);
}

async function oneAfterAnother() {
  const d = await start({});
  const { page } = d;
  await d.signIn(reader);
  await page.waitForSelector('tr[data-item]');
  const waiting = page.locator('tr[data-item]', { has: page.locator('[data-act=claim]') });
  const ids = await waiting.evaluateAll((rows) => rows.map((r) => r.dataset.item));
  must(ids.length > 1, `${ids.length} wait: nothing can follow`);
  await step('has the next study opened after a signature, and it opens', async () => {
    await page.click('[data-act=list-settings]');
    await page.check('[data-dialog=list-settings] [name=auto-next]');
    await d.picture('reader-list-settings');
    await page.keyboard.press('Escape');
    await page.locator(`tr[data-item="${ids[0]}"] [data-act=claim]`).click();
    await page.waitForSelector('[data-section=findings]');
    await page.fill('[data-section=findings]', '明らかな異常を認めない。');
    await page.fill('[data-section=impression]', '異常なし。');
    await d.saved();
    await page.click('[data-act=sign]');
    await page.click('[data-act=sign-confirm]');
    await page.waitForURL((url) => ids.slice(1).some((id) => url.hash === `#/read/${id}`));
    await page.waitForSelector('.canvas:is([data-shown=preview],[data-shown=frame]), .canvas-message');
    await page.waitForSelector('[data-act=claim]');
    await d.picture('reader-next');
  });
  await step('and what was signed is among those done', async () => {
    await page.goto(`${base}/#/`);
    await page.click('[data-tab=done]');
    await page.waitForSelector(`tr[data-item="${ids[0]}"]`);
  });
  await d.tidy([]);
}

async function everyLook() {
  const sizes = { desktop: { viewport: desktop }, phone: { viewport: phone, touch: true } };
  const looks = [];
  for (const locale of ['ja-JP', 'en-US']) for (const colorScheme of ['light', 'dark']) for (const size of Object.keys(sizes)) looks.push({ locale, colorScheme, size });
  looks.push({ locale: 'ja-JP', colorScheme: 'light', size: 'tablet' });
  for (const { locale, colorScheme, size } of looks) {
    await step(`pictures: ${locale} ${colorScheme} ${size}`, async () => {
      const tag = `${locale.slice(0, 2)}-${colorScheme}-${size}`;
      const d = await start({ ...(sizes[size] ?? { viewport: tablet, touch: true }), locale, colorScheme });
      await d.pages(tag, { reader, hospital: hospitals[0], coordinator });
      await d.tidy([]);
    });
  }
}

await walk('main', async () => {
  const read = await readAndSign();
  await hospitalReceives(read);
  await coordinatorSees(read);
  if (env.PICTURES !== '0') await everyLook();
  await oneAfterAnother();
});
