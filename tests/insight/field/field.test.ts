import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createActor } from '@saccade/agent';
import { createCoinRun, levelFromText, stateOfLevel } from '@saccade/envs';
import { eagerCompile } from '@saccade/nn';
import { actionDirection, fieldDifference, freePlaces, vectorField } from '@saccade/insight';
import '../../support/allClose.ts';
import { untrainedPolicy } from '../../attribution/toys.ts';

const level = levelFromText(`
######
#....#
#....#
#..x.#
#@..o#
######
`);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('the vector field', () => {
  it('looks from everywhere the agent fits, and nowhere else', () => {
    const environment = createCoinRun();
    environment.setState(stateOfLevel(level, environment.config));
    const standing = freePlaces(environment.scene, 0);
    // The floor of four columns, and the crate's top.
    expect([...standing]).toEqual([1, 1, 2, 1, 3, 1, 3, 3, 4, 1]);
    const all = freePlaces(environment.scene, 9);
    expect(all.length / 2).toBe(4 * 3);
  });

  it('is what the policy says when the agent really stands there', async () => {
    const environment = createCoinRun();
    environment.setState(stateOfLevel(level, environment.config));
    const policy = untrainedPolicy('compact', [64, 64, 3]);
    const names = environment.actionSpace.names;
    expect(policy.network.actions).toBeLessThanOrEqual(names.length);
    const actor = await createActor(policy.network, policy.parameters, 4, eagerCompile);
    const wide = {
      ...actor,
      act: async (observations: Uint8Array) => {
        const { logits, values } = await actor.act(observations);
        const padded = new Float32Array(4 * names.length).fill(-20);
        for (let i = 0; i < 4; i++) for (let a = 0; a < 3; a++) padded[i * names.length + a] = logits[i * 3 + a];
        return { logits: padded, values };
      },
    };
    const field = await vectorField(environment, wide, { reach: 0 });
    const before = environment.stateHash();
    environment.edit({ kind: 'agent', x: 3.5, y: 1.5787 });
    const observation = new Uint8Array(4 * 12288);
    environment.observeInto(observation, 0);
    const { values } = await actor.act(observation);
    expect(field.values[2]).toBeCloseTo(values[0], 4);
    expect(before).not.toBe(environment.stateHash());
    const nothing = fieldDifference(field, field);
    expect(Math.max(...nothing.arrows)).toBe(0);
    actor.dispose();
  });

  it('reads directions off the actions’ names', () => {
    expect(actionDirection('right+jump')).toEqual([1, 1]);
    expect(actionDirection('left')).toEqual([-1, 0]);
    expect(actionDirection('down')).toEqual([0, -1]);
    expect(actionDirection('noop')).toEqual([0, 0]);
  });
});
