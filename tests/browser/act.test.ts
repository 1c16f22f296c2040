/** What a person does to the agent and its level, and what they then see. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { policyFolder } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser, PATIENCE } from '../support/browser.ts';
import { besideAgent, editsOf, mappingOf, valueOf } from './editing.ts';
import { largestDifference, screenPixels, serve, untilDrawn, untilOverlay } from './page.ts';
import type { Served } from './page.ts';

let policy = '';
let served: Served;
let browser: Browser;
let page: Page;

const wait = { timeout: PATIENCE };

/** Level 3 at rest at step 30. */
async function openAtRest(touch = false): Promise<void> {
  const viewport = touch ? { width: 390, height: 844 } : { width: 1440, height: 900 };
  page = await browser.newPage({ viewport, colorScheme: 'dark', hasTouch: touch });
  await page.goto(`${served.address}?level=3&at=30`);
  await untilDrawn(page, 30);
  await untilOverlay(page, true);
}

const mapping = () => mappingOf(page);
const edits = (count: number) => editsOf(page, count);
const value = () => valueOf(page);

describeInBrowser('acting on the agent', () => {
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

  it('edits the level with the mouse: puts a saw down, drags it away, and sees the difference in numbers and pixels', async () => {
    await openAtRest();
    const untouched = await screenPixels(page.getByTestId('world'));
    await page.keyboard.press('e');
    await page.getByTestId('edit-layer').waitFor();
    const spot = await besideAgent(page);
    const at = await mapping();
    await page.getByTestId('tool-saw').click();
    const put = at(spot.x, spot.y);
    await page.mouse.click(put.x, put.y);
    await edits(1).waitFor(wait);
    await expect.poll(value, wait).toMatch(/^\S+ → \S+\s+\([+−]?\S+\)$/);
    const first = await value();
    await expect.poll(() => page.locator('.page').innerText()).toMatch(/one change to the level/);
    const changed = async (): Promise<number> => {
      const [before, after] = await Promise.all(
        ['what-if-before', 'what-if-after'].map((name) => screenPixels(page.getByTestId(name))),
      );
      return largestDifference(before.data, after.data);
    };
    await expect.poll(changed).toBeGreaterThan(60);

    const away = at(spot.x - 1, spot.y + 1);
    await page.mouse.move(put.x, put.y);
    await page.mouse.down();
    await page.mouse.move(away.x, away.y, { steps: 4 });
    await page.mouse.up();
    await edits(2).waitFor(wait);
    await expect.poll(value, wait).not.toBe(first);

    await page.keyboard.press('Control+z');
    await edits(1).waitFor(wait);
    await expect.poll(value, wait).toBe(first);
    await page.getByTestId('edit-redo').click();
    await edits(2).waitFor(wait);
    await page.keyboard.press('Delete');
    await edits(3).waitFor(wait);
    await page.getByTestId('edit-reset').click();
    await edits(0).waitFor(wait);
    await page.getByTestId('edit-close').click();
    await page.getByTestId('edit-layer').waitFor({ state: 'detached' });
    await page.mouse.move(5, 5);
    await expect
      .poll(async () => largestDifference((await screenPixels(page.getByTestId('world'))).data, untouched.data), wait)
      .toBeLessThan(12);
  });

  it('paints ground with a finger, and says clearly what cannot be', async () => {
    await openAtRest(true);
    await page.getByTestId('edit').tap();
    await page.getByTestId('edit-layer').waitFor();
    const spot = await besideAgent(page);
    const at = await mapping();
    await page.getByTestId('tool-ground').tap();
    const here = at(spot.x, spot.y);
    await page.touchscreen.tap(here.x, here.y);
    await edits(1).waitFor(wait);
    await expect.poll(value, wait).toMatch(/→/);
    // Ground where the agent stands.
    const agent = at(spot.x - 2, spot.y - 2);
    await page.touchscreen.tap(agent.x, agent.y);
    await page
      .getByTestId('notice')
      .filter({ hasText: /That cannot be/ })
      .waitFor(wait);
    await edits(1).waitFor(wait);
  });

  it('opens what was changed from a link, and says what of a link cannot be', async () => {
    await openAtRest();
    await page.keyboard.press('e');
    await page.getByTestId('edit-layer').waitFor();
    const [spot, at] = await Promise.all([besideAgent(page), mapping()]);
    await page.getByTestId('tool-saw').click();
    const put = at(spot.x, spot.y);
    await page.mouse.click(put.x, put.y);
    await edits(1).waitFor(wait);
    await expect.poll(value, wait).toMatch(/→/);
    const changed = await value();
    await expect.poll(() => page.url(), wait).toContain('edit=add');
    const link = page.url();
    const wrong = [`${link}&edit=remove%7C60000`, link.replace(/edit=[^&]*/, 'edit=add%7Cdragon%7C1%7C2')];
    await page.close();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(link);
    await edits(1).waitFor(wait);
    await expect.poll(value, wait).toBe(changed);
    // An object that is not there: the server says so, and the level is the one that was.
    await page.goto(wrong[0]);
    await page
      .getByTestId('notice')
      .filter({ hasText: /That cannot be/ })
      .waitFor(wait);
    await edits(0).waitFor(wait);
    // No edit at all: the page says so.
    await page.goto(wrong[1]);
    await page
      .getByTestId('notice')
      .filter({ hasText: /expected at most 256 times edit=.*dragon/ })
      .waitFor(wait);
    await untilDrawn(page, 30);
    await page.goto(`${served.address}?level=3&at=12&ignore=2b%7C0%7C50`);
    await page.locator('[data-testid="what-if"][data-turns="1"]').waitFor(wait);
    await page.goto(`${served.address}?level=3&at=12&ignore=nowhere%7C0%7C50`);
    await page
      .getByTestId('notice')
      .filter({ hasText: /Factors cannot be turned down so/ })
      .waitFor(wait);
    await page.getByTestId('what-if').waitFor({ state: 'detached' });
  });

  it('is steered by touch: the pad plays on from the first press, and goes with the controls', async () => {
    await openAtRest(true);
    await page.getByTestId('steering').tap();
    const pad = page.getByTestId('pad-jump');
    await pad.waitFor(wait);
    const box = await pad.boundingBox();
    if (!box) throw new Error('the pad is not on the screen');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const fingers = await page.context().newCDPSession(page);
    await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    await page.locator('[data-testid="pad-jump"].down').waitFor(wait);
    await page.getByText('a person chose').waitFor(wait);
    await untilDrawn(page, (step) => step > 33);
    await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.locator('[data-testid="pad-jump"]:not(.down)').waitFor(wait);
    await page.getByTestId('steering').tap();
    await pad.waitFor({ state: 'detached' });
  });

  it('branches from a step, and the episode that was stays reachable', async () => {
    await openAtRest();
    // Slowly, so that the branch is looked at before its episode ends.
    await page.getByLabel('Speed').selectOption('4');
    await page.keyboard.press('Shift+ArrowLeft');
    await untilDrawn(page, 20);
    await page.getByTestId('branch').click();
    await page.getByTestId('branch-seed').fill('7');
    await page.getByTestId('branch-noise').click();
    const back = page.getByTestId('branched-from');
    await back.waitFor(wait);
    expect(await back.innerText()).toBe('from step 20');
    await untilDrawn(page, (step) => step > 33);
    await back.click();
    await untilDrawn(page, 20);
  });

  it('turns a factor down: value and odds change at once, the agent plays on so, failures are measured', async () => {
    await openAtRest();
    await page.getByTestId('turn-down').click();
    const slider = page.getByTestId('turn-0');
    await slider.focus();
    await page.keyboard.press('End');
    await page.locator('[data-testid="what-if"][data-turns="1"]').waitFor(wait);
    await expect.poll(value, wait).toMatch(/→/);
    expect(await page.locator('.rail').innerText()).toMatch(/one factor turned down/);
    await page.getByTestId('measure-levels').selectOption('20');
    await page.getByTestId('measure').click();
    await page.locator('[data-testid="measured"]:not([data-played="0"])').waitFor({ timeout: 240_000 });
    await expect.poll(() => page.getByTestId('measured').innerText()).toMatch(/of 20 held-out levels[\s\S]*95%/);
    await page.getByTestId('turn-reset').click();
    await page.getByTestId('what-if').waitFor({ state: 'detached' });
  });

  it('draws the policy’s field, reads factors at a place, and explains a change from the frame before', async () => {
    await openAtRest();
    await page.keyboard.press('v');
    await page.locator('[data-testid="field-layer"]:not([data-arrows="0"])').waitFor(wait);
    await page.keyboard.press('v');
    await page.getByTestId('field-layer').waitFor({ state: 'detached' });
    const world = await page.getByTestId('world').boundingBox();
    if (!world) throw new Error('no world');
    await page.mouse.click(world.x + world.width / 2, world.y + world.height / 2 + 40);
    await page
      .getByTestId('cell-reading')
      .getByText(/Layer 2b, row \d+, column \d+/)
      .waitFor(wait);
    await page.getByRole('dialog', { name: 'Factors at this place' }).getByLabel('Close').click();
    await page.getByTestId('method').selectOption('change');
    await page.locator('.stage').getByText('Change since the frame before').first().waitFor(wait);
  });
});
