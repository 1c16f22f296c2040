/**
 * Suite `viewer`: how soon the page is there, how smoothly it plays, how fast it answers, in a real Chromium against
 * the server that the command starts, everything on this machine. Peers are the bars that the project sets itself.
 */
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { drawnStep, serve, untilDrawn, untilOverlay } from '../tests/browser/page.ts';
import { launchBrowser } from '../tests/support/browser.ts';
import { medianOf } from './measure.ts';
import type { Measurement } from './measure.ts';
import type { Report } from './report.ts';

const RUNS = 5;
/** Seeks and steps a run. */
const TRIES = 15;
/** Steps that are there to be played back and sought. */
const STEPS = 90;
const lens = 'method=integratedGradients&layer=2b&target=value';

interface Bar {
  readonly bar: number;
  /** Is more better? */
  readonly atLeast?: boolean;
}

function row(
  report: Report,
  name: string,
  unit: string,
  { median, spread }: Measurement,
  bar: Bar,
  note: string,
): void {
  const ratio = bar.atLeast ? median / bar.bar : bar.bar / median;
  report.row({
    name,
    value: median,
    unit,
    spread,
    peer: bar.atLeast ? 'at least' : 'at most',
    peerValue: bar.bar,
    ratio,
    note,
  });
}

async function repeated(run: () => Promise<number>): Promise<Measurement> {
  await run();
  const values: number[] = [];
  for (let i = 0; i < RUNS; i++) values.push(await run());
  return medianOf(values);
}

/** Milliseconds from asking for the page to a drawn frame and controls that obey; kilobytes of script until then. */
async function openFresh(
  browser: Browser,
  address: string,
): Promise<{ milliseconds: number; scriptKilobytes: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const scripts: Promise<number>[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() !== 'script') return;
      scripts.push(
        response.body().then(
          (body) => gzipSync(body).length,
          () => 0,
        ),
      );
    });
    await page.goto(`${address}?level=10&${lens}`);
    const ready = await page.waitForFunction(
      () => {
        const drawn = document.querySelector('[data-drawn]')?.getAttribute('data-drawn');
        const play = document.querySelector<HTMLButtonElement>('[data-testid="play"]');
        return drawn !== null && drawn !== undefined && play?.disabled === false && performance.now();
      },
      undefined,
      { polling: 'raf' },
    );
    const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
    return { milliseconds: Number(await ready.jsonValue()), scriptKilobytes: bytes / 1000 };
  } finally {
    await context.close();
  }
}

/** Milliseconds from `act` in the page until the stage has drawn `step` with its map. */
function untilPixels(
  page: Page,
  step: number,
  act: { readonly key: string } | { readonly seek: number },
): Promise<number> {
  return page.evaluate(
    ({ wanted, what }) =>
      new Promise<number>((resolve) => {
        const stage = document.querySelector<HTMLElement>('[data-drawn]');
        const began = performance.now();
        const look = (): void => {
          if (stage?.dataset['drawn'] !== String(wanted) || !stage.dataset['overlay']) return;
          observer.disconnect();
          resolve(performance.now() - began);
        };
        const observer = new MutationObserver(look);
        if (stage) observer.observe(stage, { attributes: true });
        if ('key' in what) {
          window.dispatchEvent(new KeyboardEvent('keydown', { key: what.key, bubbles: true }));
        } else {
          const input = document.querySelector<HTMLInputElement>('[data-testid="step"]');
          if (input) input.value = String(what.seek);
          input?.dispatchEvent(new Event('change', { bubbles: true }));
        }
        look();
      }),
    { wanted: step, what: act },
  );
}

const median = (values: readonly number[]): number => medianOf(values).median;

/** Frames a second, from the first to the last of the held steps. */
async function playBack(page: Page): Promise<number> {
  await page.keyboard.press('Home');
  await untilDrawn(page, 0);
  const counted = page.evaluate(
    (last) =>
      new Promise<number>((resolve) => {
        const stage = document.querySelector<HTMLElement>('[data-drawn]');
        let frames = 0;
        let began = 0;
        const observer = new MutationObserver(() => {
          const step = Number(stage?.dataset['drawn']);
          if (step === 0) return;
          if (frames++ === 0) began = performance.now();
          if (step < last) return;
          observer.disconnect();
          resolve(((frames - 1) * 1000) / (performance.now() - began));
        });
        if (stage) observer.observe(stage, { attributes: true, attributeFilter: ['data-drawn'] });
      }),
    STEPS - 2,
  );
  await page.getByTestId('play').click();
  const rate = await counted;
  await page.keyboard.press('ArrowLeft');
  return rate;
}

export async function viewerSuite(report: Report): Promise<void> {
  const [served, browser] = await Promise.all([serve(), launchBrowser()]);
  try {
    const scripts: number[] = [];
    const opening = await repeated(async () => {
      const { milliseconds, scriptKilobytes } = await openFresh(browser, served.address);
      scripts.push(scriptKilobytes);
      return milliseconds;
    });
    row(
      report,
      'viewer/interactive',
      'ms',
      opening,
      { bar: 2000 },
      'from the address to a drawn frame, nothing cached',
    );
    row(report, 'viewer/script', 'kB', medianOf(scripts.slice(1)), { bar: 1000 }, 'gzipped, before the first frame');

    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    // The loader that runs this file names functions, in the page too.
    await page.addInitScript('globalThis.__name ??= (named) => named');
    await page.goto(`${served.address}?level=10&at=${STEPS - 1}&${lens}`);
    await untilDrawn(page, STEPS - 1);
    await untilOverlay(page, true);

    const live = await repeated(async () => {
      const times: number[] = [];
      for (let i = 0; i < TRIES; i++) {
        times.push(await untilPixels(page, (await drawnStep(page)) + 1, { key: 'ArrowRight' }));
      }
      return median(times);
    });
    row(
      report,
      'viewer/step-to-pixels',
      'ms',
      live,
      { bar: 100 },
      'a new step, explained by IG at 2b, from key to drawn',
    );

    const seeks = (): Promise<number> => {
      const order = Array.from({ length: TRIES }, (_, i) => (i * 37 + 11) % STEPS);
      return order
        .reduce<Promise<number[]>>(
          async (times, step) => [...(await times), await untilPixels(page, step, { seek: step })],
          Promise.resolve([]),
        )
        .then(median);
    };
    const unseen = await seeks();
    row(
      report,
      'viewer/seek-unseen',
      'ms',
      medianOf([unseen]),
      { bar: 50 },
      'to steps never shown: their maps are computed first',
    );
    row(
      report,
      'viewer/seek',
      'ms',
      await repeated(seeks),
      { bar: 50 },
      'to steps that were shown, from the box to drawn',
    );

    await page.getByLabel('Speed').selectOption('60');
    const rate = await repeated(() => playBack(page));
    row(
      report,
      'viewer/playback',
      'frames/s',
      rate,
      { bar: 30, atLeast: true },
      'with overlay, WebGL in software, at 60 steps a second',
    );
  } finally {
    await browser.close();
    await served.stop();
  }
}
