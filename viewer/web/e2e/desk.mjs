// One person at one browser: what the steps of main.mjs do and look at. Names of
// elements are data attributes, so that every language can be walked through.
import { join } from 'node:path';
import { serious } from './axed.mjs';
import { patience, phone } from './browser.mjs';

export class Desk {
  constructor(browser, base, out) {
    Object.assign(this, browser, { base, out, urls: [] });
    this.page.on('request', (r) => this.urls.push(r.url()));
  }

  async signIn({ login, password }) {
    if (!(await this.page.locator('[name=login]').count())) await this.page.goto(this.base);
    await this.page.waitForSelector('[name=login]');
    await this.page.fill('[name=login]', login);
    await this.page.fill('[name=password]', password);
    await this.page.click('[data-act=signin]');
  }

  /** LOOKS=all: in the dark and on a phone as well. */
  async picture(name) {
    const { page } = this;
    const take = async (more) => {
      await page.waitForTimeout(350);
      await page.screenshot({ path: join(this.out, `${name}${more}.png`) });
    };
    await take('');
    if (process.env.LOOKS !== 'all') return;
    const size = page.viewportSize();
    const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
    await page.emulateMedia({ colorScheme: 'dark' });
    await take('-dark');
    await page.setViewportSize(phone);
    const pane = (name) => page.evaluate((n) => document.querySelector(`.pane-tabs [data-pane=${n}]`)?.click(), name);
    await pane('report');
    await take('-phone-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await take('-phone');
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await pane('image');
    await page.setViewportSize(size);
  }

  /** A picture of what axe-core must find nothing serious in. */
  async accessible(name) {
    await this.picture(name);
    for (const { key, what } of await serious(this.page)) this.problems.push(`${name}: ${key}: ${what}`);
  }

  frame() {
    return this.page.waitForSelector('.canvas[data-shown=frame]');
  }
  slices() {
    return this.page.locator('[data-slices]').getAttribute('data-slices').then(Number);
  }
  slice(n) {
    return this.page.waitForSelector(`[data-slice="${n}"]`);
  }
  window(text) {
    return this.page.waitForSelector(`[data-window="${text}"]`);
  }
  saved() {
    return this.page.waitForSelector('[data-draft=clean]');
  }

  /** A fingerprint of what is on the canvas, once what was asked for before is drawn. */
  async pixels() {
    return this.page.evaluate(async () => {
      for (let n = 0; n < 3; n++) await new Promise((drawn) => requestAnimationFrame(drawn));
      const c = document.querySelector('.canvas canvas');
      const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
      let h = 2166136261;
      for (let i = 0; i < data.length; i += 4) h = Math.imul(h ^ data[i], 16777619);
      return h >>> 0;
    });
  }

  /** The fingerprint as soon as it is as it should be. */
  async becomes(right, what) {
    for (const until = Date.now() + patience; Date.now() < until; ) {
      const now = await this.pixels();
      if (right(now)) return now;
      await this.page.waitForTimeout(100);
    }
    throw new Error(what);
  }

  async get(path) {
    const res = await this.page.request.get(new URL(path, this.base).href);
    if (!res.ok()) throw new Error(`${path}: ${res.status()}`);
    return res.body();
  }

  async changePassword(current, next) {
    const { page } = this;
    if (!(await page.locator('[data-dialog=password]').count())) {
      await page.click('[data-act=account]');
      await page.click('[data-act=password]');
    }
    await page.fill('[name=password-current]', current);
    await page.fill('[name=password-new]', next);
    await page.fill('[name=password-again]', next);
    await page.click('[data-act=password-confirm]');
  }

  /** Photographs a page, which has one first heading, whatever its size. */
  async look(name) {
    const headings = await this.page.evaluate(() => [...document.querySelectorAll('h1')].filter((h) => h.checkVisibility()).length);
    if (headings !== 1) throw new Error(`${name}: ${headings} first headings`);
    await this.picture(name);
  }

  /** Every page of every role, photographed. */
  async pages(tag, { reader, hospital, coordinator }) {
    const { page } = this;
    await page.goto(this.base);
    await page.waitForSelector('[name=login]');
    await this.look(`${tag}-signin`);
    await this.signIn(reader);
    await page.waitForSelector('tr[data-item], .blank:not([role])');
    await this.look(`${tag}-worklist`);
    await this.oneStudy(tag);
    await this.signOut();
    await this.signIn(hospital);
    await page.waitForSelector('tr[data-study], .blank:not([role])');
    await this.look(`${tag}-hospital`);
    const done = page.locator('tr:is([data-stage=received],[data-stage=ready])');
    if (await done.count()) {
      await done.first().locator('.c-status').click();
      await page.waitForSelector('[data-report]');
      await this.look(`${tag}-hospital-report`);
    }
    await this.signOut();
    await this.signIn(coordinator);
    await page.waitForSelector('.stat');
    await this.look(`${tag}-coordinator`);
    await page.goto(`${this.base}/#/workitems`);
    await page.waitForSelector('tr[data-item]');
    await this.look(`${tag}-coordinator-workitems`);
  }

  // The first that shows a picture: what cannot be decoded is photographed elsewhere.
  async oneStudy(tag) {
    const { page } = this;
    const rows = page.locator('tr[data-item]');
    if ((await rows.count()) === 0) await page.click('[data-tab=done]');
    await rows.first().locator('.patient-link').click();
    await page.waitForSelector('.canvas:is([data-shown=frame]), .canvas-message');
    await this.look(`${tag}-reading`);
    for (const pane of ['report', 'strip']) {
      const tab = page.locator(`.pane-tabs [data-pane=${pane}]`);
      if (!(await tab.isVisible())) continue;
      await tab.click();
      await this.look(`${tag}-reading-${pane}`);
    }
    await page.goto(`${this.base}/#/`);
    await page.waitForSelector('tr[data-item], .blank:not([role])');
  }

  async signOut() {
    await this.page.click('[data-act=account]');
    await this.page.click('[data-act=signout]');
    await this.page.waitForSelector('[name=login]');
  }

  /** Ends the visit: the page complained of nothing, and no address held a patient. */
  async tidy(patient) {
    if (this.problems.length) throw new Error(`the page complained: ${this.problems.join('; ')}`);
    for (const url of this.urls) {
      const plain = decodeURIComponent(url);
      for (const p of patient) if (p && plain.includes(p)) throw new Error(`an address holds a patient's data: ${new URL(url).pathname}`);
    }
    await this.close();
  }
}
