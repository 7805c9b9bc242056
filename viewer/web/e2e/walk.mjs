// What a walk through the pages begins and ends with.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from './browser.mjs';
import { Desk } from './desk.mjs';

export const env = process.env;
export const base = env.BASE_URL ?? 'http://127.0.0.1:8181';
export const out = env.OUT_DIR ?? 'e2e/out';
await mkdir(out, { recursive: true });

/** Who signs in, of login:password. */
export const account = (text) => ({ login: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) });

let steps = 0;
export async function step(name, f) {
  const began = Date.now();
  const result = await f();
  console.log(`ok ${String(++steps).padStart(2)} ${name} (${Date.now() - began} ms)`);
  return result;
}

export function must(condition, message) {
  if (!condition) throw new Error(message);
}

const desks = [];
/** A desk with a browser of its own. */
export async function start(options) {
  const d = new Desk(await open(options), base, out);
  desks.push(d);
  return d;
}

/** Walks to the end, or to where it fails: then there is a picture of every page that was open. */
export async function walk(name, f) {
  try {
    await f();
    console.log(`passed: ${steps} steps`);
  } catch (e) {
    for (const [n, d] of desks.entries()) {
      await d.page.screenshot({ path: join(out, `${name}-failed-${n}.png`) }).catch(() => undefined);
      for (const p of d.problems) console.error(`   ${p}`);
    }
    throw e;
  } finally {
    for (const d of desks) await d.close().catch(() => undefined);
  }
}
