import { defineConfig } from 'vite';
import { early, shellBudget } from './shell.ts';

// The page runs under default-src 'self': nothing may be inlined, neither a
// small asset as a data: URL nor the module preload polyfill.
export default defineConfig({
  plugins: [early(), shellBudget()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: true,
    // What the first image needs comes in one file: a request less is worth more than
    // what a worker or a page loaded later could do without.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', test: /\/(preact|@preact)\/|\/src\/(api|format|i18n\/index|session|theme\/theme|ui\/(controls|icon|now|problem|toast)|viewport\/(geometry|table|window|space\/plane))/ }] } } },
  },
  server: { proxy: { '/api': process.env.DOKUEI_URL ?? 'http://127.0.0.1:8080' } },
});
