/** The static demo in a real Chromium: a folder on a plain server of files, somewhere below its root. */
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildDemo } from '../../scripts/demo.ts';
import { describeInBrowser, launchBrowser, PATIENCE } from '../support/browser.ts';
import { serveFolder } from '../support/staticServer.ts';
import type { StaticServer } from '../support/staticServer.ts';
import { besideAgent, editsOf, mappingOf, valueOf } from './editing.ts';
import { coloursIn, largestDifference, observationPixels, screenPixels, untilDrawn, untilOverlay } from './page.ts';

let folder = '';
let policies: readonly string[] = [];
let server: StaticServer;
let browser: Browser;
let page: Page;
let faults: string[] = [];
let asked: string[] = [];

async function open(query = '', browsing = browser): Promise<void> {
  page = await browsing.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  faults = [];
  asked = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${server.address}${query}`);
}

/** With other flags of Chromium's. */
async function openElsewhere(...flags: string[]): Promise<Browser> {
  const other = await launchBrowser(...flags);
  await open('', other);
  return other;
}

const overlaid = () => untilOverlay(page, true);

describeInBrowser('the static demo', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-demo-'));
    policies = await buildDemo(join(folder, 'demo'));
    server = await serveFolder(join(folder, 'demo'), '/some/where/');
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => page?.close());

  it('plays, explains, scrubs back and changes method, level and world, with nothing but files beside the page', async () => {
    await open();
    await overlaid();
    const first = await untilDrawn(page, (step) => step >= 1);
    await untilDrawn(page, (step) => step >= first + 5);
    await expect.poll(() => page.getByText(/ONNX Runtime .*wasm/).count()).toBe(1);
    await page.getByTestId('play').click();
    await page.getByText('Paused', { exact: true }).waitFor();

    // Back, and what is seen there is what was seen there.
    await page.keyboard.press('Home');
    await untilDrawn(page, 0);
    await untilOverlay(page, true);
    const start = await observationPixels(page);
    expect(coloursIn(start)).toBeGreaterThan(10);
    await page.keyboard.press('ArrowRight');
    await untilDrawn(page, 1);
    await page.keyboard.press('ArrowLeft');
    await untilDrawn(page, 0);
    await untilOverlay(page, true);
    expect(largestDifference((await observationPixels(page)).data, start.data)).toBe(0);

    // Another method paints another map over the same instant.
    await page.getByTestId('method').first().selectOption('gradCam');
    await expect
      .poll(async () => largestDifference((await observationPixels(page)).data, start.data), { timeout: PATIENCE })
      .toBeGreaterThan(20);
    // Factors, by the dictionary that came with the policy.
    await page.getByTestId('method').first().selectOption('factors');
    await page.getByText('a colour a factor').first().waitFor();
    await untilOverlay(page, true);
    expect(await page.getByTestId('notice').count()).toBe(0);

    // Another level.
    await page.getByTestId('jump-live').click();
    const seed = page.getByTestId('level-seed');
    await seed.fill('12');
    await seed.press('Enter');
    await expect.poll(() => page.getByTestId('level').textContent(), { timeout: PATIENCE }).toBe('12');

    // Whoever takes over steers.
    await page.getByRole('button', { name: 'Take over' }).click();
    await page.getByRole('button', { name: 'Hand back' }).click();

    expect(faults).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(server.address) && !url.startsWith('blob:'))).toEqual([]);
    expect(server.requests.filter(({ status }) => status !== 200)).toEqual([]);
    expect(server.requests.filter(({ path }) => path.endsWith('.wasm'))).toHaveLength(1);
  });

  it('opens the instant that a link names, at rest', async () => {
    await open('?level=3&at=12&method=saliency&layer=2b&target=value');
    await page.locator('.world[data-drawn="12"]').waitFor();
    await overlaid();
    const world = await screenPixels(page.getByTestId('world'));
    expect(coloursIn(world)).toBeGreaterThan(50);
    expect(await page.getByTestId('level').textContent()).toBe('3');
    expect(faults).toEqual([]);
  });

  it('answers “what if”: a saw put down and dragged away again, a factor turned down, failures measured', async () => {
    await open('?level=3&at=12');
    await page.locator('.world[data-drawn="12"]').waitFor();
    await page.keyboard.press('e');
    await page.getByTestId('edit-layer').waitFor();
    const [spot, at] = await Promise.all([besideAgent(page), mappingOf(page)]);
    await page.getByTestId('tool-saw').click();
    const put = at(spot.x, spot.y);
    await page.mouse.click(put.x, put.y);
    await editsOf(page, 1).waitFor();
    const patient = { timeout: PATIENCE };
    await expect.poll(() => valueOf(page), patient).toMatch(/^\S+ → \S+\s+\([+−]?\S+\)$/);
    const near = await valueOf(page);
    // Out of sight: the policy expects what it expected before there was one.
    const away = at(spot.x + 9, spot.y);
    await page.mouse.move(put.x, put.y);
    await page.mouse.down();
    await page.mouse.move(away.x, away.y, { steps: 4 });
    await page.mouse.up();
    await editsOf(page, 2).waitFor();
    await expect.poll(() => valueOf(page), patient).not.toBe(near);
    await expect.poll(() => valueOf(page), patient).toMatch(/^(\S+) → \1\s/);
    await page.getByTestId('edit-close').click();
    await page.getByTestId('edit-layer').waitFor({ state: 'detached' });

    await page.getByTestId('turn-down').click();
    await page.getByTestId('turn-0').focus();
    await page.keyboard.press('End');
    await page.locator('[data-testid="what-if"][data-turns="1"]').waitFor();
    await expect.poll(() => valueOf(page), patient).toMatch(/→/);
    await page.getByTestId('measure-levels').selectOption('20');
    await page.getByTestId('measure').click();
    await page.locator('[data-testid="measured"]:not([data-played="0"])').waitFor();

    // What needs a server is said, not asked for.
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByTestId('no-server').waitFor();
    expect(faults).toEqual([]);
    expect(server.requests.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('carries every policy of models/ with its card', async () => {
    const list = JSON.parse(await readFile(join(folder, 'demo', 'policies', 'index.json'), 'utf8')) as {
      name: string;
      file: string;
      bytes: number;
    }[];
    expect(list.map(({ name }) => name)).toEqual(policies);
    for (const { name, file, bytes } of list) {
      expect((await readFile(join(folder, 'demo', 'policies', file))).length).toBe(bytes);
      await readFile(join(folder, 'demo', 'policies', name, 'card.json'));
    }
    await open();
    await overlaid();
    expect(await page.getByLabel('Policy').locator('option').allTextContents()).toHaveLength(policies.length);
  });

  it('loads less than 1 MB of script, compressed, before its first frame', async () => {
    await open();
    await page.locator('.world[data-drawn]:not([data-drawn="-1"])').waitFor();
    const scripts = [...new Set(server.requests.map(({ path }) => path).filter((path) => path.endsWith('.js')))];
    const sizes = await Promise.all(
      scripts.map(async (path) => {
        return gzipSync(await readFile(join(folder, 'demo', path.slice('/some/where/'.length)))).length;
      }),
    );
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1e6);
  });

  it('says so where there is no WebAssembly', async () => {
    const other = await openElsewhere('--js-flags=--jitless');
    try {
      await page.getByText('The agent cannot run here').waitFor();
      await page.getByText('This browser has no WebAssembly, which the agent computes with.').waitFor();
      expect(faults).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('says so where there is no WebGL, and still plays', async () => {
    const other = await openElsewhere('--disable-3d-apis');
    try {
      await page.getByText('The world cannot be drawn').waitFor();
      await page.getByText(/offers no WebGL/).waitFor();
      await expect
        .poll(async () => coloursIn(await observationPixels(page)), { timeout: PATIENCE })
        .toBeGreaterThan(10);
    } finally {
      await other.close();
    }
  });

  it('says which file is missing', async () => {
    const assets = join(folder, 'demo', 'assets');
    const wasm = (await readdir(assets)).find((name) => name.endsWith('.wasm')) ?? '';
    await rename(join(assets, wasm), join(folder, wasm));
    try {
      await open();
      await page.getByText('The agent cannot run here').waitFor();
      await page.getByText(`${wasm}: expected the file, got status 404`).waitFor();
    } finally {
      await rename(join(folder, wasm), join(assets, wasm));
    }
  });
});
