/** Agents side by side: other policies and seeds on one level and one clock, as a person sees and links them. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { policyFolder } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { serve, untilDrawn } from './page.ts';
import type { Served } from './page.ts';

let folder = '';
let served: Served;
let browser: Browser;
let page: Page;

async function open(query: string, width = 1280, height = 800): Promise<void> {
  page = await browser.newPage({ viewport: { width, height }, colorScheme: 'dark' });
  await page.goto(`${served.address}${query}`);
}

const pane = (i: number) => page.getByTestId('pane').nth(i);
const stepOf = (i: number) => pane(i).getByTestId('pane-picture').getAttribute('data-step');
const ownStep = () => page.getByLabel('The world', { exact: true }).locator('.own header .step').textContent();

/** What a pane shows, byte for byte. */
function pixels(of: Page, i: number): Promise<string> {
  return of
    .getByTestId('pane-picture')
    .nth(i)
    .evaluate((element) => (element as HTMLCanvasElement).toDataURL());
}

describeInBrowser('agents side by side', () => {
  beforeAll(async () => {
    folder = await policyFolder('random');
    [served, browser] = await Promise.all([serve(join(folder, 'random', 'policy.safetensors')), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => page?.close());

  it('are added up to four, stand on the same step, and go on together; a fifth is refused in words', async () => {
    await open('?level=3&at=20');
    await untilDrawn(page, 20);
    await page.getByTestId('compare-agents').click();
    for (let agents = 1; agents <= 3; agents++) {
      await page.getByTestId('add-agent').click();
      await pane(agents - 1).waitFor();
    }
    await page.getByTestId('add-agent').click();
    await page.getByTestId('notice').filter({ hasText: 'At most 4 panes' }).waitFor();
    await expect.poll(() => page.getByTestId('pane').count()).toBe(3);
    await page.keyboard.press('Escape');
    for (let i = 0; i < 3; i++) await expect.poll(() => stepOf(i)).toBe('20');
    await expect.poll(ownStep).toContain('step 20');
    // Each says who it is, what it chose and what it expects.
    const names = await page.getByTestId('pane').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    expect(new Set(names).size).toBe(3);
    expect(await pane(0).getByTestId('pane-value').textContent()).toMatch(/value\s*[\d.−]+/);
    await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 3; i++) await expect.poll(() => stepOf(i)).toBe('21');
    await page.keyboard.press('ArrowLeft');
    for (let i = 0; i < 3; i++) await expect.poll(() => stepOf(i)).toBe('20');
    await pane(1)
      .getByRole('button', { name: /^Remove/ })
      .click();
    await expect.poll(() => page.getByTestId('pane').count()).toBe(2);
  });

  it('open again from a link as they were, other seeds and levels included', async () => {
    await open('?level=3&at=12&opacity=0&pane=random|7&pane=random|0|4');
    await pane(1).waitFor();
    for (const i of [0, 1]) await expect.poll(() => stepOf(i)).toBe('12');
    expect(await pane(0).locator('header').textContent()).toContain('seed 7');
    expect(await pane(1).locator('header').textContent()).toContain('level 4');
    // The address follows what is on the screen a moment later.
    await expect.poll(() => page.url()).toContain('at=12');
    await expect.poll(() => page.url()).toMatch(/pane=random%7C7&pane=random%7C0%7C4/);
    const other = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await other.goto(
      page
        .url()
        .replace(/session=[^&]+&?/, '')
        .replace(/&step=\d+/, ''),
    );
    await other.getByTestId('pane').nth(1).waitFor();
    const alike = async (i: number): Promise<boolean> => (await pixels(other, i)) === (await pixels(page, i));
    for (const i of [0, 1]) await expect.poll(() => alike(i)).toBe(true);
    await other.close();
    // Seeds and levels differ, and so does what is seen.
    expect(await pixels(page, 0)).not.toBe(await pixels(page, 1));
  });

  it('say how an episode ended, and wait there for the others', async () => {
    await open('?level=3&at=0&pane=random|7&pane=random|9');
    await pane(1).waitFor();
    await page.getByLabel('Speed').selectOption('60');
    await page.getByTestId('play').click();
    await page
      .getByTestId('pane-end')
      .filter({ hasText: /\S.* at step \d+/ })
      .first()
      .waitFor({ timeout: 240_000 });
  });

  it('stand below each other on a phone, none over another', async () => {
    await open('?level=3&at=5&pane=random|7&pane=random|9', 390, 844);
    await pane(1).waitFor();
    await untilDrawn(page, (step) => step >= 0);
    const boxes = await page.locator('.own, [data-testid=pane], .caption').evaluateAll((all) =>
      all.map((one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect();
        return { left, right, top, bottom };
      }),
    );
    expect(boxes).toHaveLength(4);
    for (const [i, a] of boxes.entries()) {
      expect(a.right).toBeLessThanOrEqual(391);
      for (const b of boxes.slice(i + 1)) {
        const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
        expect(apart, JSON.stringify([a, b])).toBe(true);
      }
    }
  });

  it('name what is wrong with a pane of a link', async () => {
    await open('?level=3&at=5&pane=random');
    await page.getByTestId('notice').filter({ hasText: 'pane=policy|seed' }).waitFor();
    await untilDrawn(page, 5);
  });
});
