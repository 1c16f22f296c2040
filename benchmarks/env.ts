/**
 * Suite `env`: how fast the world steps, renders, masks and resets. C++ procgen does 17-20 thousand hard steps a second
 * on one core of such a machine.
 */
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { createCoinRun, createOutcome, createVectorBuffers, createVectorEnvironment, renderView } from '@saccade/envs';
import type { CoinRunEnvironment, Difficulty } from '@saccade/envs';
import { measureAlongside, startStepper } from './env-stepper.ts';
import { measure, medianOf } from './measure.ts';
import type { Report } from './report.ts';

const ENVIRONMENTS = 64;
const PROCGEN = 'C++ procgen, elsewhere: 17,000-20,000';

export async function envSuite(report: Report): Promise<void> {
  for (const difficulty of ['hard', 'easy'] as const) {
    const step = startStepper(difficulty);
    const { median, spread } = await measure(
      () => step(400),
      (seconds) => (ENVIRONMENTS * 400) / seconds,
    );
    const note = difficulty === 'hard' ? PROCGEN : undefined;
    report.row({ name: `coinrun-${difficulty}/1-core`, value: median, unit: 'steps/s', spread, note });
  }
  await reportParts(report);
  await reportTwoThreads(report);
}

/** Where a step's time goes, and what is not a step. */
async function reportParts(report: Report): Promise<void> {
  const environment = createCoinRun({ difficulty: 'hard' });
  const observation = new Uint8Array(64 * 64 * 3);
  const classes = new Uint8Array(64 * 64);
  const ids = new Uint16Array(64 * 64);
  const scenes = visitScenes(environment);
  const perCall = async (name: string, calls: number, call: (index: number) => void): Promise<number> => {
    const { median, spread } = await measure(
      () => {
        for (let i = 0; i < calls; i++) call(i);
      },
      (seconds) => (seconds / calls) * 1e6,
    );
    report.row({ name: `coinrun-hard/${name}`, value: median, unit: 'us', spread });
    return median;
  };
  await perCall('reset', 1000, (i) => environment.begin(i));
  const outcome = createOutcome();
  environment.begin(2);
  await perCall('dynamics', 20_000, (i) => {
    environment.stepInto(outcome, i % 7 === 0 ? 4 : i % 5);
    if (outcome.cause >= 0) environment.begin(2);
  });
  const frame = await measureScenes(environment, scenes, () => environment.observeInto(observation, 0));
  const masks = await measureScenes(environment, scenes, () => environment.masksInto(classes, ids, 0));
  report.row({ name: 'coinrun-hard/observation', value: frame.median, unit: 'us', spread: frame.spread });
  report.row({
    name: 'coinrun-hard/masks',
    value: masks.median,
    unit: 'us',
    spread: masks.spread,
    peer: 'an observation',
    peerValue: frame.median,
    ratio: frame.median / masks.median,
  });
  const view = { width: 512, height: 512, cellsAcross: 12.8 };
  const large = await measureScenes(environment, scenes, () => {
    const { x, y } = environment.scene.agent;
    renderView(environment.scene, { ...view, centreX: x, centreY: y });
  });
  report.row({
    name: 'coinrun-hard/view-512',
    value: 1e6 / large.median,
    unit: 'frames/s',
    spread: [1e6 / large.spread[1], 1e6 / large.spread[0]],
  });

  const creation = await measure(
    () => void createMany(ENVIRONMENTS),
    (seconds) => seconds * 1000,
  );
  report.row({ name: 'coinrun-hard/create-64', value: creation.median, unit: 'ms', spread: creation.spread });
  const sizes = [1, 2, 3, 4, 5].map(() => kilobytesEach(10 * ENVIRONMENTS));
  const size = medianOf(sizes);
  report.row({ name: 'coinrun-hard/memory-each', value: size.median, unit: 'kB', spread: size.spread });
}

/** States a few steps into forty levels, so that many themes and sights are timed. */
function visitScenes(environment: CoinRunEnvironment): unknown[] {
  return Array.from({ length: 40 }, (_, seed) => {
    environment.begin(seed);
    const outcome = createOutcome();
    for (let step = 0; step < 12 && outcome.cause < 0; step++) environment.stepInto(outcome, step % 5 === 0 ? 4 : 1);
    return environment.getState();
  });
}

/** Microseconds of `call` on each of `scenes`, without the time it takes to get there. */
async function measureScenes(environment: CoinRunEnvironment, scenes: readonly unknown[], call: () => void) {
  const run = (): number => {
    let total = 0;
    for (const scene of scenes) {
      environment.setState(scene);
      const start = performance.now();
      for (let i = 0; i < 25; i++) call();
      total += performance.now() - start;
    }
    return (total * 1000) / (scenes.length * 25);
  };
  run();
  return medianOf([run(), run(), run(), run(), run()]);
}

function createMany(count: number) {
  const make = (): CoinRunEnvironment => createCoinRun({ difficulty: 'hard' });
  const vector = createVectorEnvironment(make, { count, levels: { kind: 'all' }, seed: 0 });
  return { vector, buffers: createVectorBuffers(vector) };
}

/** Kilobytes an environment with its buffers, resident in the heap and in typed arrays. */
function kilobytesEach(count: number): number {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const kept = createMany(count);
  kept.vector.resetInto(kept.buffers);
  return (used() - before) / kept.vector.count / 1000;
}

/** Two worker threads against two processes that share nothing, in turn, three times each. */
async function reportTwoThreads(report: Report): Promise<void> {
  const difficulty: Difficulty = 'hard';
  const threads: number[] = [];
  const processes: number[] = [];
  for (let i = 0; i < 5; i++) {
    processes.push(await measureAlongside('process', difficulty));
    threads.push(await measureAlongside('thread', difficulty));
  }
  const { median, spread } = medianOf(threads);
  const peerValue = medianOf(processes).median;
  report.row({
    name: 'coinrun-hard/2-threads',
    value: median,
    unit: 'steps/s',
    spread,
    peer: 'two processes',
    peerValue,
    ratio: median / peerValue,
  });
}
