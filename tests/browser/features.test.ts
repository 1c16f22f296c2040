/** What factors are, where frames lie on the map, and how far a map can be read: as a person sees it. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { coloursIn, largestDifference, observationPixels, serve, untilDrawn, untilOverlay } from './page.ts';
import type { Served } from './page.ts';

let served: Served;
let browser: Browser;
let page: Page;

/** Level 10 at rest at step 40. */
async function openAtRest(query: string): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  await page.goto(`${served.address}?level=10&at=40&${query}`);
  await untilDrawn(page, 40);
}

/** RGB bytes of a canvas. */
async function canvasPixels(canvas: Locator): Promise<Uint8Array> {
  const read = await canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    return [...((element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [])];
  });
  return Uint8Array.from(read).filter((_, i) => i % 4 !== 3);
}

/** Follows the link under a frame: the very same frame is what the agent sees there. */
async function followFrame(): Promise<void> {
  const source = page.getByTestId('source-frame');
  const shown = await canvasPixels(source.locator('canvas'));
  const [, level, step] = /Level (\d+), step (\d+)/.exec((await source.textContent()) ?? '') ?? [];
  const link = (await page.getByTestId('open-frame').getAttribute('href')) ?? '';
  expect(link).toContain(`level=${level}`);
  await page.goto(`${served.address}${link}&opacity=0`);
  await untilDrawn(page, Number(step));
  await page
    .getByTestId('level')
    .filter({ hasText: new RegExp(`^${level}$`) })
    .waitFor();
  await expect.poll(async () => largestDifference((await observationPixels(page)).data, shown)).toBe(0);
}

const factors = 'method=factors&layer=2b&target=value';

describeInBrowser('features', () => {
  beforeAll(async () => {
    [served, browser] = await Promise.all([serve(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
  });
  afterEach(() => page?.close());

  it('are drawn each in its own colour, one alone under the pointer, or as their sum', async () => {
    await openAtRest(factors);
    await untilOverlay(page, true);
    await page.getByTestId('factor').first().waitFor();
    const all = (await observationPixels(page)).data;
    await page.getByTestId('factor').nth(1).hover();
    await expect.poll(async () => largestDifference((await observationPixels(page)).data, all)).toBeGreaterThan(10);
    await page.mouse.move(5, 5);
    await expect.poll(async () => largestDifference((await observationPixels(page)).data, all)).toBe(0);
    await page.getByLabel('Each factor in its own colour').uncheck();
    await expect.poll(async () => largestDifference((await observationPixels(page)).data, all)).toBeGreaterThan(10);
    await expect.poll(() => page.url()).toContain('sum=1');
  });

  it('open with examples, alignment and honest captions; an example leads to its frame, and to its level', async () => {
    await openAtRest(factors);
    await page.getByTestId('factor').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByTestId('example').first().waitFor({ timeout: 280_000 });
    expect(await dialog.getByTestId('example').count()).toBeGreaterThan(3);
    const data = await canvasPixels(dialog.getByTestId('example').first().locator('canvas'));
    expect(coloursIn({ width: 20, height: 20, data })).toBeGreaterThan(1);
    await dialog.getByTestId('alignment').getByText('saw').waitFor();
    await expect.poll(() => dialog.textContent()).toMatch(/AUROC.*chance/s);
    const before = await dialog.getByTestId('source-frame').textContent();
    await dialog.getByTestId('example').last().click();
    await expect.poll(() => dialog.getByTestId('source-frame').textContent()).not.toBe(before);
    await followFrame();
  });

  it('have a picture made by optimisation: shipped, or made in the background with progress', async () => {
    await openAtRest(factors);
    await page.getByTestId('factor').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByTestId('example').first().waitFor({ timeout: 280_000 });
    const make = dialog.getByRole('button', { name: 'Make one by optimisation' });
    if (await make.isVisible()) await make.click();
    await dialog.getByTestId('feature-picture').waitFor({ timeout: 280_000 });
    await dialog.getByText('Made by optimisation').waitFor();
  });

  it('stand on a map of frames: pointing shows a frame, pressing leads to its level and step', async () => {
    await openAtRest('layer=2b');
    await page.getByTestId('open-map').click();
    const map = page.getByTestId('map');
    await map.waitFor({ timeout: 280_000 });
    const point = map.locator('circle').nth(12);
    await point.hover({ force: true });
    await page.getByTestId('map-thumbnail').locator('canvas').waitFor();
    const places = () => map.locator('circle').evaluateAll((all) => all.map((one) => one.getAttribute('cx')).join());
    const before = await places();
    await page.getByTestId('map-layout').selectOption('principal');
    await expect.poll(places).not.toBe(before);
    await page.getByRole('dialog').getByText('principal components hold').waitFor();
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByTestId('source-frame').waitFor();
    await followFrame();
  });

  it('come with numbers in units: the legend, the pointer, what raises and what lowers, and each channel', async () => {
    await openAtRest('method=integratedGradients&layer=2b&target=value');
    await untilOverlay(page, true);
    await expect.poll(() => page.getByTestId('legend').textContent()).toMatch(/lowers it\s*value\s*raises it/);
    await page.getByTestId('integration-error').waitFor();
    await page.getByTestId('sums').locator('summary').click();
    const rows = page.getByTestId('sign-rows');
    await rows.getByText('Raises it').waitFor();
    const [raises, lowers] = await Promise.all(
      ['positive', 'negative'].map((sign) => canvasPixels(rows.locator(`canvas[data-sign=${sign}]`))),
    );
    expect(largestDifference(raises, lowers)).toBeGreaterThan(10);
    expect(await rows.textContent()).toMatch(/Raises it \+[\d.]+ value.*Lowers it −[\d.]+ value/s);
    const channels = page.getByTestId('channels');
    await expect.poll(() => channels.locator('li').count()).toBe(8);
    await expect.poll(() => channels.getByTestId('sum-axis').textContent()).toMatch(/−[\d.]+.*0\s*value.*\+[\d.]+/s);
    // What is no sum says so, at every width.
    await page.getByTestId('method').selectOption('saliency');
    await page.getByTestId('integration-error').filter({ hasText: 'No integration error' }).waitFor();
    await expect.poll(() => page.getByTestId('legend').textContent()).toContain('value per unit of 2b');
  });
});
