// A real browser in which the modules that the pages are built of can be imported one
// by one, served by Vite, with the API of a running service (BASE_URL) beside them.
import { createServer } from 'vite';
import { open } from './browser.mjs';

/** Calls f with a page; in the page, tell(line) says a line. What the page throws is thrown. */
export async function modules(f) {
  const target = process.env.BASE_URL;
  const vite = await createServer({ server: { port: 0, host: '127.0.0.1', proxy: { '/api': { target, changeOrigin: true, headers: { Origin: target } } }, hmr: false }, logLevel: 'error', appType: 'spa' });
  await vite.listen();
  const browser = await open({});
  let failed = '';
  try {
    const { page } = browser;
    page.on('pageerror', (e) => (failed ||= e.message));
    await page.exposeFunction('tell', (line) => console.log(line));
    await page.goto(`http://127.0.0.1:${vite.httpServer.address().port}`);
    await page.waitForSelector('[name=login]', { timeout: 120_000 });
    await f(page);
  } finally {
    await browser.close();
    await vite.close();
  }
  if (failed) throw new Error(failed);
}
