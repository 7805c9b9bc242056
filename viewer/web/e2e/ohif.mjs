// OHIF opens a study of ours over DICOMweb.
//
//   OHIF_URL=http://127.0.0.1:9000 OHIF_STUDY=1.2.3 OUT_DIR=out node e2e/ohif.mjs
import { join } from 'node:path';
import { open } from './browser.mjs';

const env = process.env;
const browser = await open({ gpu: true, locale: 'en-GB' });
try {
  const { page } = browser;
  const refused = [];
  const said = [];
  page.on('console', (m) => m.type() === 'error' && said.push(m.text().slice(0, 300)));
  page.on('pageerror', (e) => said.push(e.message));
  page.on('response', (r) => {
    if (r.url().includes('/dicom-web/') && r.status() >= 400) refused.push(`${r.status()} ${new URL(r.url()).pathname.replace(/[\d.]{12,}/g, 'UID')}`);
  });
  await page.goto(`${env.OHIF_URL}/viewer?StudyInstanceUIDs=${env.OHIF_STUDY}`);
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('.cornerstone-canvas')].some((c) => {
        const pen = c.getContext('2d');
        if (!pen || c.width === 0) return false;
        const d = pen.getImageData(0, Math.floor(c.height / 2), c.width, 1).data;
        for (let i = 0; i < d.length; i += 4) if (d[i] > 24) return true;
        return false;
      }),
    null,
    { timeout: 120_000, polling: 500 },
  ).catch(async (e) => {
    if (env.OUT_DIR) await page.screenshot({ path: join(env.OUT_DIR, 'ohif-failed.png') });
    throw new Error(`${e.message}\nrefused: ${refused.join(', ')}\nsaid: ${[...new Set(said)].join('\n')}\nshown: ${(await page.evaluate(() => document.body.innerText)).slice(0, 400)}`);
  });
  const text = await page.evaluate(() => document.body.innerText);
  if (env.OUT_DIR) await page.screenshot({ path: join(env.OUT_DIR, 'ohif.png') });
  // The list of studies too, where names stand.
  await page.goto(`${env.OHIF_URL}/`);
  await page.waitForFunction((name) => document.body.innerText.includes(name), env.PATIENT, { timeout: 60_000 });
  if (refused.length) throw new Error(`refused: ${[...new Set(refused)].join(', ')}`);
  console.log(`ok OHIF shows the study (${text.length} characters of words around it)`);
} finally {
  await browser.close();
}
