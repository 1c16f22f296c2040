/** The page as a person meets it: a server that the real command started, and what can be read off the screen. */
import { decode } from 'fast-png';
import type { Locator, Page } from 'playwright-core';
import { PATIENCE } from '../support/browser.ts';
import { startSaccade } from '../support/saccade.ts';

export interface Served {
  /** Id of the server's process. */
  readonly process: number;
  readonly port: number;
  readonly address: string;
  stop(): Promise<void>;
}

/** `saccade view`, once it says that it is ready. @param policy the first of models/ unless given @param port a free one @param more flags */
export async function serve(policy?: string, port = 0, more: readonly string[] = []): Promise<Served> {
  const which = policy === undefined ? [] : ['--policy', policy];
  const running = startSaccade('view', ...which, ...more, '--port', String(port));
  let stopping = false;
  void running.finished.then(({ code, signal, stderr }) => {
    // Said where it happens: the tests that follow only find nobody there.
    if (!stopping) console.error(`the server ended by itself, code ${code}, signal ${signal}:\n${stderr.slice(-4000)}`);
  });
  const taken = Number(await running.said(/Saccade is at http:\/\/127\.0\.0\.1:(\d+)\//));
  return {
    process: running.process,
    port: taken,
    address: `http://127.0.0.1:${taken}/`,
    async stop() {
      stopping = true;
      running.kill('SIGINT');
      await running.finished;
    },
  };
}

/** RGB bytes, [height, width, 3]. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function withoutAlpha(width: number, height: number, rgba: ArrayLike<number>, channels: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) for (let c = 0; c < 3; c++) data[p * 3 + c] = rgba[p * channels + c];
  return { width, height, data };
}

/** What an element looks like on the screen. */
export async function screenPixels(locator: Locator): Promise<Pixels> {
  const { width, height, data, channels } = decode(await locator.screenshot({ animations: 'disabled' }));
  return withoutAlpha(width, height, data, channels);
}

/** The 64x64 frame with its overlay, one pixel to a pixel of the observation, and the step that it shows: once it shows one. */
export async function observationPixels(page: Page): Promise<Pixels & { readonly step: number }> {
  const read = await page.locator('[data-testid="observation"][data-step]').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const image = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, data: [...(image?.data ?? [])], step: canvas.dataset.step };
  });
  return { ...withoutAlpha(read.width, read.height, read.data, 4), step: Number(read.step) };
}

/** How many different colours there are: a blank canvas has one. */
export function coloursIn({ data }: Pixels): number {
  const seen = new Set<number>();
  for (let at = 0; at < data.length; at += 3) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  return seen.size;
}

/** The largest difference of any byte. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** The global step on the stage, as last drawn. */
export async function drawnStep(page: Page): Promise<number> {
  return Number(await page.locator('.world[data-drawn]').getAttribute('data-drawn'));
}

/** Waits until the stage shows this global step, or one that `accept`s. */
export async function untilDrawn(page: Page, accept: number | ((step: number) => boolean)): Promise<number> {
  const fits = typeof accept === 'number' ? (step: number): boolean => step === accept : accept;
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const shown = page.locator('.world[data-drawn]');
    const step = (await shown.count()) > 0 ? await drawnStep(page) : -1;
    if (step >= 0 && fits(step)) return step;
    if (Date.now() > deadline)
      throw new Error(`waited ${PATIENCE / 1000} s for a step to be drawn, the last was ${step}`);
    await page.waitForTimeout(50);
  }
}

/** Waits until the stage has drawn an overlay that no better one will replace, or has drawn without one. */
export async function untilOverlay(page: Page, there: boolean): Promise<void> {
  const finished = '.world[data-overlay]:not([data-overlay=""])[data-draft=""]';
  await page.locator(there ? finished : '.world[data-overlay=""]').waitFor();
}

/**
 * Every step that the stage draws from now on, in order, those that pass by between two looks too.
 * @returns what has been drawn so far, the step that was shown already first
 */
export async function watchDrawn(page: Page): Promise<() => Promise<number[]>> {
  const watched = await page.locator('.world[data-drawn]').evaluateHandle((world) => {
    const drawn = (): number => Number((world as HTMLElement).dataset.drawn);
    const steps = [drawn()];
    new MutationObserver(() => {
      if (drawn() !== steps.at(-1)) steps.push(drawn());
    }).observe(world, { attributeFilter: ['data-drawn'] });
    return steps;
  });
  return () => watched.jsonValue();
}

/** Hides what floats over the world, so that a picture of it shows the canvas and nothing else. */
export async function clearStage(page: Page): Promise<void> {
  await page.locator('.stage .tag, .stage .facts, .stage .tools').evaluateAll((elements) => {
    for (const element of elements) (element as HTMLElement).style.visibility = 'hidden';
  });
}
