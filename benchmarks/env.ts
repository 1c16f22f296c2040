/**
 * Suite `env`: how fast the world steps, renders, masks and resets. C++ procgen does 17-20 thousand hard steps a second
 * on one core of such a machine.
 */
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { createStream } from '@saccade/core';
import { createCoinRun, createOutcome, createVectorBuffers, createVectorEnvironment, renderView } from '@saccade/envs';
import type { CoinRunEnvironment, Difficulty } from '@saccade/envs';
import { measureAlongside, startStepper } from './env-stepper.ts';
import { measure, medianOf } from './measure.ts';
import type { Measurement } from './measure.ts';
import type { Report } from './report.ts';

const ENVIRONMENTS = 64;
const ROUNDS = 400;
const peer = 'unavailable: procgen cannot be installed here (no wheel for this Python, and its source build needs Qt)';
/** What C++ procgen does elsewhere, on one core of a 2-core x86-64 machine. */
const elsewhere = (figure: string): string => `C++ procgen elsewhere: ${figure}`;

export async function envSuite(report: Report): Promise<void> {
  for (const difficulty of ['hard', 'easy'] as const) {
    const step = startStepper(difficulty);
    const { wall, processor } = await measureSteps(() => step(ROUNDS));
    const note = elsewhere(difficulty === 'hard' ? '17,000-20,000' : '23,000-25,000');
    const name = `coinrun-${difficulty}/1-core`;
    report.row({ name, value: wall.median, unit: 'steps/s', spread: wall.spread, peer, note });
    const busy = 'per second of processor time: what a core does that nobody else uses';
    report.row({
      name: `${name}-cpu`,
      value: processor.median,
      unit: 'steps/s',
      spread: processor.spread,
      note: busy,
    });
  }
  await reportParts(report);
  await reportTwoThreads(report);
}

/** Steps a second of `run`, by the clock and by the processor's time (all threads of this process). */
async function measureSteps(run: () => void): Promise<{ wall: Measurement; processor: Measurement }> {
  const processor: number[] = [];
  const wall = await measure(
    () => {
      const before = processorTime();
      run();
      processor.push((ENVIRONMENTS * ROUNDS * 1e6) / (processorTime() - before));
    },
    (seconds) => (ENVIRONMENTS * ROUNDS) / seconds,
  );
  return { wall, processor: medianOf(processor.slice(1)) };
}

/** Microseconds of processor time that this process has used: unlike the clock, it stands still while others compute. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Where a step's time goes, and what is not a step; all in processor time. */
async function reportParts(report: Report): Promise<void> {
  const environment = createCoinRun({ difficulty: 'hard' });
  const observation = new Uint8Array(64 * 64 * 3);
  const classes = new Uint8Array(64 * 64);
  const ids = new Uint16Array(64 * 64);
  const scenes = visitScenes(environment);
  const perCall = (name: string, calls: number, call: (index: number) => void): number => {
    const run = (): number => {
      const start = processorTime();
      for (let i = 0; i < calls; i++) call(i);
      return (processorTime() - start) / calls;
    };
    run();
    const { median, spread } = medianOf([run(), run(), run(), run(), run()]);
    report.row({ name: `coinrun-hard/${name}`, value: median, unit: 'us', spread });
    return median;
  };
  const reset = perCall('reset', 1000, (i) => environment.begin(i));
  const outcome = createOutcome();
  environment.begin(2);
  const dynamics = perCall('dynamics', 20_000, (i) => {
    environment.stepInto(outcome, i % 7 === 0 ? 4 : i % 5);
    if (outcome.cause >= 0) environment.begin(2);
  });
  const frame = measureScenes(environment, scenes, () => environment.observeInto(observation, 0));
  const masks = measureScenes(environment, scenes, () => environment.masksInto(classes, ids, 0));
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
  reportShares(report, frame.median, dynamics, reset / meanEpisode());
  const view = { width: 512, height: 512, cellsAcross: 12.8 };
  const large = measureScenes(environment, scenes, () => {
    const { x, y } = environment.scene.agent;
    renderView(environment.scene, { ...view, centreX: x, centreY: y });
  });
  report.row({
    name: 'coinrun-hard/view-512',
    value: 1e6 / large.median,
    unit: 'frames/s',
    spread: [1e6 / large.spread[1], 1e6 / large.spread[0]],
    peer,
    note: elsewhere('860'),
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

/** Mean length of an episode under uniform random actions, steps. */
function meanEpisode(): number {
  const { vector, buffers } = createMany(ENVIRONMENTS);
  vector.resetInto(buffers, 0);
  const stream = createStream(0, 'episode lengths');
  const steps = 400;
  let ends = 0;
  for (let step = 0; step < steps; step++) {
    const actions = Array.from({ length: ENVIRONMENTS }, () => stream.integer(vector.actionSpace.names.length));
    vector.stepInto(buffers, actions);
    for (const cause of buffers.causes) if (cause !== 255) ends += 1;
  }
  return (steps * ENVIRONMENTS) / Math.max(1, ends);
}

/** Where a step's time goes, from its parts timed alone; microseconds a step. */
function reportShares(report: Report, observation: number, dynamics: number, reset: number): void {
  const sum = observation + dynamics + reset;
  const share = (part: number): string => `${Math.round((100 * part) / sum)}%`;
  report.row({
    name: 'coinrun-hard/step',
    value: sum,
    unit: 'us',
    spread: [sum, sum],
    note: `observation ${share(observation)}, dynamics ${share(dynamics)}, resets ${share(reset)}`,
  });
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

/** Calls on each scene. */
const CALLS = 50;

/** Microseconds of `call` on each of `scenes`, without the time it takes to get there. */
function measureScenes(environment: CoinRunEnvironment, scenes: readonly unknown[], call: () => void) {
  const run = (): number => {
    let total = 0;
    for (const scene of scenes) {
      environment.setState(scene);
      const start = processorTime();
      for (let i = 0; i < CALLS; i++) call();
      total += processorTime() - start;
    }
    return total / (scenes.length * CALLS);
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

/** Two worker threads against two processes that share nothing, in turn, five times each. */
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
