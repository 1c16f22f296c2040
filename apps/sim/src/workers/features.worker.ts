/** The thread in which features are computed, one job a thread: agents and overlays go on meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '@saccade/core';
import { createActor } from '@saccade/agent';
import type { Dictionary } from '@saccade/insight';
import { decodePolicy } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import type { Bank, FeaturePicture, LayerFeatures } from '@saccade/protocol';
import { playBank, replayBank } from '../features/bank.ts';
import { layerFeatures } from '../features/layer.ts';
import { featurePictures } from '../features/picture.ts';
import { endWhenTold } from './ending.ts';
import { createCompile } from './runtime.ts';

export interface FeaturesJob {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Played now where there is none. */
  readonly bank: Bank | null;
  readonly task:
    | { readonly kind: 'layer'; readonly dictionary: Dictionary; readonly fittedOn: number }
    | { readonly kind: 'picture'; readonly features: LayerFeatures; readonly factor: number };
}

export type FeaturesResult =
  | { readonly kind: 'layer'; readonly bank: Bank; readonly features: LayerFeatures }
  | { readonly kind: 'picture'; readonly picture: FeaturePicture };

export type FeaturesNews =
  | { readonly what: string; readonly done: number }
  | { readonly result: FeaturesResult }
  | { readonly error: string; readonly input: boolean };

/** Of a bank that is played while somebody waits. */
const levels = 48;
const every = 12;
const mapFrames = 320;
const permutations = 40;
const pictureSteps = 192;

const say = (news: FeaturesNews): void => parentPort?.postMessage(news);

async function bankOf(policy: Policy, compile: Awaited<ReturnType<typeof createCompile>>): Promise<Bank> {
  const actor = await createActor(policy.network, policy.parameters, 1, compile);
  const acting = {
    async act(observation: Uint8Array) {
      const { logits, values } = await actor.act(observation);
      return { logits, value: values[0] };
    },
  };
  return playBank(policy, acting, { levels, every, progress: (done) => say({ what: 'playing levels', done }) });
}

async function run({ name, bytes, bank: known, task }: FeaturesJob): Promise<FeaturesResult> {
  const compile = await createCompile(1);
  const policy = decodePolicy(bytes, name);
  const bank = known ?? (await bankOf(policy, compile));
  if (task.kind === 'picture') {
    const { features, factor } = task;
    const [picture] = await featurePictures(policy, compile, {
      layer: features.layer,
      directions: features.directions,
      factors: [factor],
      frames: replayBank({ ...bank, frames: bank.frames.slice(0, 64) }).observations,
      steps: pictureSteps,
      progress: (done) => say({ what: 'making the picture', done }),
    });
    return { kind: 'picture', picture };
  }
  const { dictionary, fittedOn } = task;
  const features = await layerFeatures(policy, compile, bank, {
    layer: dictionary.layer,
    factors: dictionary.factors,
    dictionary,
    fittedOn,
    mapFrames,
    permutations,
    progress: (what, done) => say({ what, done }),
  });
  return { kind: 'layer', bank, features };
}

endWhenTold();
run(workerData as FeaturesJob).then(
  (result) => say({ result }),
  (error: unknown) =>
    say({ error: error instanceof Error ? error.message : String(error), input: error instanceof InputError }),
);
