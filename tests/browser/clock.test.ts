/** The one clock: loops, stretches chosen by hand, pictures along the timeline, and the keys for all of it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { policyFolder } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { coloursIn, screenPixels, serve, untilDrawn, watchDrawn } from './page.ts';
import type { Served } from './page.ts';

let policy = '';
let served: Served;
let browser: Browser;
let page: Page;

/** Level 3 at rest at step 30. */
async function openAtRest(): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await page.goto(`${served.address}?level=3&at=30`);
  await untilDrawn(page, 30);
}

/** Where a step stands on the timeline, whose axis has 200 steps at first. */
async function placeOf(step: number): Promise<[number, number]> {
  const box = await page.getByTestId('scrubber').boundingBox();
  if (!box) throw new Error('the scrubber is not on the screen');
  return [box.x + (step / 199) * box.width, box.y + 90];
}

async function dragWithShift(from: number, to: number): Promise<void> {
  await page.keyboard.down('Shift');
  await page.mouse.move(...(await placeOf(from)));
  await page.mouse.down();
  await page.mouse.move(...(await placeOf(to)), { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
}

/** Steps drawn until `enough`, in order. */
async function watch(enough: (steps: readonly number[]) => boolean): Promise<number[]> {
  const drawn = await watchDrawn(page);
  let steps: number[] = [];
  await expect
    .poll(
      async () => {
        steps = await drawn();
        return enough(steps);
      },
      { message: 'until enough steps are drawn' },
    )
    .toBe(true);
  return steps;
}

const turnsBack = (steps: readonly number[]): boolean => steps.some((step, i) => i > 0 && step < steps[i - 1]);
const turnsOn = (steps: readonly number[]): boolean => steps.some((step, i) => i > 0 && step > steps[i - 1]);

describeInBrowser('the clock of the page', () => {
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

  it('loops a stretch that Shift and the mouse choose, forwards and backwards, until the loop is off', async () => {
    await openAtRest();
    await dragWithShift(8, 14);
    await page.getByTestId('selection').waitFor();
    expect(await page.getByTestId('loop').textContent()).toContain('8–14');
    const forwards = await watch(turnsBack);
    expect(Math.min(...forwards.slice(1))).toBeGreaterThanOrEqual(8);
    expect(Math.max(...forwards.slice(1))).toBeLessThanOrEqual(14);
    await page.keyboard.press('r');
    await page.getByRole('button', { name: 'Play backwards', pressed: true }).waitFor();
    // Down to its beginning, and on from its end.
    const backwards = await watch((steps) => turnsOn(steps) && turnsBack(steps));
    for (const step of backwards) expect(step).toBeGreaterThanOrEqual(8);
    for (const step of backwards) expect(step).toBeLessThanOrEqual(14);
    await page.keyboard.press('r');
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Loop: off' }).waitFor();
    await page.getByTestId('play').click();
    await untilDrawn(page, (step) => step > 20);
  });

  it('lets the ends of the stretch be moved by keys, and the stretch be chosen by keys alone', async () => {
    await openAtRest();
    await page.getByTestId('step').fill('10');
    await page.getByTestId('step').press('Enter');
    await page.keyboard.press('Escape');
    await untilDrawn(page, 10);
    await page.keyboard.press('Shift+Home');
    await page.getByTestId('selection').waitFor();
    const begins = page.getByRole('slider', { name: 'Loop begins' });
    expect(await begins.getAttribute('aria-valuenow')).toBe('10');
    expect(await page.getByRole('slider', { name: 'Loop ends' }).getAttribute('aria-valuenow')).toBe('30');
    await begins.press('ArrowRight');
    await begins.press('Shift+ArrowRight');
    await expect.poll(() => begins.getAttribute('aria-valuenow')).toBe('21');
    expect(await page.getByTestId('loop').textContent()).toContain('21–30');
  });

  it('loops everything that is held, instead of going live at its end', async () => {
    await openAtRest();
    await page.getByTestId('loop').click();
    await page.getByRole('button', { name: 'Loop: everything that is held' }).waitFor();
    await page.getByTestId('step').fill('28');
    await page.getByTestId('step').press('Enter');
    await page.keyboard.press('Escape');
    const drawn = await watch((steps) => steps.includes(30) && turnsBack(steps.slice(steps.indexOf(30))));
    expect(drawn[drawn.indexOf(30) + 1]).toBeLessThan(10);
    await page.getByTestId('jump-live').click();
    await untilDrawn(page, 30);
    await page.getByTestId('live').getByText('Paused').waitFor();
  });

  it('shows pictures of what was seen along the timeline, those of steps that went by unseen too', async () => {
    await openAtRest();
    const strip = page.getByTestId('pictures');
    await expect.poll(async () => Number(await strip.getAttribute('data-wanted'))).toBeGreaterThan(2);
    await expect
      .poll(async () => (await strip.getAttribute('data-pictures')) === (await strip.getAttribute('data-wanted')))
      .toBe(true);
    expect(coloursIn(await screenPixels(strip))).toBeGreaterThan(50);
    await page.mouse.move(...(await placeOf(12)));
    const tip = page.locator('.tip', { hasText: 'Step 12' });
    await tip.waitFor();
    await tip.locator('canvas').waitFor();
    await expect.poll(async () => coloursIn(await screenPixels(tip.locator('canvas')))).toBeGreaterThan(20);
  });

  it('names every key of it in the help sheet', async () => {
    await openAtRest();
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'What this page shows' });
    for (const line of [
      'Play or pause',
      'Play backwards',
      'Jump to live',
      'Loop: off, all, the chosen stretch',
      'Loop from this step on',
      'Loop up to this step',
      'Record from here on, or stop',
    ]) {
      await sheet.getByText(line, { exact: true }).waitFor();
    }
  });
});
