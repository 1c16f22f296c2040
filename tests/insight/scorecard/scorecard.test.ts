import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { blindRunner } from '@saccade/agent';
import { createStream } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import { eagerCompile } from '@saccade/nn';
import {
  agreementSection,
  compareScores,
  compareWithControls,
  createExplainer,
  framePerLevel,
  kendallTau,
  objectFaithfulness,
  objectsInView,
  objectTruth,
  pairedDifference,
  parseTarget,
  partialSpearman,
  policySections,
  randomisationCascade,
  randomisationVerdict,
  randomisationWarning,
  scorecardControls,
  scorecardLines,
  scorePolicy,
  spearman,
} from '@saccade/insight';
import type { FrameScores, LevelFrames } from '@saccade/insight';
import { jitCompile } from '../../attribution/jit.ts';
import { colourPolicy } from '../toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const environment = { difficulty: 'hard' } as const;

function frames(levels: number, seed = 3): Promise<LevelFrames> {
  const environments = Array.from({ length: 3 }, () => createCoinRun(environment));
  const player = blindRunner(environments[0].actionSpace.names, 0.3);
  return framePerLevel({ environments, player, levelSeeds: Array.from({ length: levels }, (_, i) => 40 + i), seed });
}

describe('one frame a level', () => {
  it('is in the order of the levels, with the action taken there and the state behind it', async () => {
    const set = await frames(7);
    expect([...set.levelSeeds]).toEqual([40, 41, 42, 43, 44, 45, 46]);
    const stage = createCoinRun(environment);
    const observation = new Uint8Array(64 * 64 * 3);
    set.states.forEach((state, i) => {
      stage.setState(state);
      expect(stage.info()).toMatchObject({ levelSeed: set.levelSeeds[i], step: set.steps[i] });
      stage.observeInto(observation, 0);
      expect(observation).toEqual(set.observations.slice(i * observation.length, (i + 1) * observation.length));
      expect(set.actions[i]).toBeGreaterThanOrEqual(0);
    });
    expect((await frames(7)).observations).toEqual(set.observations);
    expect([...(await frames(7, 4)).steps]).not.toEqual([...set.steps]);
  });
});

describe('Kendall’s tau', () => {
  it('is 1 for one order, -1 for its reverse, and counts ties as tau-b does', () => {
    expect(kendallTau([1, 2, 3, 4], [10, 20, 30, 40])).toBe(1);
    expect(kendallTau([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
    expect(kendallTau([1, 2, 3], [1, 3, 2])).toBeCloseTo(1 / 3, 12);
    // 5 concordant and no discordant pair; one of six is tied in a: 5 / sqrt(5 x 6).
    expect(kendallTau([1, 1, 2, 3], [1, 2, 3, 4])).toBeCloseTo(5 / Math.sqrt(30), 12);
    expect(kendallTau([1, 2, Number.NaN, 3], [1, 2, 0, 3])).toBe(1);
    expect(kendallTau([1, 1], [1, 2])).toBeNaN();
  });

  it('is symmetric and changes its sign with one side', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ max: 5, min: 0 }), fc.integer({ max: 5, min: 0 })), { minLength: 2 }),
        (pairs) => {
          const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
          const tau = kendallTau(a, b);
          if (Number.isNaN(tau)) return;
          expect(kendallTau(b, a)).toBeCloseTo(tau, 12);
          expect(
            kendallTau(
              a.map((x) => -x),
              b,
            ),
          ).toBeCloseTo(-tau, 12);
        },
      ),
    );
  });
});

describe('paired differences', () => {
  it('are certain where all are alike and undecided where half go each way', () => {
    const sure = pairedDifference(new Float64Array(20).fill(0.5), createStream(1, 'x'), 999);
    expect(sure).toEqual({ estimate: 0.5, low: 0.5, high: 0.5, p: 0.002 });
    const undecided = pairedDifference([1, -1, 1, -1, 1, -1, 1, -1], createStream(1, 'x'));
    expect(undecided.estimate).toBe(0);
    expect(undecided.p).toBeGreaterThan(0.8);
    expect(undecided.low).toBeLessThan(0);
    expect(undecided.high).toBeGreaterThan(0);
    expect(pairedDifference([1], createStream(1, 'x')).p).toBe(1);
    expect(pairedDifference([1, 2, 3, 4], createStream(1, 'x')).p).toBe(1 / 8);
    expect(() => pairedDifference([], createStream(1, 'x'))).toThrow('expected at least one difference');
  });

  it('hold a method against the best control, only where both are defined, and turn with what is good', () => {
    const of = (pick: (i: number) => number): Float64Array => Float64Array.from({ length: 40 }, (_, i) => pick(i));
    const values = {
      good: of((i) => (i < 10 ? Number.NaN : 0.9 + 0.001 * i)),
      bad: of((i) => 0.1 + 0.001 * i),
      nowhere: of(() => Number.NaN),
      weak: of(() => 0.2),
      strong: of((i) => 0.5 + 0.001 * i),
    };
    const names = { methods: ['bad', 'good', 'nowhere'], controls: ['weak', 'strong'] };
    const higher = compareWithControls(values, names, 'higher', 0);
    expect(higher.bestControl).toBe('strong');
    expect(higher.ranking).toEqual(['good', 'bad']);
    expect(higher.entries['good'].frames).toBe(30);
    expect(higher.entries['good'].advantage?.estimate).toBeCloseTo(0.4, 12);
    expect(higher.entries['bad'].advantage?.estimate).toBeCloseTo(-0.4, 12);
    // The smallest p of 2000 resamples is 2 / 2001, and Holm doubles it.
    expect(higher.entries['good'].adjusted).toBeCloseTo(4 / 2001, 12);
    expect(higher.entries['strong'].advantage).toBeUndefined();
    expect(higher.entries['nowhere']).toBeUndefined();
    const lower = compareWithControls(values, names, 'lower', 0);
    expect(lower.bestControl).toBe('weak');
    expect(lower.ranking).toEqual(['bad', 'good']);
    expect(lower.entries['bad'].advantage?.estimate).toBeCloseTo(0.2 - 0.1195, 12);
  });
});

describe('faithfulness to objects', () => {
  it('holds the area constant: what follows the area alone says nothing', () => {
    expect(partialSpearman([1, 2, 3, 4], [1, 2, 3, 4], [5, 5, 5, 5])).toBe(1);
    // r_ab = .8, r_ac = .4, r_bc = -.2 by hand over ranks: (.8 + .08) / sqrt((1 - .16) (1 - .04)).
    const [a, b, c] = [
      [1, 2, 3, 4],
      [2, 1, 3, 4],
      [3, 1, 4, 2],
    ];
    const expected =
      (spearman(a, b) - spearman(a, c) * spearman(b, c)) /
      Math.sqrt((1 - spearman(a, c) ** 2) * (1 - spearman(b, c) ** 2));
    expect(partialSpearman(a, b, c)).toBeCloseTo(expected, 12);
    expect(partialSpearman([1, 2, 3, 4], [2, 1, 4, 3], [1, 2, 3, 4])).toBeNaN();
  });

  it('finds the change that an object makes to a colour’s sum, and a map that paints it scores 1', async () => {
    const set = await frames(12);
    const policy = colourPolicy(
      64,
      [1, -0.5, 0.25],
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    );
    const explainer = createExplainer({ policy, compile: eagerCompile });
    const stage = createCoinRun(environment);
    let scored = 0;
    for (const state of set.states) {
      stage.setState(state);
      const frame = objectsInView(stage);
      if (frame.objects.length < 1) continue;
      const { target } = parseTarget('value', policy);
      const { changes, used } = await objectTruth(explainer, frame, target, 1);
      const sum = (picture: Uint8Array): number =>
        picture.reduce((total, byte, i) => total + (byte / 255) * [1, -0.5, 0.25][i % 3], 0);
      changes.forEach((change, i) => {
        expect(change).toBeCloseTo(sum(frame.observation) - sum(frame.without([i])), 2);
        if (Math.abs(change) > 0.05) frame.objects[i].mask.forEach((seen, p) => seen && expect(used?.[p]).toBe(1));
      });
      if (frame.objects.length < 3) {
        expect(objectFaithfulness(new Float32Array(4096), true, frame, changes)).toBeNaN();
        continue;
      }
      const painted = new Float32Array(4096);
      const free = frame.objects.every(({ mask }, i) =>
        frame.objects.every((other, j) => i === j || !other.mask.some((seen, p) => seen && mask[p])),
      );
      if (!free) continue;
      frame.objects.forEach(({ mask, area }, i) => mask.forEach((seen, p) => seen && (painted[p] = changes[i] / area)));
      expect(objectFaithfulness(painted, true, frame, changes)).toBeCloseTo(1, 6);
      scored++;
    }
    expect(scored).toBeGreaterThan(0);
    explainer.dispose();
  });
});

describe('randomised layers', () => {
  it('go from the heads down and stay random', () => {
    const policy = colourPolicy(
      4,
      [1, 2, 3],
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    );
    const stages = randomisationCascade(policy, 5);
    expect(stages.map(({ upTo }) => upTo)).toEqual(['heads', 'b/convolution', 'a/convolution']);
    const changed = stages.map(({ policy: { parameters } }) =>
      Object.keys(parameters).filter((name) => parameters[name] !== policy.parameters[name]),
    );
    expect(changed.map((names) => names.length)).toEqual([4, 6, 8]);
    expect(stages[2].policy.parameters['value/kernel']).toBe(stages[0].policy.parameters['value/kernel']);
  });

  it('fail the method whose maps survive them better than chance', () => {
    const stage = (upTo: string, ...values: number[]) => ({ upTo, spearman: values, similarity: values });
    const stays = randomisationVerdict([stage('heads', 1, 0.9), stage('all', -0.8, 0.7, Number.NaN)], [0.1, -0.2, 0.3]);
    expect(stays.after).toBeCloseTo(0.75, 12);
    expect(stays.chance).toBeCloseTo(0.29, 12);
    expect(stays.fails).toBe(true);
    expect(randomisationVerdict([stage('all', 0.1, -0.1)], [0.1, -0.2, 0.3]).fails).toBe(false);
  });
});

describe('the warning of a failed check', () => {
  it('gives the numbers that it failed by, and nothing for a method that passes', () => {
    const warning = randomisationWarning({ after: 0.834, chance: 0.2, fails: true });
    expect(warning).toContain('Fails the randomisation check on this policy');
    expect(warning).toContain('0.83, by chance up to 0.20');
    expect(randomisationWarning({ after: 0.1, chance: 0.2, fails: false })).toBeUndefined();
  });
});

describe('a scorecard', () => {
  it('scores methods and controls on every frame, whatever the order in which frames finish', async () => {
    const set = await frames(2);
    const policy = colourPolicy(
      64,
      [1, -0.5, 0.25],
      createCoinRun(environment).actionSpace.names.map((_, i) => [i, 1, -i]),
      [...createCoinRun(environment).actionSpace.names],
    );
    const methods = ['gradientTimesInput', 'gradCam', 'saliency'];
    const request = { policy, compile: jitCompile, environment, frames: set, layer: 'a', methods, seed: 1 };
    const kept = new Map<number, FrameScores>();
    const scores = await scorePolicy({
      ...request,
      checkFrames: 1,
      examples: 1,
      onFrame: (frame, own) => kept.set(frame, JSON.parse(JSON.stringify(own)) as FrameScores),
    });
    // A linear policy: gradient x input is exact, so it foretells what turning pixels black does.
    const { sensitivityN, objectsSigned, maxSensitivity } = scores.values.value;
    for (const value of sensitivityN['gradientTimesInput']) expect(value).toBeCloseTo(1, 3);
    expect([...objectsSigned['gradCam']].every(Number.isNaN)).toBe(true);
    expect(maxSensitivity['gradientTimesInput'][0]).toBeGreaterThan(0);
    expect(maxSensitivity['gradientTimesInput'][1]).toBeNaN();
    expect(scores.examples.map(({ frame, target }) => [frame, target])).toEqual([
      [0, 'action'],
      [0, 'value'],
    ]);
    expect(Object.keys(scores.checks)).toEqual(methods);
    const again = await scorePolicy({ ...request, checkFrames: 0, examples: 0, lanes: 1 });
    expect(again.values.action.deletion).toEqual(scores.values.action.deletion);

    // Interrupted after the second frame, written down and read again: only the first is computed anew.
    const fresh: number[] = [];
    const resumed = await scorePolicy({
      ...request,
      checkFrames: 1,
      examples: 1,
      known: new Map([[1, kept.get(1) as FrameScores]]),
      knownChecks: scores.checks,
      onFrame: (frame) => fresh.push(frame),
    });
    expect(fresh).toEqual([0]);
    expect(resumed.values).toEqual(scores.values);
    expect(resumed.usedFrames).toEqual(scores.usedFrames);
    expect(resumed.checks).toBe(scores.checks);

    const comparisons = compareScores(scores, methods, 1);
    const scored = { name: 'toy', scores, comparisons, frames: 2 };
    expect(policySections(scored, methods, []).map(({ title }) => title)).toEqual([
      'toy: methods and metrics',
      'toy: randomised layers',
      'toy: metric by metric',
      'toy: all numbers',
    ]);
    const lines = scorecardLines(scored, methods);
    for (const name of [...methods, ...scorecardControls])
      expect(lines.some((line) => line.startsWith(name))).toBe(true);
    const [table] = agreementSection([scored, { ...scored, name: 'twin' }], methods).blocks;
    expect(table.kind === 'table' && table.rows[0].slice(4, 6)).toEqual([1, 1]);
  });
});
