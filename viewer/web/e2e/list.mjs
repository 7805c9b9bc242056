// A reader's list and a coordinator's board by keyboard alone, against a running service
// whose list is long: its parts, columns, orders, days and named lists, what is taken
// over, the study that follows a signature, many items given at once; and its rows,
// which are there only where they are seen.
//
//   BASE_URL=http://127.0.0.1:8080 OUT_DIR=out READER=login:password COLLEAGUE=login:password \
//   COORDINATOR=login:password COUNTS='{"open":602,…}' HELD=id OFFERED=id node e2e/list.mjs
//
// Two of the studies have just come, with images, the others more than a week ago; HELD
// is an item that a colleague has held for too long, and the only second reading; OFFERED,
// the only urgent one, is a colleague's to take.
import { phone } from './browser.mjs';
import { Hands } from './hands.mjs';
import { account, base, env, must, start, step, walk } from './walk.mjs';

const counts = JSON.parse(env.COUNTS);
// Nobody has a pointer: what Hands cannot reach fails.
const sits = async (who, options = {}) => {
  const d = await start(options);
  await d.page.goto(base);
  const hands = new Hands(d.page);
  await hands.signIn(account(who));
  return { d, page: d.page, hands };
};
const end = ({ d }) => d.tidy(['P0001', 'P1000', 'YAMADA']);
const rows = (page) => page.locator('tr[data-item]').evaluateAll((all) => all.map((r) => r.dataset.item));
const many = (page, n) => page.waitForFunction((want) => document.querySelectorAll('tr[data-item]').length === want, n);
const moreThan = (page, n) => page.waitForFunction((least) => document.querySelectorAll('tr[data-item]').length > least, n);
const closed = (page, dialog) => page.waitForSelector(`[data-dialog=${dialog}]`, { state: 'detached' });
const post = async (page, path, data) => {
  const res = await page.request.post(`${base}/api/v1${path}`, { data });
  must(res.ok(), `${path}: ${res.status()}`);
  return res.json();
};

async function readerSits() {
  const sato = await sits(env.READER);
  const { d, page, hands } = sato;
  await page.waitForSelector('tr[data-item]');
  const tabTo = (tab) => hands.until(']', () => page.locator(`[data-tab=${tab}][aria-selected=true]`).count(), `no key leads to ${tab}`);
  const toList = async () => {
    await hands.until('l', () => page.locator('.worklist-page').count(), 'no key leads back to the list');
    await page.waitForSelector('tr[data-item], .blank:not([role])');
  };

  await step('every part of the list, with how much is in it', async () => {
    for (const [tab, n] of Object.entries(counts)) {
      await page.waitForFunction(([id, want]) => document.querySelector(`[data-tab=${id}] .count`)?.textContent === want, [tab, String(n)]);
    }
    for (const tab of ['unread', 'mine', 'sign', 'second', 'late', 'done', 'open']) {
      await page.keyboard.press(']');
      await page.waitForSelector(`[data-tab=${tab}][aria-selected=true]`);
      if (counts[tab] === 0) await page.waitForSelector('.blank:not([role])');
      else if (counts[tab] < 20) await many(page, counts[tab]);
      else await moreThan(page, 20);
    }
  });

  await step('a column is added and moved, another taken away, and so it stays', async () => {
    const shown = (want) =>
      page.waitForFunction((columns) => [...document.querySelectorAll('.worklist thead th[class]')].map((h) => h.className.match(/h-(\w+)/)?.[1]).join() === columns, want.join());
    // What is chosen is kept before the next is chosen.
    const kept = async (want) => {
      await shown(want);
      await hands.wait(async () => JSON.parse(await d.get('/api/v1/preferences/worklist')).value?.columns?.join() === want.join(), `the columns are not kept: ${want}`);
    };
    const columns = await page.locator('.worklist thead th[class]').evaluateAll((all) => all.map((h) => h.className.match(/h-(\w+)/)[1]));
    await hands.press('[data-act=list-settings]');
    await hands.press('[name=column][value=referrer]', 'Space');
    columns.push('referrer');
    await kept(columns);
    await hands.press('[name=column][value=request]', 'Space');
    columns.splice(columns.indexOf('request'), 1);
    await kept(columns);
    await hands.to('[data-column=referrer] [data-act=column-before]');
    for (let at = columns.length - 1; at > 1; at--) {
      await page.keyboard.press('Enter');
      columns.splice(at - 1, 0, columns.splice(at, 1)[0]);
      await kept(columns);
      // The focus goes with what is moved.
      await page.waitForFunction(() => document.activeElement?.matches('[data-column=referrer] [data-act=column-before]'));
    }
    await d.picture('list-settings');
    await page.keyboard.press('Escape');
    await closed(page, 'list-settings');
    must(columns[1] === 'referrer' && !columns.includes('request'), `the columns are ${columns}`);
    await page.reload();
    await shown(columns);
  });

  await step('sorted by priority, and within it by patient from the last', async () => {
    await hands.press('[data-sort=priority]');
    await page.waitForSelector('.h-priority[aria-sort=ascending]');
    await hands.press('[data-sort=patient]', 'Shift+Enter');
    await page.waitForSelector('.h-patient[aria-sort=ascending] sup');
    await page.keyboard.press('Shift+Enter');
    await page.waitForSelector('.h-patient[aria-sort=descending] sup');
    must((await page.locator('.h-patient sup').innerText()) === '2', 'the patient is not the second order');
    const { items } = await post(page, '/worklist/search', { state: 'open', limit: 10, sort: [{ column: 'priority' }, { column: 'patient', down: true }] });
    await page.waitForFunction((ids) => [...document.querySelectorAll('tr[data-item]')].slice(0, 10).map((r) => r.dataset.item).join() === ids, items.map((i) => i.id).join());
    must(items.slice(0, 2).every((i) => i.study.patient.patientId === 'P0001'), 'what is most urgent is not the first');
  });

  await step('of the last three days: two', async () => {
    await hands.choose('[name=filter-since]', '3d');
    await many(page, 2);
    await hands.choose('[name=filter-since]', '30d');
    await moreThan(page, 2);
    await hands.choose('[name=filter-since]', '3d');
    await many(page, 2);
  });

  await step('is named, once for oneself and once for the panel, and found by its name', async () => {
    const listed = async (n) => {
      await page.waitForFunction((want) => document.querySelectorAll('.list-rows li').length === want, n);
      await page.waitForFunction(() => document.querySelector('[name=list-name]').value === '');
    };
    await hands.press('[data-act=list-settings]');
    await hands.type('[name=list-name]', '三日の新着');
    await page.keyboard.press('Enter');
    await listed(1);
    await hands.type('[name=list-name]', '班の新着');
    await hands.choose('[name=list-share]', 'npo');
    await hands.press('[data-act=list-save]');
    await listed(2);
    await page.keyboard.press('Escape');
    await closed(page, 'list-settings');
    await hands.choose('[name=filter-since]', '');
    await moreThan(page, 2);
    await page.waitForSelector('[data-act=named-list][aria-pressed=false]');
    await hands.press('[data-act=named-list]');
    await many(page, 2);
    await page.waitForSelector('[data-act=named-list][aria-pressed=true]');
    await page.waitForSelector('.h-patient[aria-sort=descending] sup');
    await d.picture('list-named');
  });

  // Of a list that is on the screen as a whole.
  const select = async (id) => {
    await page.waitForSelector(`tr[data-item="${id}"]`);
    await page.keyboard.press('Home');
    for (const row of await rows(page)) {
      await page.waitForSelector(`tr[data-item="${row}"].selected`);
      if (row === id) return;
      await page.keyboard.press('ArrowDown');
    }
    throw new Error('it cannot be selected');
  };
  await step('what is offered to a colleague is not taken without being asked', async () => {
    await hands.choose('[name=filter-since]', '');
    await moreThan(page, 2);
    await hands.choose('[name=filter-priority]', 'URGENT');
    await many(page, 1);
    await page.keyboard.press('Escape'); // the keys are the page's again
    await select(env.OFFERED);
    await page.keyboard.press('c');
    await page.waitForSelector('[data-dialog=takeover]');
    must(await page.isDisabled('[data-act=takeover-confirm]'), 'no reason is needed');
    await page.keyboard.press('Escape');
    await closed(page, 'takeover');
    await hands.choose('[name=filter-priority]', '');
    await moreThan(page, 1);
    await page.keyboard.press('Escape');
  });

  await step('what a colleague has held for too long is taken over, with a reason', async () => {
    await tabTo('second');
    await select(env.HELD);
    await page.keyboard.press('t');
    await page.waitForSelector('[data-dialog=takeover]');
    await hands.type('[name=takeover-reason]', '担当医が手術中のため');
    await d.picture('list-takeover');
    await hands.press('[data-act=takeover-confirm]');
    await page.waitForURL((url) => url.hash.startsWith('#/read/'));
    await page.waitForSelector('[data-act=release]');
    const mine = page.url().split('/').at(-1);
    const { items } = await post(page, '/worklist/search', { state: 'mine', limit: 10 });
    must(items.some((i) => i.id === mine), 'it is not among the own');
    const held = JSON.parse(await d.get(`/api/v1/workitems/${env.HELD}`));
    must(held.state === 'CANCELED' && held.replacedBy === mine, 'the colleague still holds it');
    await toList();
  });

  await step('after a signature the next study of the list is there', async () => {
    await hands.press('[data-act=list-settings]');
    await hands.press('[name=auto-next]', 'Space');
    await page.waitForSelector('[name=auto-next]:checked');
    await page.keyboard.press('Escape');
    await closed(page, 'list-settings');
    await tabTo('open');
    await moreThan(page, 3);
    await hands.press('[data-act=named-list]');
    await many(page, 3); // with what was taken over, the last
    const [first, second] = await rows(page);
    await select(first);
    await page.keyboard.press('c');
    await page.waitForURL((url) => url.hash === `#/read/${first}`);
    await d.frame();
    await page.waitForSelector('textarea[data-section=findings]');
    await hands.type('[data-section=findings]', '明らかな異常を認めない。');
    await hands.type('[data-section=impression]', '異常なし。');
    await d.saved();
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('[data-act=sign-confirm]:enabled');
    await hands.press('[data-act=sign-confirm]');
    await page.waitForURL((url) => url.hash === `#/read/${second}`);
    await d.frame();
    await page.waitForSelector('[data-act=claim]'); // shown, and not taken
    await d.picture('list-next');
    await toList();
    await tabTo('done');
    await page.waitForSelector(`tr[data-item="${first}"]`);
  });
  await end(sato);
}

async function colleagueSees() {
  const ito = await sits(env.COLLEAGUE, { locale: 'en-GB', colorScheme: 'dark' });
  const { d, page, hands } = ito;
  await step('a colleague of the panel has the list that was shared', async () => {
    await page.waitForSelector('.worklist-page:lang(en) tr[data-item]');
    await page.waitForSelector('[data-act=named-list]');
    const names = await page.locator('[data-act=named-list]').allInnerTexts();
    must(names.join() === '班の新着', `seen is ${names}`);
    await hands.press('[data-act=named-list]');
    await many(page, 2); // the first was read meanwhile
    await d.picture('list-shared');
  });
  await end(ito);
}

// However long the list, the page holds the rows around those that are seen.
async function scrolled() {
  const { d, page } = await sits(env.COLLEAGUE);
  await page.waitForSelector('tr[data-item]');
  const order = [];
  for (let cursor = ''; cursor !== null; ) {
    const { items, next } = await post(page, '/worklist/search', { state: 'open', limit: 200, cursor });
    order.push(...items.map((i) => i.id));
    cursor = next;
  }
  const box = (selector) => page.evaluate((s) => {
    const el = document.querySelector(s);
    return { top: el.scrollTop, height: el.scrollHeight, seen: el.clientHeight };
  }, selector);
  // Every row that is there stands in its place, and those on the screen are there.
  const right = (selector) =>
    page.waitForFunction(
      ([s, ids, gap]) => {
        const edge = document.querySelector(s).getBoundingClientRect();
        const there = [...document.querySelectorAll('tr[data-item]')];
        if (there.length === 0 || there.length > 80) return false;
        if (there.some((r) => ids[r.getAttribute('aria-rowindex') - 2] !== r.dataset.item)) return false;
        const body = document.querySelector('.worklist tbody').getBoundingClientRect();
        const above = there[0].getBoundingClientRect().top <= Math.max(edge.top, body.top) + gap;
        const below = there.at(-1).getBoundingClientRect().bottom >= Math.min(edge.bottom, body.bottom) - gap;
        return above && below;
      },
      [selector, order, 20], // pixels: no row is as low
    );
  const through = async (selector) => {
    const whole = () => page.locator('.worklist').getAttribute('aria-rowcount').then((n) => Number(n) === order.length + 1);
    const last = `tr[data-item="${order.at(-1)}"]`;
    await right(selector);
    must(!(await whole()), 'the list was read to its end before anybody scrolled');
    while ((await page.locator(last).count()) === 0) {
      const { top, height, seen } = await box(selector);
      await page.evaluate(([s, to]) => (document.querySelector(s).scrollTop = to), [selector, top + seen * 3]);
      await right(selector);
      // At the end of what is there, what comes after is on its way.
      if (top + seen >= height - 2) await page.waitForFunction(([s, h, l]) => document.querySelector(s).scrollHeight !== h || document.querySelector(l), [selector, height, last]);
    }
    must(await whole(), 'the last is there, and the list not at its end');
    await page.evaluate((s) => (document.querySelector(s).scrollTop = 0), selector);
    await right(selector);
  };
  await step('the rows of a long list are there where they are seen', () => through('.table-box'));
  await step('and by key the last and the first are reached', async () => {
    await page.keyboard.press('End');
    await page.waitForSelector(`tr[data-item="${order.at(-1)}"].selected`);
    await page.keyboard.press('Home');
    await page.waitForSelector(`tr[data-item="${order[0]}"].selected`);
  });
  await step('on a phone, where a row is a card and the page scrolls', async () => {
    await page.setViewportSize(phone);
    await page.reload();
    await page.waitForSelector('tr[data-item]');
    await through('main');
    await d.picture('list-phone');
  });
  await end({ d });
}

async function coordinatorGives() {
  const coord = await sits(env.COORDINATOR);
  const { d, page, hands } = coord;
  await step('several items are given to a reader from the board', async () => {
    await hands.press('[data-section=desks]');
    await page.waitForSelector('[data-desk=npo]');
    await hands.press('[data-desk=npo] h2 a');
    await moreThan(page, 3);
    await hands.to('.desk-items tbody input');
    const given = [];
    for (let n = 0; n < 3; n++) {
      given.push(await page.evaluate(() => document.activeElement.closest('tr').dataset.item));
      await page.keyboard.press('Space');
      await page.waitForFunction((id) => document.querySelector(`tr[data-item="${id}"] input`)?.checked, given[n]);
      await page.keyboard.press('Tab');
      await hands.to('.desk-items tbody input');
    }
    await hands.press('[data-act=assign-many]');
    await page.waitForSelector('[data-dialog=assign] [data-assign]');
    await d.picture('list-bulk');
    await hands.to('[data-assign]');
    const who = await page.evaluate(() => document.activeElement.dataset.assign);
    await page.keyboard.press('Enter');
    await closed(page, 'assign');
    for (const id of given) {
      const i = JSON.parse(await d.get(`/api/v1/workitems/${id}`));
      must(i.offeredTo?.id === who || i.claimedBy?.id === who, `${id} was not given`);
    }
  });
  await end(coord);
}

await walk('list', async () => {
  await readerSits();
  await colleagueSees();
  await coordinatorGives();
  await scrolled();
});
