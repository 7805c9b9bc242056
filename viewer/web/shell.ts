import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

// What a reader downloads before the first image may be asked for: the page, its
// script with all that it imports at once, its styles and one language.
export const budget = 61_000;

/**
 * Puts src/early.ts into the page itself, before everything: what it asks for need not wait
 * for a script. The server allows inline scripts of the page by their hashes.
 */
export function early(): Plugin {
  let ref = '';
  return {
    name: 'early',
    apply: 'build',
    buildStart() {
      ref = this.emitFile({ type: 'chunk', id: 'src/early.ts' });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (!bundle) return html;
        const words = ['ja', 'en'].map((l) => Object.values(bundle).find((f) => f.type === 'chunk' && f.facadeModuleId?.endsWith(`/i18n/${l}.ts`))?.fileName);
        const name = this.getFileName(ref);
        const chunk = bundle[name];
        if (chunk?.type !== 'chunk' || chunk.imports.length || /<\/|<!--/.test(chunk.code)) throw new Error('src/early.ts cannot stand in the page');
        delete bundle[name];
        const charset = '<meta charset="utf-8" />';
        if (html.split(charset).length !== 2) throw new Error('index.html says no charset');
        // In a function: what it names is nobody else's. The charset is to stand in the first 1024 bytes.
        return html.replace(charset, () => `${charset}\n    <meta name="words" content="${words.map((w) => `/${w}`).join(' ')}" />\n    <script>(()=>{${chunk.code.trim()}})()</script>`);
      },
    },
  };
}

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
