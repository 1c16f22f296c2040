/** Fit for everyone: what axe finds, the way of the focus, small screens, less motion, and words for what goes wrong. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { policyFolder } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { serve, untilDrawn, untilOverlay } from './page.ts';
import type { Served } from './page.ts';

let policy = '';
let served: Served;
let browser: Browser;
let page: Page;

interface Opening {
  readonly query?: string;
  readonly size?: readonly [number, number];
  readonly light?: boolean;
  readonly still?: boolean;
}

async function open({ query = '', size: [width, height] = [1280, 800], light, still }: Opening = {}): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: light ? 'light' : 'dark',
    reducedMotion: still ? 'reduce' : 'no-preference',
  });
  page = await context.newPage();
  await page.goto(`${served.address}?level=3&at=12&method=saliency&layer=input${query}`);
  await untilDrawn(page, 12);
  await untilOverlay(page, true);
}

/** Findings that keep somebody out, each with the elements. */
async function grave(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join('; ')}`,
    );
}

describeInBrowser('the page', () => {
  beforeAll(async () => {
    policy = join(await policyFolder('random'), 'random', 'policy.safetensors');
    [served, browser] = await Promise.all([serve(policy), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    if (policy) await rm(join(policy, '..', '..'), { recursive: true, force: true });
  });
  afterEach(() =>
    page
      ?.context()
      .close()
      .catch(() => undefined),
  );

  it('has no finding of axe that is serious or critical, dark and light, wide and narrow', async () => {
    for (const opening of [
      {},
      { light: true },
      { size: [390, 844] as const },
      { size: [390, 844] as const, light: true },
    ]) {
      await open(opening);
      expect(await grave(), JSON.stringify(opening)).toEqual([]);
      await page.context().close();
    }
  });

  it('has none either in its sheets, with factors, a warning, lenses side by side, or a notice', async () => {
    await open({ query: '&compare=gradCam|2b|jump' });
    expect(await grave(), 'compare').toEqual([]);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await grave(), 'help').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    expect(await grave(), 'menu').toEqual([]);
    await page.getByRole('button', { name: /A film/ }).click();
    await page.getByRole('radio', { name: /^GIF/ }).waitFor({ state: 'attached' });
    expect(await grave(), 'film').toEqual([]);
    await page.context().close();

    // A notice goes away by itself: one that is made now is still there when it is looked at.
    await open();
    await page.getByTestId('level-seed').fill('-5');
    await page.getByTestId('level-seed').press('Enter');
    await page.getByTestId('notice').waitFor();
    expect(await grave(), 'notice').toEqual([]);
    await page.getByTestId('method').selectOption('guidedBackprop');
    await page.getByRole('note').first().waitFor();
    expect(await grave(), 'warning').toEqual([]);
    await page.getByTestId('method').selectOption('factors');
    await page.getByRole('group', { name: 'Factor' }).getByRole('button').nth(2).waitFor();
    expect(await grave(), 'factors').toEqual([]);
  });

  it('leads the focus in the order of reading, and always shows where it is', async () => {
    await open();
    const stops: { name: string; top: number; shown: boolean }[] = [];
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const element = document.activeElement;
        if (!(element instanceof HTMLElement) || element === document.body) return null;
        const region = element.closest('.page > header, .stage, .time, .rail');
        const style = getComputedStyle(element);
        return {
          name: region?.tagName === 'HEADER' ? 'HEADER' : (region?.className ?? 'elsewhere'),
          top: element.getBoundingClientRect().top,
          shown: style.outlineStyle !== 'none' && style.outlineWidth !== '0px',
        };
      });
      if (stop) stops.push(stop);
    }
    for (const stop of stops) expect(stop.shown, stop.name).toBe(true);
    const regions = stops.map(({ name }) => name.split(' ')[0]).filter((name, i, all) => name !== all[i - 1]);
    expect(regions.slice(0, 4)).toEqual(['HEADER', 'stage', 'time', 'rail']);
  });

  it('fits a phone: nothing sticks out, and what is touched is large enough', async () => {
    await open({ size: [390, 844] });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(390);
    const small = await page.locator('button:visible, select:visible').evaluateAll((elements) =>
      elements
        .filter((element) => {
          const { width, height } = element.getBoundingClientRect();
          return width > 0 && (width < 20 || height < 20);
        })
        .map((element) => element.outerHTML.slice(0, 80)),
    );
    expect(small).toEqual([]);
  });

  it('moves nothing by itself where less motion is wanted', async () => {
    await open({ still: true });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return animationName !== 'none' || transitionDuration.split(',').some((text) => parseFloat(text) > 0.001);
        }).length,
    );
    expect(moving).toBe(0);
  });

  it('says when the server speaks an older protocol than it does', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        socket.send(typeof message === 'string' ? message.replace(/"protocol":\d+/, '"protocol":1') : message);
      });
    });
    await page.goto(served.address);
    await page
      .getByTestId('notice')
      .filter({ hasText: /The server is older than this page .*: reload the page/ })
      .waitFor();
  });

  it('warns before it plays so fast that the picture may flash', async () => {
    await open();
    await page.getByLabel('Speed').selectOption('60');
    await page
      .getByTestId('notice')
      .filter({ hasText: /may flash/ })
      .waitFor();
  });
});
