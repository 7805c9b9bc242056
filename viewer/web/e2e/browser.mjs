// A fresh headless Chromium with nothing of its own to say to the network.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** How long a busy machine may take to show what is waited for, in milliseconds. */
export const patience = 180_000;

export const desktop = { width: 1600, height: 1000 };
export const tablet = { width: 1024, height: 768 };
export const phone = { width: 390, height: 844 };

const flags = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
// Ours has to do without; others do not start without WebGL.
const noGPU = ['--disable-gpu', '--disable-3d-apis'];
const software = ['--ignore-gpu-blocklist', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

// A microphone that hums, and that pages may use without a question.
const tone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** problems collects whatever the page complains of: refused by policy, thrown, failed. */
export async function open({ viewport = desktop, locale = 'ja-JP', colorScheme = 'light', touch = false, gpu = false, microphone = false } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'dokuei-e2e-'));
  const context = await chromium.launchPersistentContext(dir, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    viewport,
    locale,
    colorScheme,
    hasTouch: touch,
    isMobile: touch,
    deviceScaleFactor: touch ? 2 : 1,
    acceptDownloads: true,
    ignoreHTTPSErrors: true,
    args: [...flags, ...(gpu ? software : noGPU), ...(microphone ? tone : [])],
  });
  // Long, for a machine that does much else meanwhile: what never comes fails all the same.
  context.setDefaultTimeout(patience);
  const problems = [];
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (e) => problems.push(`thrown: ${e.message}`));
  page.on('console', (m) => {
    // A refused request is logged by the browser too; the pages show those themselves.
    if (m.type() === 'error' && !/status of (401|403|404|409|415|422)/.test(m.text())) problems.push(`console: ${m.text()}`);
  });
  const close = async () => {
    await context.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }); // what ends last may still write
  };
  return { page, context, problems, dir, close };
}
