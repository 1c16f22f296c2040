/**
 * Pictures of the main screens for the documentation, taken from the real page:
 * `node --import tsx tests/browser/screenshots.ts [policy] [folder]`. Policy: a name in models/ or a file; folder: docs/screenshots.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { serve, untilDrawn, untilOverlay } from './page.ts';

interface Screen {
  readonly name: string;
  readonly query: string;
  readonly size?: readonly [number, number];
  readonly light?: boolean;
  readonly prepare?: (page: Page) => Promise<void>;
}

const at = 'level=3&at=31';
const screens: readonly Screen[] = [
  { name: 'live', query: `?${at}&method=integratedGradients&layer=2b&target=value` },
  { name: 'light', query: `?${at}&method=integratedGradients&layer=2b&target=value`, light: true },
  {
    name: 'compare',
    query: `?${at}&method=integratedGradients&layer=2b&target=value&compare=gradCam|2b|jump&compare=saliency|input|value`,
  },
  { name: 'factors', query: `?${at}&method=factors&layer=2b&target=value` },
  {
    name: 'help',
    query: `?${at}`,
    prepare: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'small', query: `?${at}`, size: [390, 844] },
];

const [policy, folder = 'docs/screenshots'] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const served = await serve(policy);
const browser = await launchBrowser();
try {
  for (const { name, query, size: [width, height] = [1440, 900], light = false, prepare } of screens) {
    const page = await browser.newPage({
      viewport: { width, height },
      deviceScaleFactor: 2,
      colorScheme: light ? 'light' : 'dark',
    });
    await page.goto(served.address + query);
    await untilDrawn(page, 31);
    await untilOverlay(page, true);
    // The numbers of the steps that the page did not see come a moment later.
    await page.waitForTimeout(1500);
    await prepare?.(page);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    console.log(path);
    await page.close();
  }
} finally {
  await browser.close();
  await served.stop();
}
