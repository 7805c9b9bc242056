// axe-core in a page: what it finds serious or critical.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

let source;

/** One line a finding: rule, element, help and what is wrong with it. */
export async function serious(page) {
  source ??= await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.waitForTimeout(250); // what moves is looked at when it stands
  // From outside: the policy of the page lets nothing in.
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) => v.nodes.map((n) => ({ key: `${v.id}: ${n.target.join(' ')}`, what: `${v.help}: ${n.html.slice(0, 160)} ${n.any.concat(n.all)[0]?.message ?? ''}` })));
}
