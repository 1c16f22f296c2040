/**
 * A method that takes long is shown before it is done: drafts that say that they are drafts, each further than the one
 * before, and in the end the very map that is computed without any.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { buildNetwork, encodePolicy, initialiseParameters } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { saccade } from '../support/saccade.ts';
import { randomPolicy } from '../sim/randomPolicy.ts';
import { largestDifference, observationPixels, serve, untilDrawn, untilOverlay } from './page.ts';
import type { Served } from './page.ts';

const LEVEL = 3;
const STEP = 12;

/** What the page showed at one moment. */
interface Seen {
  /** Global step. */
  readonly step: number;
  /** The share done that the stage carries: empty for none. */
  readonly share: string;
  /** What is said beside the legend; null where nothing is. */
  readonly label: string | null;
  /** RGBA bytes of the agent's view, its map on it. */
  readonly pixels: readonly number[];
}

let folder = '';
let policy = '';
let served: Served;
let browser: Browser;
let page: Page;

/** Untrained, and so large that a fast machine takes its time as well. */
function largePolicy(): Policy {
  const { network, ...rest } = randomPolicy();
  const large = buildNetwork('clear_cnn', network.observationShape, network.actions);
  return { ...rest, network: large, parameters: initialiseParameters(large, createStream(1, 'large policy')) };
}

/** Runs in the page, before it: notes every draft as it is drawn on the stage, however soon the next follows. */
function noteDrafts(): void {
  const seen: Seen[] = [];
  Object.assign(globalThis, { seen });
  const note = (): void => {
    const { draft: share = '', drawn } = document.querySelector<HTMLElement>('.world')?.dataset ?? {};
    if (share === '') return;
    const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="observation"]');
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    seen.push({
      step: Number(drawn),
      share,
      label: document.querySelector('[data-testid="draft"]')?.textContent ?? null,
      pixels: [...pixels],
    });
  };
  new MutationObserver(note).observe(document, { subtree: true, attributeFilter: ['data-draft'] });
}

const drafts = (): Promise<Seen[]> => page.evaluate(() => (globalThis as unknown as { seen: Seen[] }).seen);

/** @returns the same pixels without opacity */
function colours(rgba: readonly number[]): Uint8Array {
  return Uint8Array.from(rgba.filter((_, i) => i % 4 !== 3));
}

/** The largest difference from each picture to `picture`. */
const differences = (seen: readonly Seen[], picture: Uint8Array): number[] =>
  seen.map(({ pixels }) => largestDifference(colours(pixels), picture));

describeInBrowser('a slow method in the page', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-refine-'));
    policy = join(folder, 'policy.safetensors');
    await writeFile(policy, encodePolicy(largePolicy()));
    [served, browser] = await Promise.all([serve(policy), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(() => page?.close());

  // Seconds of work each, where a map that comes without drafts has a tenth of one.
  it.each([
    ['occlusion', { window: '3', stride: '1' }],
    ['smoothGrad', { samples: '400' }],
  ])('%s is drawn in drafts, called so, which end in the map of `saccade attribute`', async (method, options) => {
    const named = Object.entries(options);
    const out = join(folder, method);
    const { code, stderr } = await saccade(
      'attribute',
      ...['--policy', policy, '--level', String(LEVEL), '--step', String(STEP), '--method', method],
      ...['--layer', 'input', '--target', 'value', '--option', ...named.map(([name, value]) => `${name}=${value}`)],
      ...['--scale', '1', '--out', out],
    );
    expect(code, stderr).toBe(0);
    const alone = decode(await readFile(join(out, 'overlay.png')));

    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.addInitScript(noteDrafts);
    const query = named.map(([name, value]) => `&option.${name}=${value}`).join('');
    await page.goto(`${served.address}?level=${LEVEL}&at=${STEP}&method=${method}&layer=input&target=value${query}`);
    await untilDrawn(page, STEP);
    await untilOverlay(page, true);

    // Nothing is left of the drafts, and what they ended in is the map itself.
    const final = (await observationPixels(page)).data;
    expect(largestDifference(final, new Uint8Array(alone.data))).toBeLessThanOrEqual(2);
    expect(await page.getByTestId('draft').count()).toBe(0);
    expect(await page.getByTestId('overlay-time').textContent()).toMatch(/ms/);

    // Of the instant that was asked for: where the episode begins is shown on the way there.
    const seen = (await drafts()).filter(({ step }) => step === STEP);
    expect(seen.length).toBeGreaterThan(0);
    const shares = seen.map(({ share }) => Number(share));
    for (const share of shares) expect(share > 0 && share < 1, String(share)).toBe(true);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    for (const { label } of seen) expect(label).toMatch(/draft, \d+\s%/);

    // A draft is a map: neither the finished one nor the bare picture.
    await page.keyboard.press('o');
    await untilOverlay(page, false);
    const bare = (await observationPixels(page)).data;
    expect(Math.max(...differences(seen, bare))).toBeGreaterThan(20);
    expect(Math.max(...differences(seen, final))).toBeGreaterThan(2);
    expect(faults).toEqual([]);
  });
});
