import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

// What a reader downloads before the first image may be asked for: the page, its
// script with all that it imports at once, its styles and one language.
export const budget = 61_000;

/** Fails the build when the shell, as gzip leaves it, is larger than the budget. */
export function shellBudget(limit = budget): Plugin {
  return {
    name: 'shell-budget',
    apply: 'build',
    enforce: 'post',
    writeBundle: {
      order: 'post',
      handler(options, bundle) {
        const sizes = weigh(bundle, (name) => (name.endsWith('.html') ? readFileSync(`${options.dir}/${name}`) : undefined));
        const total = [...sizes.values()].reduce((a, b) => a + b, 0);
        const list = [...sizes].map(([name, n]) => `  ${String(n).padStart(7)} ${name}`).join('\n');
        if (total > limit) this.error(`the shell has ${total} bytes, ${limit} are allowed:\n${list}`);
        console.log(`the shell has ${total} bytes of ${limit}`);
      },
    },
  };
}

/** Compressed bytes of each file of the shell. */
export function weigh(bundle: Rolldown.OutputBundle, read: (name: string) => Uint8Array | undefined): Map<string, number> {
  const out = new Map<string, number>();
  const packed = (content: string | Uint8Array) => gzipSync(content, { level: 9 }).length;
  const take = (name: string) => {
    if (out.has(name)) return;
    const file = bundle[name];
    const content = read(name) ?? (file?.type === 'chunk' ? file.code : file?.source);
    if (content === undefined) throw new Error(`${name} is not in the bundle`);
    out.set(name, packed(content));
    if (file?.type !== 'chunk') return;
    for (const style of file.viteMetadata?.importedCss ?? []) take(style);
    file.imports.forEach(take);
  };
  const words: Rolldown.OutputChunk[] = [];
  for (const [name, file] of Object.entries(bundle)) {
    if (name === 'index.html' || (file.type === 'chunk' && file.isEntry)) take(name);
    if (file.type === 'chunk' && /\/i18n\/(ja|en)\.ts$/.test(file.facadeModuleId ?? '')) words.push(file);
  }
  if (words.length !== 2) throw new Error('the shell has two languages');
  take(words.reduce((a, b) => (packed(a.code) > packed(b.code) ? a : b)).fileName);
  return out;
}
