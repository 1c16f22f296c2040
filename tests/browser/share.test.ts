/** What a person takes away from the page and from the command line, opened as its receiver would. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { policyFolder } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { readGif } from '../support/gif.ts';
import { saccade } from '../support/saccade.ts';
import {
  coloursIn,
  largestDifference,
  observationPixels,
  screenPixels,
  serve,
  untilDrawn,
  untilOverlay,
} from './page.ts';
import type { Served } from './page.ts';

let folder = '';
let policy = '';
let served: Served;
let browser: Browser;
let page: Page;

const at = (name: string): string => join(folder, name);

async function openFilm(query: string): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', acceptDownloads: true });
  await page.goto(`${served.address}?level=3&at=30&method=saliency&layer=input${query}`);
  await untilDrawn(page, 30);
  await untilOverlay(page, true);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: /A film, or a page of its own/ }).click();
  await page.getByRole('dialog', { name: 'Save a film' }).waitFor();
}

/** Saves steps `from` to `to` of the page as `title`. */
async function saveFilm(title: RegExp, from: number, to: number, name: string): Promise<string> {
  await page.getByRole('radio', { name: title }).check({ force: true });
  await page.getByTestId('film-from').fill(String(from));
  await page.getByTestId('film-to').fill(String(to));
  if (!name.endsWith('html')) await page.getByLabel('Size').selectOption({ index: 0 });
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 240_000 }),
    page.getByTestId('film-save').click(),
  ]);
  await download.saveAs(at(name));
  return at(name);
}

/** Opens a file as who got it by mail does, without a network; returns what went wrong or was asked for. */
async function openOffline(file: string): Promise<{ readonly faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  await context.setOffline(true);
  page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  return { faults };
}

async function expectToPlay(from: number, to: number): Promise<void> {
  const shown = async (): Promise<number> => Number(await page.locator('[data-drawn]').getAttribute('data-drawn'));
  const last = to - from;
  await expect.poll(shown).toBe(0);
  const first = await screenPixels(page.getByTestId('world'));
  expect(coloursIn(first)).toBeGreaterThan(50);
  await page.getByRole('button', { name: 'Play' }).click();
  await expect.poll(shown).toBe(last);
  expect(largestDifference((await screenPixels(page.getByTestId('world'))).data, first.data)).toBeGreaterThan(20);
  await page.getByRole('slider', { name: 'Step' }).fill('2');
  await expect.poll(shown).toBe(2);
  await page.keyboard.press('ArrowRight');
  await expect.poll(shown).toBe(3);
  await expect
    .poll(() => page.getByTestId('summary').textContent())
    .toMatch(/^Level 3, step \d+, value .+\. The agent chose .+\.$/);
  const painted = await observationOf();
  await page.getByTestId('opacity').fill('0');
  await expect.poll(async () => largestDifference(await observationOf(), painted)).toBeGreaterThan(20);
  await expect.poll(() => page.locator('li[aria-current="true"]').count()).toBe(1);
}

/** RGBA of the small picture. */
const observationOf = (): Promise<number[]> =>
  page.getByTestId('observation').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    return [...(canvas.getContext('2d')?.getImageData(0, 0, 64, 64).data ?? [])];
  });

/** Plays a video file in the browser: what it is, and whether its picture changes. */
async function played(file: string): Promise<{ width: number; seconds: number; moves: boolean }> {
  const type = file.endsWith('mp4') ? 'video/mp4' : 'video/webm';
  const html = `<video muted src="data:${type};base64,${(await readFile(file)).toString('base64')}"></video>`;
  await writeFile(`${file}.html`, html);
  await page?.close();
  page = await browser.newPage();
  await page.goto(pathToFileURL(`${file}.html`).href);
  return page.locator('video').evaluate(async (element) => {
    const video = element as HTMLVideoElement;
    if (video.readyState < 2) {
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = () => reject(new Error(video.error?.message));
      });
    }
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext('2d');
    const look = async (time: number): Promise<string> => {
      await new Promise((resolve) => {
        video.onseeked = resolve;
        video.currentTime = time;
      });
      context?.drawImage(video, 0, 0);
      return canvas.toDataURL();
    };
    const [first, later] = [await look(0.01), await look(video.duration - 0.1)];
    return { width: video.videoWidth, seconds: video.duration, moves: first !== later };
  });
}

describeInBrowser('what is taken away', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-share-'));
    policy = join(await policyFolder('random'), 'random', 'policy.safetensors');
    [served, browser] = await Promise.all([serve(policy), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
    if (policy) await rm(join(policy, '..', '..'), { recursive: true, force: true });
  });
  afterEach(() =>
    page
      ?.context()
      .close()
      .catch(() => undefined),
  );

  it('from the page as one HTML file plays from the disk without a network, with the same pixels', async () => {
    await openFilm('');
    const file = await saveFilm(/Page \(HTML\)/, 10, 20, 'page.html');
    await page
      .getByTestId('notice')
      .filter({ hasText: /is saved: Page \(HTML\)/ })
      .waitFor();
    await page.getByTestId('step').fill('10');
    await page.getByTestId('step').press('Enter');
    await untilDrawn(page, 10);
    await untilOverlay(page, true);
    const seen = (await observationPixels(page)).data;
    await page.context().close();
    const { faults } = await openOffline(file);
    await expect.poll(async () => Number(await page.locator('[data-drawn]').getAttribute('data-drawn'))).toBe(0);
    // 16 bits a number of the map are kept.
    const offline = (await observationOf()).filter((_, i) => i % 4 !== 3);
    expect(largestDifference(offline, seen)).toBeLessThanOrEqual(2);
    await expectToPlay(10, 20);
    expect(faults).toEqual([]);
  });

  it('from the command line as one HTML file does the same', async () => {
    const flags = ['--policy', policy, '--level', '3', '--from', '4', '--to', '12', '--method', 'saliency'];
    const { code, stderr } = await saccade(
      'export',
      '--format',
      'html',
      ...flags,
      '--layer',
      'input',
      '--out',
      at('c.html'),
    );
    expect(code, stderr).toBe(0);
    const { faults } = await openOffline(at('c.html'));
    await expectToPlay(4, 12);
    expect(faults).toEqual([]);
  });

  it('from the page as GIF and as video is a film of the chosen steps, and the page looks where it looked', async () => {
    await openFilm('');
    const gif = readGif(await readFile(await saveFilm(/^GIF/, 5, 12, 'film.gif')));
    expect(gif).toMatchObject({ width: 256, loops: true });
    expect(gif.delays).toHaveLength(8);
    await untilDrawn(page, 30);
    await page.close();
    for (const [title, name] of [
      [/WebM/, 'film.webm'],
      [/MP4/, 'film.mp4'],
    ] as const) {
      await openFilm('');
      const { width, seconds, moves } = await played(await saveFilm(title, 5, 12, name));
      expect(width).toBe(256);
      expect(seconds).toBeGreaterThan(8 / 15);
      expect(moves).toBe(true);
    }
  });

  it('is asked for on a sheet that shows all of its words', async () => {
    await openFilm('');
    const sheet = page.getByRole('dialog', { name: 'Save a film' });
    for (const size of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size);
      await expect.poll(() => sheet.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    }
  });

  it('is given up when that is wanted, and nothing is saved', async () => {
    await openFilm('&option.smoothPools=true');
    let saved = 0;
    page.on('download', () => saved++);
    await page.getByTestId('film-from').fill('0');
    await page.getByTestId('film-save').click();
    await page.getByTestId('film-cancel').click();
    await page.getByTestId('film-save').and(page.locator(':enabled')).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await untilDrawn(page, 30);
    expect(saved).toBe(0);
    // And a wish that cannot be met is named.
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: /A film, or a page of its own/ }).click();
    await page.getByTestId('film-to').fill('999999');
    await page.getByText(/Steps 0 to \d+ are held\./).waitFor();
    expect(await page.getByTestId('film-save').isDisabled()).toBe(true);
  });

  it('from the command line as video is encoded by the browser that is there', async () => {
    const flags = ['--policy', policy, '--level', '3', '--to', '6', '--method', 'none', '--scale', '2'];
    const { code, stdout, stderr } = await saccade('export', '--format', 'webm', ...flags, '--out', at('c.webm'));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/wrote .*c\.webm \(WebM \(VP\d\), \d+ bytes\)/);
    expect(await played(at('c.webm'))).toMatchObject({ width: 128, moves: true });
  });
});
