import { defineConfig } from 'vite';
import { shellBudget } from './shell.ts';

// The page runs under default-src 'self': nothing may be inlined, neither a
// small asset as a data: URL nor the module preload polyfill.
export default defineConfig({
  plugins: [shellBudget()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': process.env.DOKUEI_URL ?? 'http://127.0.0.1:8080' } },
});
