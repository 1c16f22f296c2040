/** The page in a real Chromium: it streams, its colours are those of the command line, and the past stays what it was. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { colourScale, flatten, paint, resizeMap } from '@saccade/attribution';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { saccade } from '../support/saccade.ts';
import { policyFolder } from '../sim/randomPolicy.ts';
import {
  clearStage,
  coloursIn,
  largestDifference,
  observationPixels,
  screenPixels,
  serve,
  untilDrawn,
  untilOverlay,
} from './page.ts';
import type { Pixels, Served } from './page.ts';

const METHODS = ['integratedGradients', 'saliency'] as const;
const LEVEL = 3;
const STEP = 12;

let folder = '';
let policy = '';
let served: Served;
let browser: Browser;
let page: Page;
let faults: string[] = [];

async function open(query = ''): Promise<Page> {
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(`${served.address}${query}`);
  return page;
}

/** Opens the instant that `attribute --level LEVEL --step STEP` explains, at rest. */
async function openInstant(method: string, more = ''): Promise<void> {
  await open(`?level=${LEVEL}&at=${STEP}&method=${method}&layer=2b&target=value${more}`);
  await untilDrawn(page, STEP);
  await untilOverlay(page, true);
  await clearStage(page);
}

interface Explained {
  readonly png: Pixels;
  readonly map: Float32Array;
  readonly report: { readonly shape: number[]; readonly scale: number; readonly signed: boolean };
}

/** What the command line computes for that instant. */
async function explain(method: string): Promise<Explained> {
  const out = join(folder, method);
  const flags = ['--policy', policy, '--level', String(LEVEL), '--step', String(STEP), '--method', method];
  const { code, stderr } = await saccade('attribute', ...flags, '--scale', '1', '--out', out);
  expect(code, stderr).toBe(0);
  const { width, height, data } = decode(await readFile(join(out, 'overlay.png')));
  const npy = await readFile(join(out, 'map.npy'));
  const start = 10 + npy.readUInt16LE(8);
  return {
    png: { width, height, data: new Uint8Array(data) },
    map: new Float32Array(npy.buffer.slice(npy.byteOffset + start, npy.byteOffset + npy.length)),
    report: JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Explained['report'],
  };
}

describeInBrowser('the live page', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-browser-'));
    policy = join(await policyFolder('random'), 'random', 'policy.safetensors');
    [served, browser] = await Promise.all([serve(policy), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
    if (policy) await rm(join(policy, '..', '..'), { recursive: true, force: true });
  });
  afterEach(() => page?.close());

  it('streams frames: step after step, drawn large and as the agent sees it, never blank', async () => {
    await open();
    await untilDrawn(page, (step) => step >= 1);
    await clearStage(page);
    const world = await screenPixels(page.getByTestId('world'));
    const seen = await observationPixels(page);
    expect(coloursIn(world)).toBeGreaterThan(50);
    expect(coloursIn(seen)).toBeGreaterThan(10);
    await untilDrawn(page, (step) => step >= seen.step + 5);
    expect(largestDifference((await observationPixels(page)).data, seen.data)).toBeGreaterThan(20);
    expect(largestDifference((await screenPixels(page.getByTestId('world'))).data, world.data)).toBeGreaterThan(20);
    expect(await page.getByTestId('live').textContent()).toContain('Live');
    expect(faults).toEqual([]);
  });

  it('would be noticed if its canvases were blank', async () => {
    // At rest and with its map: nothing will be painted over what is emptied here.
    await openInstant('saliency');
    await page.getByTestId('world').evaluate((canvas) => (canvas.style.opacity = '0'));
    expect(coloursIn(await screenPixels(page.getByTestId('world')))).toBeLessThan(3);
    // Giving a canvas its size again empties it.
    await page.getByTestId('observation').evaluate((canvas) => ((canvas as HTMLCanvasElement).width = 64));
    expect(coloursIn(await observationPixels(page))).toBe(1);
  });

  it('paints the overlay that `saccade attribute` paints, for two methods whose maps differ', async () => {
    const shown: Uint8Array[] = [];
    for (const method of METHODS) {
      const { png } = await explain(method);
      await openInstant(method);
      const seen = await observationPixels(page);
      expect(seen.step).toBe(STEP);
      expect(largestDifference(seen.data, png.data)).toBeLessThanOrEqual(2);
      shown.push(seen.data);
      await page.close();
    }
    expect(largestDifference(shown[0], shown[1])).toBeGreaterThan(20);
  });

  it('lays the same colours on the world, each on the cells that it is about', async () => {
    for (const method of METHODS) {
      const { map, report } = await explain(method);
      await openInstant(method, '&blend=0&opacity=80');
      const box = await page.locator('.stage .tag').evaluate((element) => {
        const { left, top, size } = (element as HTMLElement).dataset;
        return { left: Number(left), top: Number(top), size: Number(size) };
      });
      const over = await screenPixels(page.getByTestId('world'));
      await page.keyboard.press('o');
      await untilOverlay(page, false);
      const bare = await screenPixels(page.getByTestId('world'));
      expect(largestDifference(over.data, bare.data)).toBeGreaterThan(20);

      const flat = flatten(map, report.shape, report.signed);
      const colours = paint(
        resizeMap(flat, { height: 64, width: 64 }, false),
        colourScale(flat, { limit: report.scale }),
        { opacity: 0.8 },
      );
      const worst = { difference: 0, x: 0, y: 0 };
      for (let y = 0; y < 64; y++) {
        for (let x = 0; x < 64; x++) {
          // The middle of the pixel of the observation, on the screen.
          const column = Math.floor(box.left + ((x + 0.5) * box.size) / 64);
          const row = Math.floor(box.top + ((y + 0.5) * box.size) / 64);
          const alpha = colours.data[(y * 64 + x) * 4 + 3] / 255;
          for (let c = 0; c < 3; c++) {
            const under = bare.data[(row * bare.width + column) * 3 + c];
            const expected = under * (1 - alpha) + colours.data[(y * 64 + x) * 4 + c] * alpha;
            const difference = Math.abs(over.data[(row * over.width + column) * 3 + c] - expected);
            if (difference > worst.difference) Object.assign(worst, { difference, x, y });
          }
        }
      }
      expect(worst.difference, `at (${worst.x}, ${worst.y})`).toBeLessThanOrEqual(2);
      await page.close();
    }
  });

  it('scrubs back to exactly the frame that was shown then', async () => {
    await open(`?level=${LEVEL}&at=${STEP}`);
    await untilDrawn(page, STEP);
    const remembered: { seen: Uint8Array; world: Uint8Array }[] = [];
    for (let step = STEP; step < STEP + 4; step++) {
      await untilDrawn(page, step);
      await untilOverlay(page, true);
      remembered.push({
        seen: (await observationPixels(page)).data,
        world: (await screenPixels(page.getByTestId('world'))).data,
      });
      await page.keyboard.press('ArrowRight');
    }
    await untilDrawn(page, STEP + 4);
    for (const step of [STEP + 2, STEP, STEP + 3, STEP + 1]) {
      await page.getByTestId('step').fill(String(step));
      await page.getByTestId('step').press('Enter');
      await untilDrawn(page, step);
      await untilOverlay(page, true);
      const { seen, world } = remembered[step - STEP];
      expect(largestDifference((await observationPixels(page)).data, seen)).toBe(0);
      expect(largestDifference((await screenPixels(page.getByTestId('world'))).data, world)).toBe(0);
    }
    await page.getByTestId('jump-live').click();
    await untilDrawn(page, STEP + 4);
    expect(faults).toEqual([]);
  });
});
