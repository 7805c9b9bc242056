// Hands on a keyboard and nowhere else.
import { patience } from './browser.mjs';

export class Hands {
  constructor(page) {
    this.page = page;
  }

  /** Goes to what is looked for by Tab, or back by Shift+Tab where it stands before what has the focus. */
  async to(selector) {
    await this.page.waitForSelector(selector, { state: 'attached' });
    for (const end = Date.now() + patience; Date.now() < end; ) {
      if (await this.on(selector)) return;
      const back = await this.page.evaluate((s) => {
        const at = document.activeElement ?? document.body;
        return at !== document.body && [...document.querySelectorAll(s)].every((el) => at.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_PRECEDING);
      }, selector);
      await this.page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    }
    throw new Error(`no key leads to ${selector}`);
  }

  on(selector) {
    return this.page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector);
  }

  async press(selector, key = 'Enter') {
    await this.to(selector);
    await this.page.keyboard.press(key);
  }

  async type(selector, text) {
    await this.to(selector);
    await this.page.keyboard.type(text);
  }

  /** Chooses what stands in a list of choices, by the arrow keys. */
  async choose(selector, value) {
    await this.to(selector);
    const off = () =>
      this.page.evaluate(
        ([s, v]) => {
          const { options, selectedIndex } = document.querySelector(s);
          return [...options].findIndex((o) => o.value === v) - selectedIndex;
        },
        [selector, value],
      );
    for (const end = Date.now() + patience; Date.now() < end; ) {
      const n = await off();
      if (n === 0) return;
      await this.page.keyboard.press(n > 0 ? 'ArrowDown' : 'ArrowUp');
    }
    throw new Error(`${selector} does not become ${value}`);
  }

  async signIn({ login, password }) {
    await this.page.waitForSelector('[name=login]');
    await this.type('[name=login]', login);
    await this.type('[name=password]', password);
    await this.page.keyboard.press('Enter');
  }

  /** Presses a key until something holds. */
  until(key, holds, what) {
    return this.wait(async () => {
      if (await holds()) return true;
      await this.page.keyboard.press(key);
      return false;
    }, what);
  }

  /** Looks again and again until something holds. */
  async wait(holds, what) {
    for (const end = Date.now() + patience; Date.now() < end; ) {
      if (await holds()) return;
      await this.page.waitForTimeout(50);
    }
    throw new Error(what);
  }
}
