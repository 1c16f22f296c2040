/**
 * A network can be finite in every weight and output and still have a gradient that is not. The page then says so in
 * words, draws no colour over the picture, and leaves no map of before in its place.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { encodePolicy } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { randomPolicy } from '../sim/randomPolicy.ts';
import { largestDifference, observationPixels, serve, untilDrawn, untilOverlay } from './page.ts';
import type { Served } from './page.ts';

const STEP = 5;
/** Its logit is so steep that the square of a gradient is beyond single precision, the gradient itself is not. */
const STEEP = 'jump';

let folder = '';
let served: Served;
let browser: Browser;
let page: Page;
let faults: string[] = [];

/**
 * The value reads one unit of the dense layer, which reads one small number before it: 1e20 x 1e19 x what is seen is
 * finite, its gradient of 1e39 is not.
 */
function steepPolicy(): Policy {
  const policy = randomPolicy();
  const parameters = Object.fromEntries(
    Object.entries(policy.parameters).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
  );
  const changed = (name: string): { data: Float32Array; columns: number } => {
    const { data, shape } = parameters[name];
    return { data: data as Float32Array, columns: shape[shape.length - 1] };
  };
  const small = changed('3a/kernel');
  small.data.forEach((value, i) => (small.data[i] = value / 1000));
  const dense = changed('dense1/kernel');
  for (let at = 0; at < dense.data.length; at += dense.columns) dense.data[at] = at === 0 ? 1e20 : 0;
  const value = changed('value/kernel');
  value.data.fill(0);
  value.data[0] = 1e19;
  const logits = changed('logits/kernel');
  const steep = policy.actions.indexOf(STEEP);
  // None reads the unit that is the value's.
  logits.data.forEach((weight, at) => {
    if (at < logits.columns) logits.data[at] = 0;
    else if (at % logits.columns === steep) logits.data[at] = weight * 1e30;
  });
  return { ...policy, parameters };
}

async function open(method: string, target: string, more = ''): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(`${served.address}?level=3&at=${STEP}&method=${method}&layer=input&target=${target}${more}`);
  await untilDrawn(page, STEP);
}

/** Waits for it. */
const said = (words: string): Promise<void> => page.locator('.legend .bad', { hasText: words }).waitFor();

/** RGB bytes of what the agent sees, with what lies over it. */
const shown = async (): Promise<Uint8Array> => (await observationPixels(page)).data;

describeInBrowser('a map that is not finite', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-not-finite-'));
    const policy = join(folder, 'policy.safetensors');
    await writeFile(policy, encodePolicy(steepPolicy()));
    [served, browser] = await Promise.all([serve(policy), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => page?.close());

  it('is said in words and not drawn, neither in colours of its own nor in those of before', async () => {
    await open('saliency', STEEP);
    await untilOverlay(page, true);
    const before = await shown();
    await page.keyboard.press('o');
    await untilOverlay(page, false);
    const bare = await shown();
    expect(largestDifference(before, bare)).toBeGreaterThan(20);
    await page.keyboard.press('o');
    await untilOverlay(page, true);

    for (const method of ['saliency', 'gradientTimesInput', 'integratedGradients']) {
      await page.getByTestId('method').selectOption(method);
      await page.getByTestId('target').selectOption('value');
      await said('attribution: expected finite gradients, got');
      await untilOverlay(page, false);
      expect(largestDifference(await shown(), bare)).toBe(0);
      expect(await page.getByTestId('legend').count()).toBe(0);

      // What can be said of the same instant still is.
      await page.getByTestId('target').selectOption(STEEP);
      await untilOverlay(page, true);
      expect(await page.locator('.legend .bad').count()).toBe(0);
    }
    expect(faults).toEqual([]);
  });

  it('of finite gradients is said too: squares beyond single precision', async () => {
    await open('smoothGrad', STEEP, '&option.combine=squares');
    await said('expected finite values, got Infinity in the map');
    await untilOverlay(page, false);
    const seen = await shown();
    await page.getByTestId('method').selectOption('saliency');
    await untilOverlay(page, true);
    await page.keyboard.press('o');
    await untilOverlay(page, false);
    expect(largestDifference(await shown(), seen)).toBe(0);
    expect(faults).toEqual([]);
  });
});
