/**
 * Live play with attribution for a while, and what it costs in memory: `npm run soak [-- minutes] [-- policy]`. Ten
 * minutes unless told otherwise, after a warm-up in which everything that is kept on purpose fills to its limit: a
 * thousand instants and their frames, two thousand maps, the art. Prints a line every half minute, then the slopes of
 * the second half: flat is below one megabyte a minute of the page's, and below two and a half of the server's, whose
 * memory is what the system gave it. Exit code 1 where it is not.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { drawnStep, serve, untilDrawn, untilOverlay } from './page.ts';

const [minutes = '10', policy] = process.argv.slice(2);
const length = Number(minutes) * 60_000;
const period = Math.min(30_000, length / 10);
/** Frames with a map until everything that is kept has its full size, and how long they may take. */
const WARM_UP = { frames: 2200, milliseconds: 6 * 60_000 };
const FLAT = { page: 1, server: 2.5 };

interface Sample {
  /** Minutes since the beginning. */
  readonly at: number;
  /** Megabytes. */
  readonly page: number;
  readonly server: number;
  readonly step: number;
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize = 0 } = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return (usedSize + backingStorageSize) / 2 ** 20;
}

/** Resident memory of a process, megabytes. */
function residentOf(process: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

/** Slope of the straight line through the samples, megabytes a minute. */
function slopeOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ at }) => at)), mean(samples.map(of))];
  const along = samples.reduce((sum, sample) => sum + (sample.at - x) ** 2, 0);
  return along === 0 ? 0 : samples.reduce((sum, sample) => sum + (sample.at - x) * (of(sample) - y), 0) / along;
}

/** Plays as fast as frames come, then at the usual pace. */
async function warmUp(page: Page): Promise<void> {
  const speed = page.getByLabel('Speed');
  const usual = await speed.inputValue();
  await speed.selectOption('60');
  const frames = await page.evaluate(
    ({ frames: enough, milliseconds }) =>
      new Promise<number>((resolve) => {
        let drawn = 0;
        const done = (): void => {
          clearTimeout(timer);
          observer.disconnect();
          resolve(drawn);
        };
        const timer = setTimeout(done, milliseconds);
        const observer = new MutationObserver(() => {
          if (++drawn >= enough) done();
        });
        const stage = document.querySelector('.world');
        if (stage) observer.observe(stage, { attributes: true, attributeFilter: ['data-drawn'] });
      }),
    WARM_UP,
  );
  await speed.selectOption(usual);
  console.log(`warmed up by ${frames} frames`);
}

const served = await serve(policy);
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  // The loader that runs this file names functions, in the page too.
  await page.addInitScript('globalThis.__name ??= (named) => named');
  await page.goto(`${served.address}?method=integratedGradients&layer=2b&target=value`);
  await untilDrawn(page, (step) => step > 2);
  await untilOverlay(page, true);
  await warmUp(page);
  const session = await page.context().newCDPSession(page);
  const began = performance.now();
  const samples: Sample[] = [];
  console.log('minutes  page MB  server MB  step');
  while (performance.now() - began < length) {
    await later(period);
    const at = (performance.now() - began) / 60_000;
    const sample = {
      at,
      page: await heapOf(session),
      server: residentOf(served.process),
      step: await drawnStep(page),
    };
    samples.push(sample);
    const { page: heap, server, step } = sample;
    console.log(
      `${at.toFixed(1).padStart(7)}  ${heap.toFixed(1).padStart(7)}  ${server.toFixed(0).padStart(9)}  ${step}`,
    );
  }
  const second = samples.slice(Math.floor(samples.length / 2));
  const slopes = { page: slopeOf(second, (one) => one.page), server: slopeOf(second, (one) => one.server) };
  const played = samples[samples.length - 1].step - samples[0].step;
  console.log(
    `second half: page ${slopes.page.toFixed(2)} MB a minute, server ${slopes.server.toFixed(2)} MB a minute`,
  );
  console.log(`steps drawn between the first line and the last: ${played}`);
  if (played <= 0 || slopes.page > FLAT.page || slopes.server > FLAT.server) process.exitCode = 1;
} finally {
  await browser.close();
  await served.stop();
}
