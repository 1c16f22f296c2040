/** What a map of two frames is made from: the step that led to an instant, wherever the instant comes from. */
import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import { buildNetwork, initialiseParameters } from '@saccade/nn';
import type { OverlayRequest } from '@saccade/protocol';
import { environmentFor, offer, OverlayService, Player, stepBefore, trainedDiscount } from '@saccade/session';
import type { OverlayMap, StepBefore } from '@saccade/session';

const actions = createCoinRun({}).actionSpace.names;
const network = buildNetwork('compact', [64, 64, 3], actions.length);
const parameters = initialiseParameters(network, createStream(1, 'parameters'));
const training = { environment: { name: 'coinrun', config: {} }, ppo: { gamma: 0.97 } };
const policy = { network, parameters, actions, training };

const map: OverlayMap = {
  method: 'gradient',
  layer: '2b',
  target: 'td-residual',
  shape: [1, 1],
  map: Float32Array.of(1),
  signed: true,
  scale: 1,
  score: 0,
};

describe('the TD residual as a target', () => {
  it('is offered after the value, with the discount that the policy was trained with', () => {
    const { info } = offer({ name: 'toy', hash: 'abc', description: '', policy });
    expect(info.targets.slice(0, 2).map(({ name }) => name)).toEqual(['value', 'td-residual']);
    expect(info.targets[1].description).toContain('reward + 0.97 x the value - the value before');
    expect(trainedDiscount(policy)).toBe(0.97);
  });

  it('takes the reward and the end from the instant that the step left', async () => {
    // Runs right until something ends the episode.
    const right = actions.indexOf('right');
    const logits = Float32Array.from(actions, (_, i) => (i === right ? 50 : 0));
    const player = new Player(environmentFor(policy), { act: () => Promise.resolve({ logits, value: 0 }) }, 1, 0);
    const first = await player.next();
    expect(stepBefore(first)).toEqual({ observation: first.observation, reward: first.reward, terminated: false });
    let last = first;
    let before = first;
    while (!player.over) {
      before = last;
      last = await player.next();
    }
    // The last instant is that of the end: the step that led there is the one before's.
    expect(last.action).toBeNull();
    expect(stepBefore(before)).toEqual({
      observation: before.observation,
      reward: before.reward,
      terminated: before.end?.kind === 'terminated',
    });
    expect(before.end).not.toBeNull();
  });

  it('is computed anew for another step before, and kept for the same', async () => {
    const clock = { now: () => 0, after: () => () => undefined };
    const service = new OverlayService({ explain: () => Promise.resolve(map) }, clock);
    const { state, observation } = await new Player(
      environmentFor(policy),
      { act: () => Promise.resolve({ logits: new Float32Array(actions.length), value: 0 }) },
      1,
      0,
    ).next();
    const signal = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined };
    const step: StepBefore = { observation, reward: 0, terminated: false };
    const ask = async (target: string, before: StepBefore): Promise<number> => {
      const request: OverlayRequest = { id: 'a', method: 'gradient', layer: '2b', target, options: {} };
      await service.get({ policyHash: 'abc', observation, state, before }, request, signal);
      return service.computed;
    };
    expect(await ask('td-residual', step)).toBe(1);
    expect(await ask('td-residual', { ...step })).toBe(1);
    expect(await ask('td-residual', { ...step, reward: 10 })).toBe(2);
    expect(await ask('td-residual', { ...step, terminated: true })).toBe(3);
    expect(await ask('td-residual', { ...step, observation: observation.map((byte) => 255 - byte) })).toBe(4);
    expect(await ask('td-residual:0.5', step)).toBe(5);
    // A target of one frame has nothing to do with it.
    expect(await ask('value', step)).toBe(6);
    expect(await ask('value', { ...step, reward: 10 })).toBe(6);
  });
});
