/** What a person does with the page, and what they then see. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { policyFolder } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { coloursIn, largestDifference, observationPixels, serve, untilDrawn, untilOverlay } from './page.ts';
import type { Served } from './page.ts';

let policy = '';
let served: Served;
let browser: Browser;
let page: Page;

async function open(query = ''): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', acceptDownloads: true });
  await page.goto(`${served.address}${query}`);
}

/** Level 3 at rest at step 30. */
async function openAtRest(more = ''): Promise<void> {
  await open(`?level=3&at=30${more}`);
  await untilDrawn(page, 30);
}

const notice = (text: RegExp) => page.getByTestId('notice').filter({ hasText: text });
const speed = () => page.getByLabel('Speed').inputValue();

describeInBrowser('the controls of the page', () => {
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

  it('obey the keyboard, and leave it alone where somebody types', async () => {
    await openAtRest();
    await page.keyboard.press('ArrowLeft');
    await untilDrawn(page, 29);
    await page.keyboard.press('Shift+ArrowLeft');
    await untilDrawn(page, 19);
    await page.keyboard.press('Shift+ArrowRight');
    await untilDrawn(page, 29);
    await page.keyboard.press('Home');
    await untilDrawn(page, 0);
    await page.keyboard.press('End');
    await untilDrawn(page, 30);
    await page.keyboard.press('ArrowRight');
    await untilDrawn(page, 31);

    const before = Number(await speed());
    await page.keyboard.press(']');
    await expect.poll(speed).not.toBe(String(before));
    expect(Number(await speed())).toBeGreaterThan(before);
    await page.keyboard.press('[');
    await expect.poll(speed).toBe(String(before));

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'What this page shows' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });

    // Had the page taken the key too, it would be at its first step, and there would be none before that.
    await page.getByTestId('level-seed').press('Home');
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowLeft');
    await untilDrawn(page, 30);

    await page.keyboard.press('End');
    await untilDrawn(page, 31);
    await page.keyboard.press('Space');
    await untilDrawn(page, (step) => step > 33);
    await page.keyboard.press('Space');
    await page.getByText('Paused', { exact: true }).waitFor();
  });

  it('give the keys back to the page after the mouse has used a control', async () => {
    await openAtRest();
    await page.getByRole('button', { name: 'One step back' }).click();
    await untilDrawn(page, 29);
    await page.getByRole('button', { name: 'Show the overlay' }).click();
    await page.keyboard.press('Space');
    await page.getByTestId('jump-live').waitFor({ state: 'detached' });
    await untilDrawn(page, (step) => step > 30);
  });

  it('scrub with the mouse, play the past forwards and backwards, and return to live', async () => {
    await openAtRest();
    const slider = page.getByRole('slider', { name: 'Step' });
    const box = await slider.boundingBox();
    if (!box) throw new Error('the scrubber is not on the screen');
    // 200 steps fit the axis at first.
    const at = (step: number): [number, number] => [box.x + (step / 199) * box.width, box.y + 20];
    await page.mouse.move(...at(25));
    await page.mouse.down();
    await untilDrawn(page, 25);
    await page.mouse.move(...at(10), { steps: 5 });
    await page.mouse.up();
    await untilDrawn(page, 10);
    expect(await slider.getAttribute('aria-valuenow')).toBe('10');
    expect(await page.getByTestId('jump-live').textContent()).toContain('20 behind');

    // Slowly, so that it is stopped long before it comes to an end.
    await page.getByLabel('Speed').selectOption('2');
    await page.keyboard.press('r');
    await untilDrawn(page, (step) => step < 8);
    await page.keyboard.press('r');
    await page.getByRole('button', { name: 'Play backwards', pressed: false }).waitFor();
    await page.getByTestId('play').click();
    await untilDrawn(page, (step) => step > 12);
    await page.getByTestId('play').click();
    await page.getByTestId('jump-live').click();
    await untilDrawn(page, 30);
  });

  it('play the level of a seed and the next one, and say what is no seed', async () => {
    await openAtRest();
    const level = () => page.getByTestId('level').textContent();
    await page.getByTestId('level-seed').fill('77');
    await page.getByTestId('level-seed').press('Enter');
    await expect.poll(level).toBe('77');
    await page.getByRole('button', { name: 'Next level' }).click();
    await expect.poll(level).toBe('78');
    await page.getByTestId('level-seed').fill('-5');
    await page.getByTestId('level-seed').press('Enter');
    await notice(/Level: expected a whole number from 0 to 4294967295, got "-5"/).waitFor();
    expect(await level()).toBe('78');
  });

  it('put everything into the address, and open it again as it was', async () => {
    await openAtRest('&method=saliency&layer=input&target=jump&opacity=55&blend=0');
    await page.keyboard.press('ArrowLeft');
    await untilDrawn(page, 29);
    await untilOverlay(page, true);
    // The address follows what is on the screen a moment later.
    const parts = ['session=', 'level=3', 'at=29', 'step=29'];
    for (const part of [...parts, 'method=saliency', 'layer=input', 'target=jump', 'opacity=55']) {
      await expect.poll(() => page.url()).toContain(part);
    }
    const link = page.url();
    // Another person, while the session lives; and one for whom it is long gone.
    for (const address of [link, link.replace(/session=[^&]+/, 'session=gone')]) {
      const other = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await other.goto(address);
      await untilDrawn(other, 29);
      await untilOverlay(other, true);
      const differs = async (): Promise<number> =>
        largestDifference((await observationPixels(other)).data, (await observationPixels(page)).data);
      await expect.poll(differs).toBe(0);
      expect(await other.getByTestId('method').inputValue()).toBe('saliency');
      await other.close();
    }
  });

  it('name what is wrong with a link, and open the nearest thing', async () => {
    await open('?level=3&method=magic&target=fly&opacity=900&colour=red');
    // All at once: each goes away by itself after a while.
    const told = [
      /Method: expected one of .*integratedGradients.*, got "magic"/,
      /Target: expected one of value, .*, got "fly"/,
      /Link: expected opacity to be a whole number from 0 to 100, got "900"/,
      /Link: "colour" is not known/,
    ];
    await Promise.all(told.map((text) => notice(text).waitFor()));
    await untilDrawn(page, (step) => step >= 0);
    expect(await page.getByTestId('method').inputValue()).toBe('integratedGradients');
  });

  it('choose method, layer and output, and the caption says which map this is', async () => {
    await openAtRest();
    await untilOverlay(page, true);
    const integrated = (await observationPixels(page)).data;
    await page
      .getByTestId('integration-error')
      .filter({ hasText: /Integration error [\d.]+/ })
      .waitFor();
    await page.getByTestId('method').selectOption('guidedBackprop');
    await page.getByTestId('target').selectOption('jump');
    await page.getByTestId('layer').selectOption('input');
    await page.getByText('of the logit of “Jump”, at the input').waitFor();
    await expect
      .poll(async () => largestDifference((await observationPixels(page)).data, integrated))
      .toBeGreaterThan(10);
    // It fails the randomisation check, and says so for as long as it is shown.
    await page.getByRole('note').waitFor();
  });

  it('compare lenses side by side on the same instant', async () => {
    await openAtRest();
    await untilOverlay(page, true);
    await page.getByTestId('add-lens').click();
    const lens = page.getByTestId('lens');
    await lens.waitFor();
    await lens.getByText(/Computing|draft/).waitFor({ state: 'hidden' });
    const canvas = lens.locator('canvas');
    const pixels = (): Promise<number[]> =>
      canvas.evaluate((element) => [
        ...((element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, 64, 64).data ?? []),
      ]);
    const beside = Uint8Array.from(await pixels()).filter((_, i) => i % 4 !== 3);
    const seen = await observationPixels(page);
    expect(coloursIn({ width: 64, height: 64, data: beside })).toBeGreaterThan(10);
    expect(largestDifference(beside, seen.data)).toBeGreaterThan(10);
    // A press exchanges it with the lens on the world.
    await lens.getByTitle('Put this lens on the world').click();
    await expect.poll(async () => largestDifference((await observationPixels(page)).data, beside)).toBe(0);
    await lens.getByRole('button', { name: /^Remove/ }).click();
    await lens.waitFor({ state: 'detached' });
  });

  it('give the numbers of the charts as CSV, and the world as PNG', async () => {
    await openAtRest();
    const save = async (name: RegExp): Promise<Buffer> => {
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
      return readFile(await download.path());
    };
    const lines = (await save(/CSV/)).toString('utf8').trim().split('\r\n');
    expect(lines[0]).toBe('step,episode,action,chance,reward,value,advantage,entropy,end');
    expect(lines).toHaveLength(32);
    expect(lines[31]).toMatch(/^30,0,/);
    const png = await save(/PNG/);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(10_000);
  });

  it('let a person play with the arrow keys in the same episode, marked as such, and hand back', async () => {
    await openAtRest();
    const velocity = async (): Promise<number> => {
      const text = await page.locator('dt:text("Velocity x") + dd').textContent();
      return Number((text ?? '').replace('−', '-'));
    };
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Hand back' }).waitFor();
    await page.keyboard.down('ArrowLeft');
    await page.keyboard.press('Space');
    // Full speed against the first wall or, on free ground, to the left: never to the right.
    await untilDrawn(page, (step) => step > 45);
    await expect.poll(velocity).toBeLessThanOrEqual(0);
    await page.getByText('a person chose').waitFor();
    await page.keyboard.up('ArrowLeft');
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Take over' }).waitFor();
    await page.getByText('by chance, with these odds').waitFor();
  });

  it('say the instant in words when it stands still', async () => {
    await openAtRest();
    await untilOverlay(page, true);
    await expect
      .poll(() => page.getByTestId('summary').textContent())
      .toMatch(
        /^Level 3, step 30\. The agent chose .+, at [\d.]+.%; value .+\. The map is strongest .+ the picture\.$/,
      );
  });

  it('change between dark and light', async () => {
    await openAtRest();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    const button = page.getByRole('button', { name: /^Theme/ });
    await button.click();
    await button.click();
    await expect.poll(() => button.getAttribute('aria-label')).toContain('light');
    await expect.poll(ground).not.toBe(dark);
  });

  it('find the server again when it comes back, and go on at the same place', async () => {
    await openAtRest();
    await served.stop();
    await page.getByText('Not connected').waitFor();
    // It is answered as soon as it listens, which may be before it says that all is ready.
    const told = notice(/a new one began at the same place/).waitFor({ timeout: 240_000 });
    served = await serve(policy, served.port);
    await told;
    await expect.poll(() => page.getByTestId('episode-step').textContent()).toBe('30');
    expect(await page.getByTestId('level').textContent()).toBe('3');
  });

  it('work without WebGL, and say what is missing', async () => {
    const poor = await launchBrowser('--disable-3d-apis');
    try {
      page = await poor.newPage();
      await page.goto(`${served.address}?level=3`);
      await page.getByText('The world cannot be drawn').waitFor();
      const first = (await observationPixels(page)).step;
      await expect.poll(async () => (await observationPixels(page)).step).toBeGreaterThan(first + 2);
      expect(coloursIn(await observationPixels(page))).toBeGreaterThan(10);
    } finally {
      await poor.close();
    }
  });
});
