/** Policies whose every number can be worked out by hand, and frames to show them. */
import { createStream } from '@saccade/core';
import { collectFrames } from '@saccade/insight';
import type { FrameSet } from '@saccade/insight';
import { blindRunner } from '@saccade/agent';
import { createCoinRun, MaskClass } from '@saccade/envs';
import type { Network, Policy } from '@saccade/nn';

const tensor = (shape: number[], data: ArrayLike<number>) => ({
  shape,
  dtype: 'float32' as const,
  data: Float32Array.from(data),
});

/**
 * Layer `a` is the observation over 255, channel by channel; the value is sum over positions and channels of
 * `value[channel]` x activation, the logit of action i the same with `logits[i]`. 1x1 convolution, ReLU, dense heads.
 */
export function colourPolicy(
  side: number,
  value: readonly number[],
  logits: readonly (readonly number[])[],
  actions = logits.map((_, i) => `act${i}`),
): Policy {
  const positions = side * side;
  const network: Network = {
    architecture: 'colour',
    observationShape: [side, side, 3],
    actions: logits.length,
    nodes: [
      { name: 'input', op: 'scale', inputs: ['observation'], factor: 1 / 255 },
      {
        name: 'a/convolution',
        op: 'convolution',
        inputs: ['input'],
        parameters: ['a/kernel', 'a/bias'],
        attributes: { stride: 1, padding: 'same' },
      },
      { name: 'a', op: 'relu', inputs: ['a/convolution'] },
      {
        name: 'b/convolution',
        op: 'convolution',
        inputs: ['a'],
        parameters: ['b/kernel', 'b/bias'],
        attributes: { stride: 1, padding: 'same' },
      },
      { name: 'b', op: 'relu', inputs: ['b/convolution'] },
      { name: 'flatten', op: 'flatten', inputs: ['b'] },
      { name: 'logits', op: 'dense', inputs: ['flatten'], parameters: ['logits/kernel', 'logits/bias'] },
      { name: 'value', op: 'dense', inputs: ['flatten'], parameters: ['value/kernel', 'value/bias'] },
    ],
    parameters: {
      'a/kernel': { shape: [1, 1, 3, 3], gain: 1 },
      'a/bias': { shape: [3], gain: 0 },
      'b/kernel': { shape: [1, 1, 3, 3], gain: 1 },
      'b/bias': { shape: [3], gain: 0 },
      'logits/kernel': { shape: [positions * 3, logits.length], gain: 1 },
      'logits/bias': { shape: [logits.length], gain: 0 },
      'value/kernel': { shape: [positions * 3, 1], gain: 1 },
      'value/bias': { shape: [1], gain: 0 },
    },
    layers: ['input', 'a', 'b'],
    layerShapes: { input: [side, side, 3], a: [side, side, 3], b: [side, side, 3] },
    logits: 'logits',
    value: 'value',
  };
  const identity = tensor([1, 1, 3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const everywhere = <T>(of: (channel: number) => T[]): T[] =>
    Array.from({ length: positions }, () => [0, 1, 2].flatMap(of)).flat();
  return {
    network,
    actions,
    training: { environment: { name: 'coinrun', config: {} } },
    parameters: {
      'a/kernel': identity,
      'a/bias': tensor([3], [0, 0, 0]),
      'b/kernel': identity,
      'b/bias': tensor([3], [0, 0, 0]),
      'logits/kernel': tensor(
        [positions * 3, logits.length],
        everywhere((c) => logits.map((row) => row[c])),
      ),
      'logits/bias': tensor(
        [logits.length],
        logits.map(() => 0),
      ),
      'value/kernel': tensor(
        [positions * 3, 1],
        everywhere((c) => [value[c]]),
      ),
      'value/bias': tensor([1], [0]),
    },
  };
}

/**
 * `count` frames of side x side: in each, every position is black, red, green or blue at random; coins are red, saws
 * green, enemies blue, and the masks say so. Two frames a level.
 */
export function colourFrames(count: number, side: number, seed = 0): FrameSet {
  const stream = createStream(seed, 'colours');
  const pixels = side * side;
  const observations = new Uint8Array(count * pixels * 3);
  const classes = new Uint8Array(count * pixels);
  const kinds = [MaskClass.coin, MaskClass.saw, MaskClass.enemy];
  for (let pixel = 0; pixel < classes.length; pixel++) {
    const colour = stream.integer(4);
    if (colour === 3) continue;
    observations[pixel * 3 + colour] = stream.between(100, 255);
    classes[pixel] = kinds[colour];
  }
  return {
    count,
    shape: [side, side, 3],
    observations,
    levelSeeds: Uint32Array.from({ length: count }, (_, i) => i >> 1),
    steps: new Int32Array(count),
    states: [],
    masks: { classes, ids: new Uint16Array(classes.length) },
  };
}

/** Real frames of CoinRun, met by a player that runs and jumps blindly. */
export function coinRunFrames(frames: number, every = 16, keepStates?: boolean): Promise<FrameSet> {
  const environments = Array.from({ length: 4 }, () => createCoinRun({ difficulty: 'hard' }));
  return collectFrames({
    environments,
    player: blindRunner(environments[0].actionSpace.names, 0.2),
    levelSeeds: Array.from({ length: 64 }, (_, i) => i),
    frames,
    every,
    seed: 1,
    keepStates,
  });
}
