import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, playLevels, policyPlayer } from '@saccade/agent';
import { rawOutput } from '@saccade/attribution';
import { createCoinRun, createCorridor } from '@saccade/envs';
import { buildNetwork, eagerCompile } from '@saccade/nn';
import {
  advantagesOf,
  bookmarks,
  changeCaption,
  classPresence,
  detectorsFrom,
  explainChange,
  factorActivity,
  failureCaption,
  failures,
  findHallucinations,
  fitDictionary,
  openLayer,
  receptiveField,
  recordEpisodes,
  rewardUnit,
  surpriseCaption,
  surprisingActions,
  valueChanges,
} from '@saccade/insight';
import type { OpenLayer, Trajectory } from '@saccade/insight';
import '../../support/allClose.ts';
import { untrainedPolicy } from '../../attribution/toys.ts';
import { colourFrames, colourPolicy } from '../toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function trajectory(values: number[], rewards: number[], changes: Partial<Trajectory> = {}): Trajectory {
  const steps = values.length;
  return {
    levelSeed: 0,
    steps,
    observations: new Uint8Array(0),
    actions: new Int32Array(steps),
    rewards: Float32Array.from(rewards),
    values: Float32Array.from(values),
    logits: new Float32Array(steps * 2),
    logProbabilities: new Float32Array(steps).fill(-0.1),
    states: [],
    cause: 'coin',
    solved: true,
    truncated: false,
    ...changes,
  };
}

describe('a recorded episode', () => {
  it('is the one that an evaluation plays', async () => {
    const corridor = createCorridor();
    const policy = untrainedPolicy('perceptron', [...corridor.observationSpace.shape]);
    const actions = corridor.actionSpace.names.length;
    const network = { ...policy.network };
    const actor = await createActor(network, policy.parameters, 1, eagerCompile);
    const levelSeeds = [3, 4, 5];
    const player = policyPlayer(actor, network.actions, false);
    const played = await playLevels({ environments: [createCorridor()], player, levelSeeds, seed: 7 });
    const recorded = await recordEpisodes({ environment: createCorridor(), actor, levelSeeds, seed: 7 });
    expect(recorded.map(({ steps }) => steps)).toEqual(played.map(({ length }) => length));
    expect(recorded.map(({ cause }) => cause)).toEqual(played.map(({ cause }) => cause));
    expect(recorded[0].logits).toHaveLength(recorded[0].steps * actions);
    actor.dispose();
  });
});

describe('advantages and moments', () => {
  it('are generalised advantages with nothing behind the end', () => {
    // gamma .5, lambda 1: advantage is the discounted return less the value.
    const found = advantagesOf(trajectory([1, 2, 3], [0, 0, 8]), { gamma: 0.5, lambda: 1 });
    expect(found).toBeAllClose([2 - 1, 4 - 2, 8 - 3]);
    const cut = advantagesOf(trajectory([1, 2, 3], [0, 0, 0], { truncated: true }), { gamma: 0.5, lambda: 0 });
    expect(cut).toBeAllClose([0.5 * 2 - 1, 0.5 * 3 - 2, 0.5 * 3 - 3]);
  });

  it('are in the critic’s own units', () => {
    // The critic says half of the discounted return.
    expect(rewardUnit([trajectory([1, 2, 4], [0, 0, 8])], 0.5)).toBeCloseTo(0.5, 10);
    expect(rewardUnit([trajectory([1], [0])], 0.5)).toBe(1);
  });

  it('give one bookmark an episode and sign, largest first', () => {
    const { highest, lowest } = bookmarks(
      [
        [1, 5, 4],
        [-2, 9, -7],
        [0, 0, 0],
      ],
      2,
    );
    expect(highest).toEqual([
      { trajectory: 1, step: 1, size: 9 },
      { trajectory: 0, step: 1, size: 5 },
    ]);
    expect(lowest).toEqual([{ trajectory: 1, step: 2, size: -7 }]);
  });

  it('find rises, falls, surprises and failures that were foreseen or not', () => {
    const surprised = trajectory([1, 1], [0, 0], { logProbabilities: Float32Array.of(-0.1, -6) });
    const died = trajectory([8, 9, 4, 3], [0, 0, 0, 0], { solved: false, cause: 'saw' });
    const blind = trajectory([8, 9], [0, 0], { solved: false, cause: 'lava' });
    expect(surprisingActions([died, surprised], 1)).toEqual([{ trajectory: 1, step: 1, size: -6 }]);
    expect(valueChanges([died], 1)).toEqual([{ trajectory: 0, step: 1, size: -5 }]);
    expect(failures([surprised, died, blind]).map(({ cause, foreseen }) => [cause, foreseen])).toEqual([
      ['saw', 2],
      ['lava', 0],
    ]);
    expect(failureCaption(failures([died])[0])).toBe('Ran into a saw at step 4. The value had halved 2 steps before.');
    expect(failureCaption(failures([blind])[0])).toContain('did not foresee it: 9.00');
    expect(surpriseCaption('left', Math.log(0.004), 'right', 0.93)).toBe(
      'Chose left with probability 0.40%, where right had 93%.',
    );
  });
});

describe('what a position can see', () => {
  it('follows strides, kernels and pools', () => {
    const clear = buildNetwork('clear_cnn', [64, 64, 3], 7);
    expect(receptiveField(clear, 'input')).toEqual({ size: 1, stride: 1, centre: 0 });
    expect(receptiveField(clear, '1a')).toEqual({ size: 7, stride: 1, centre: 0 });
    // 7 + 1 (pool) + 2 x 4 + 2 x 4, two pixels a position, their middle between them.
    expect(receptiveField(clear, '2b')).toEqual({ size: 24, stride: 2, centre: 0.5 });
    expect(receptiveField(clear, 'dense1').size).toBe(64);
  });
});

describe('explanations on a policy whose value is red + 2 green - 3 blue', () => {
  const side = 6;
  const frames = colourFrames(24, side, 5);
  const policy = colourPolicy(
    side,
    [1, 2, -3],
    [
      [1, 0, 0],
      [0, 0, 0],
    ],
  );
  const target = rawOutput({ outputs: 3, logits: 2 }, 2);
  let open: OpenLayer;
  beforeAll(async () => {
    open = await openLayer(policy, 'a', eagerCompile);
  });
  afterAll(() => open.dispose());
  const colourOf = (direction: ArrayLike<number>): number =>
    [0, 1, 2].reduce((best, c) => (direction[c] > direction[best] ? c : best), 0);

  it('share a change of value among the factors exactly', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 3 });
    const states = await open.encode(frames.observations.subarray(0, 2 * side * side * 3));
    const found = await explainChange(open, states, target, dictionary);
    const sums = [0, 0, 0];
    for (let at = 0; at < side * side * 3; at++) {
      sums[at % 3] += (frames.observations[side * side * 3 + at] - frames.observations[at]) / 255;
    }
    expect(found.change).toBeCloseTo(sums[0] + 2 * sums[1] - 3 * sums[2], 2);
    expect(found.error).toBeLessThan(1e-3);
    for (let f = 0; f < 3; f++) {
      const colour = colourOf(dictionary.directions.subarray(f * 3, f * 3 + 3));
      expect(found.factors[f]).toBeCloseTo([1, 2, -3][colour] * sums[colour], 1);
    }
    const caption = changeCaption(4, 1, 1 + found.change, found, ['coin', 'saw', 'enemy']);
    expect(caption).toMatch(/^Step 4: the value (rises|falls) from 1\.00 to .*coin|saw|enemy/);
  });

  it('find what is seen where nothing is, and what it does to the value', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 3 });
    const activity = await factorActivity(open, frames.observations, dictionary);
    const presence = classPresence(frames.masks!.classes, frames.shape, side, side);
    const classOf = [0, 1, 2].map(
      (f) => (['coin', 'saw', 'enemy'] as const)[colourOf(dictionary.directions.subarray(f * 3, f * 3 + 3))],
    );
    const detectors = detectorsFrom(classOf, activity.activity, presence).map((one) => ({
      ...one,
      threshold: one.threshold / 2,
    }));
    const nothing = await findHallucinations(open, dictionary, detectors, frames.observations, frames.masks!.classes);
    expect(nothing.candidates).toBe(0);
    // The simulator now says that frame 3 has no enemies: every blue position there is seen without cause.
    const classes = frames.masks!.classes.slice();
    let blue = 0;
    let expected = 0;
    for (let p = 3 * side * side; p < 4 * side * side; p++) {
      if (frames.observations[p * 3 + 2] === 0) continue;
      classes[p] = 0;
      blue++;
      expected -= (3 * frames.observations[p * 3 + 2]) / 255;
    }
    const { found, precision } = await findHallucinations(open, dictionary, detectors, frames.observations, classes);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ frame: 3, class: 'enemy' });
    expect(found[0].positions.length).toBeGreaterThan(blue / 2);
    expect(found[0].effect).toBeGreaterThan(expected - 0.5);
    expect(found[0].effect).toBeLessThan(expected * 0.5);
    expect(precision).toBe(1);
  });

  it('keep CoinRun’s masks beside its frames', async () => {
    const runner = untrainedPolicy('compact', [64, 64, 3]);
    const actor = await createActor(runner.network, runner.parameters, 1, eagerCompile);
    const environment = createCoinRun({ difficulty: 'easy', timeLimit: 4 });
    const [episode] = await recordEpisodes({ environment, actor, levelSeeds: [1], seed: 0 });
    expect(episode.classes).toHaveLength(episode.steps * 4096);
    expect(episode.truncated).toBe(true);
    actor.dispose();
  });
});
