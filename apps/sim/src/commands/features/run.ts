/** Runs `saccade features`, which `saccade publish` runs too. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { createActor } from '@saccade/agent';
import { InputError, throwIfAborted } from '@saccade/core';
import type { FeaturesFile, LayerFeatures } from '@saccade/protocol';
import { playBank, replayBank } from '../../features/bank.ts';
import { layerFeatures } from '../../features/layer.ts';
import { featurePictures } from '../../features/picture.ts';
import { writeAtomically } from '../../storage/atomicWrite.ts';
import { featuresFileName } from '../../storage/features.ts';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { CommandContext } from '../shell/command.ts';
import { commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.string(),
  layers: z.string().optional(),
  factors: integerFlag(1, 64),
  levels: integerFlag(4, 1000),
  every: integerFlag(1, 1000),
  pictures: z.string().optional(),
  out: z.string().optional(),
});

/** Larger layers see little of the picture at each position, and their pictures of positions are large. */
const mostPositions = 300;
const mapFrames = 400;
const permutations = 40;
const pictureSteps = 160;
/** What ships with a policy. */
const largestFile = 500_000;

export async function runFeatures(
  flags: Readonly<Record<string, unknown>>,
  { output, signal }: CommandContext,
): Promise<void> {
  const { policy: name, factors, levels, every, out, ...given } = parseFlags(flagsSchema, flags);
  const stored = await loadPolicy(await locatePolicy(name));
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
  output.result({ path, layers: chosen, frames: bank.frames.length, bytes: text.length });
}
