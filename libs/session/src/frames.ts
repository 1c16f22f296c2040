/**
 * A small bank of frames that a policy typically meets: the usual spread of targets and the dictionaries of factors
 * are measured on it. The same policy file gives the same bank on one engine, so page and command line agree.
 */
import { createStream } from '@saccade/core';
import { createFromSpec, environmentOf, probabilitiesOf, sampleIndex } from '@saccade/agent';
import { HELD_OUT_START } from '@saccade/envs';
import type { Policy } from '@saccade/nn';

export interface ActingPolicy {
  /** @param observation bytes 0-255, [height, width, channel] */
  act(observation: Uint8Array): Promise<{ readonly logits: Float32Array; readonly value: number }>;
}

const levels = 8;
const framesPerLevel = 8;
/** Steps between two frames of a level, so that they differ. */
const spacing = 6;

/** @returns [frames, height, width, channel] */
export async function typicalFrames(policy: Policy, acting: ActingPolicy): Promise<Uint8Array> {
  const environment = createFromSpec(environmentOf(policy));
  const frames: Uint8Array[] = [];
  for (let level = 0; level < levels; level++) {
    // The last of the held-out seeds: an evaluation of a few thousand levels never meets them.
    const levelSeed = HELD_OUT_START + 9_999 - level;
    const stream = createStream(levelSeed, 'typical frames');
    let { observation } = environment.reset({ options: { levelSeed } });
    for (let step = 0; step < framesPerLevel * spacing; step++) {
      if (step % spacing === 0) frames.push(observation);
      const { logits } = await acting.act(observation);
      const result = environment.step(sampleIndex(probabilitiesOf(logits), stream));
      observation = result.observation;
      if (result.terminated || result.truncated) break;
    }
  }
  const size = frames[0].length;
  const bank = new Uint8Array(frames.length * size);
  frames.forEach((frame, i) => bank.set(frame, i * size));
  return bank;
}
