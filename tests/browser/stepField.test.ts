/** The step field: typed into while the episode plays on. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { policyFolder } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser, PATIENCE } from '../support/browser.ts';
import { drawnStep, serve, untilDrawn } from './page.ts';
import type { Served } from './page.ts';

let policy = '';
let served: Served;
let browser: Browser;
let page: Page;

/** Plays on until at least two more steps are drawn. */
async function playsOn(): Promise<void> {
  const from = await drawnStep(page);
  await untilDrawn(page, (step) => step > from + 1);
}

describeInBrowser('the step field', () => {
  beforeAll(async () => {
    policy = join(await policyFolder('random'), 'random', 'policy.safetensors');
    [served, browser] = await Promise.all([serve(policy), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    if (policy) await rm(join(policy, '..', '..'), { recursive: true, force: true });
  });
  afterEach(() => page?.close());

  it('keeps what is typed while the episode plays on, goes there with Enter, gives up with Escape', async () => {
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${served.address}?level=3`);
    await untilDrawn(page, (step) => step > 2);
    const field = page.getByTestId('step');

    await field.click({ clickCount: 3 });
    await page.keyboard.type('1');
    await playsOn();
    expect(await field.inputValue()).toBe('1');
    await page.keyboard.press('Escape');
    const left = await drawnStep(page);
    await untilDrawn(page, (step) => step > left);
    await expect.poll(async () => Number(await field.inputValue()), { timeout: PATIENCE }).toBeGreaterThan(left);

    await field.click({ clickCount: 3 });
    await page.keyboard.type('1');
    await playsOn();
    await page.keyboard.press('Enter');
    await untilDrawn(page, 1);
    await expect.poll(() => field.inputValue(), { timeout: PATIENCE }).toBe('1');
  });
});
