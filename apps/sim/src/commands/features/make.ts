/** Makes `features.json` of a policy: for `saccade features`, and for `saccade publish`, which ships it. */
import { dirname, join } from 'node:path';
import { createActor } from '@saccade/agent';
import { InputError, throwIfAborted } from '@saccade/core';
import type { FeaturesFile, LayerFeatures } from '@saccade/protocol';
import { playBank, replayBank } from '../../features/bank.ts';
import { layerFeatures } from '../../features/layer.ts';
import { featurePictures } from '../../features/picture.ts';
import { writeAtomically } from '../../storage/atomicWrite.ts';
import { featuresFileName } from '../../storage/features.ts';
import type { StoredPolicy } from '../../storage/policies.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { CommandContext } from '../shell/command.ts';

export interface FeaturesPlan {
  /** Names, separated by commas; the usual ones where left out. */
  readonly layers?: string;
  /** Of each layer. */
  readonly factors: number;
  /** To play for frames. */
  readonly levels: number;
  /** Steps between two frames of an episode. */
  readonly every: number;
  /** Layer whose factors get pictures; `none` leaves them out. */
  readonly pictures?: string;
  /** Where the file goes; beside the policy where left out. */
  readonly out?: string;
}

export const usualPlan: FeaturesPlan = { factors: 8, levels: 96, every: 8 };

/** Larger layers see little of the picture at each position, and their pictures of positions are large. */
const mostPositions = 256;
const mapFrames = 400;
const permutations = 40;
const pictureSteps = 160;
/** What ships with a policy. */
const largestFile = 500_000;

export async function makeFeatures(
  stored: StoredPolicy,
  { factors, levels, every, out, ...given }: FeaturesPlan,
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
): Promise<{
  readonly path: string;
  readonly layers: readonly string[];
  readonly frames: number;
  readonly bytes: number;
}> {
  const { policy } = stored;
  const { network } = policy;
  const spatial = network.layers.filter((layer) => network.layerShapes[layer].length === 3).slice(1);
  const usual = spatial.filter(
    (layer) => network.layerShapes[layer][0] * network.layerShapes[layer][1] <= mostPositions,
  );
  const chosen = given.layers?.split(',') ?? (usual.length > 0 ? usual : spatial.slice(-1));
  for (const layer of [...chosen, ...(given.pictures && given.pictures !== 'none' ? [given.pictures] : [])]) {
    if (!spatial.includes(layer)) {
      throw new InputError(`--layers: expected some of ${spatial.join(', ')}, got ${layer}`);
    }
  }
  const pictured = given.pictures ?? (chosen.includes('2b') ? '2b' : chosen[0]);
  const compile = await createCompile(2);
  const actor = await createActor(network, policy.parameters, 1, compile);
  const show = async <T>(label: string, task: (progress: (done: number) => void) => Promise<T>): Promise<T> => {
    const progress = output.progress({ label, total: 100, unit: '%' });
    try {
      return await task((done) => progress.update(Math.round(1000 * done) / 10));
    } finally {
      progress.finish();
    }
  };
  const acting = {
    async act(observation: Uint8Array) {
      const { logits, values } = await actor.act(observation);
      return { logits, value: values[0] };
    },
  };
  const bank = await show('playing levels', (progress) =>
    playBank(policy, acting, { levels, every, cancellation: signal, progress }),
  );
  const layers: LayerFeatures[] = [];
  for (const layer of chosen) {
    throwIfAborted(signal, 'features');
    layers.push(
      await show(`layer ${layer}`, (progress) =>
        layerFeatures(policy, compile, bank, {
          layer,
          factors,
          mapFrames,
          permutations,
          cancellation: signal,
          progress: (_what, done) => progress(done),
        }),
      ),
    );
  }
  const shown = layers.find(({ layer }) => layer === pictured);
  const pictures = shown
    ? await show(`pictures of ${pictured}`, (progress) =>
        featurePictures(policy, compile, {
          layer: pictured,
          directions: shown.directions,
          factors: shown.directions.map((_, i) => i),
          frames: replayBank({ ...bank, frames: bank.frames.slice(0, 64) }).observations,
          steps: pictureSteps,
          cancellation: signal,
          progress,
        }),
      )
    : [];
  actor.dispose();
  const file: FeaturesFile = {
    version: 1,
    policy: stored.hash,
    command: `saccade features --policy ${stored.name} --levels ${levels} --every ${every} --factors ${factors}`,
    bank,
    layers,
    pictures,
  };
  const text = `${JSON.stringify(file)}\n`;
  if (text.length > largestFile) {
    throw new InputError(
      `features: expected at most ${largestFile} bytes, got ${text.length}: fewer --levels or --layers`,
    );
  }
  const path = out ?? join(dirname(stored.path), featuresFileName);
  await writeAtomically(path, text);
  output.print(
    `${path}: ${chosen.join(', ')}, ${bank.frames.length} frames of ${levels} levels, ${Math.round(text.length / 1000)} kB`,
  );
  return { path, layers: chosen, frames: bank.frames.length, bytes: text.length };
}
