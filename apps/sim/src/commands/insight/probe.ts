/** Runs `saccade probe`. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import {
  conceptVector,
  openLayer,
  pairsWithout,
  parseTarget,
  positionFeatures,
  probeTargets,
  runProbes,
  selectFrames,
  splitByLevel,
  steer,
  untrainedLike,
} from '@saccade/insight';
import type { Block, FrameSet, Report, Representation, Steering } from '@saccade/insight';
import type { Policy } from '@saccade/nn';
import type { CommandContext } from '../shell/command.ts';
import { integerFlag, parseFlags } from '../shell/flags.ts';
import { coinRunOf } from './patch.ts';
import { analysisFlags, frameFlags, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layers: z.string().optional(),
  target: z.string(),
  permutations: integerFlag(1, 1000),
});

const kinds = ['coin', 'saw', 'enemy', 'crate'] as const;
/** Pairs of a concept vector, and frames that it is steered on. */
const conceptFrames = 64;

export async function runProbe(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { seed, permutations } = given;
  const analysis = await openAnalysis('saccade probe', given, context);
  const { stored, compile } = analysis;
  const { policy } = stored;
  try {
    const layers = given.layers?.split(',') ?? policy.network.layers.filter((layer) => layer !== 'input');
    const target = parseTarget(given.target, policy);
    const environment = coinRunOf(analysis);
    const frames = await analysis.collect(given.frames, given.every);
    const [train, test] = splitByLevel(frames);
    const read = async (of: Policy, layer: string, set: FrameSet): Promise<Float32Array> => {
      const open = await openLayer(of, layer, compile);
      const { activations } = await open.encode(set.observations, context.signal);
      open.dispose();
      return activations;
    };
    const scaled = (set: FrameSet): Float32Array => Float32Array.from(set.observations, (byte) => byte / 255);
    const size = train.observations.length / train.count;
    const representations: Representation[] = [
      { name: 'position alone', features: 2, train: positionFeatures(train), test: positionFeatures(test) },
      { name: 'raw pixels', features: size, train: scaled(train), test: scaled(test) },
    ];
    for (const layer of layers) {
      for (const [name, of] of [
        [layer, policy],
        [`${layer}, untrained`, untrainedLike(policy, seed)],
      ] as const) {
        const activations = await read(of, layer, train);
        representations.push({
          name,
          features: activations.length / train.count,
          train: activations,
          test: await read(of, layer, test),
        });
      }
    }
    const scores = await analysis.withProgress('probing', (progress) =>
      runProbes(representations, probeTargets(train), probeTargets(test), train.levelSeeds, {
        permutations,
        seed,
        cancellation: context.signal,
        progress,
      }),
    );

    const steered: { kind: string; layer: string; pairs: number; result: Steering }[] = [];
    const some = selectFrames(
      test,
      Array.from({ length: Math.min(conceptFrames, test.count) }, (_, i) => i),
    );
    await analysis.withProgress('steering', async (progress) => {
      for (const [k, kind] of kinds.entries()) {
        for (const layer of layers) {
          const open = await openLayer(policy, layer, compile);
          try {
            const pairs = pairsWithout(environment, train, kind, conceptFrames);
            const vector = conceptVector(await open.encode(pairs.clean), await open.encode(pairs.corrupt));
            const result = await steer(open, await open.encode(some.observations), vector, target.target, { seed });
            steered.push({ kind, layer, pairs: pairs.count, result });
          } catch (error) {
            // No such object in these frames: the others are still worth their rows.
            if (!(error instanceof InputError)) throw error;
          } finally {
            open.dispose();
          }
        }
        progress((k + 1) / kinds.length);
      }
    });

    const targets = [...new Set(scores.map((score) => score.target))];
    const numbers = new Set(probeTargets(test).flatMap(({ name, kind }) => (kind === 'number' ? [name] : [])));
    const scoreOf = (name: string, representation: string): number =>
      scores.find((score) => score.target === name && score.representation === representation)?.score ?? Number.NaN;
    /** The best that any representation reaches with permuted labels. */
    const chanceOf = (name: string): number =>
      Math.max(
        ...scores.flatMap((score) => (score.target === name && !Number.isNaN(score.chance) ? [score.chance] : [])),
      );
    const probeTable = (caption: string, some: readonly string[], shade: readonly [number, number]): Block => ({
      kind: 'table',
      caption,
      columns: ['representation', ...some],
      rows: [
        ...representations.map(({ name }) => [name, ...some.map((one) => Number(scoreOf(one, name).toFixed(3)))]),
        ['permuted labels, 95th percentile', ...some.map((one) => Number(chanceOf(one).toFixed(3)))],
      ],
      shade,
    });
    const best = targets.map((name) =>
      scores
        .filter((score) => score.target === name)
        .reduce((a, b) => (b.score > a.score || Number.isNaN(a.score) ? b : a)),
    );
    const largest = (values: readonly number[]): number =>
      values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const report: Report = {
      title: `What a line can read off each layer of ${stored.name}`,
      summary: `Best linear readout of each fact (AUROC) and number (R²), on new levels: ${best
        .map(({ target: name, representation, score }) => `${name} ${score.toFixed(2)} (${representation})`)
        .join(', ')}.`,
      origin: { ...analysis.origin, 'training frames': train.count, 'test frames': test.count },
      sections: [
        {
          title: 'Linear probes',
          blocks: [
            probeTable(
              `Facts: AUROC (.5 is chance) on ${test.count} frames of levels that the probes were not fitted on. The last row is the best that any representation reaches with labels permuted between levels.`,
              targets.filter((name) => !numbers.has(name)),
              [0.5, 1],
            ),
            probeTable(
              'Numbers: R² on the same frames; below 0 is worse than the mean.',
              targets.filter((name) => numbers.has(name)),
              [0, 1],
            ),
          ],
        },
        {
          title: 'Concept vectors, steered',
          blocks: [
            {
              kind: 'table',
              caption: `Mean change of ${target.label} with the vector added or taken away, beside the largest of 20 random vectors of equal length. Every position moves by the vector’s own there.`,
              columns: ['concept', 'layer', 'pairs', '+v', 'largest random', '−v', 'largest random', 'beyond random'],
              rows: steered.map(({ kind, layer, pairs, result }) => [
                kind,
                layer,
                pairs,
                result.plus,
                largest(result.randomPlus),
                result.minus,
                largest(result.randomMinus),
                result.beyondRandomPlus && result.beyondRandomMinus
                  ? 'both ways'
                  : result.beyondRandomPlus
                    ? '+v'
                    : result.beyondRandomMinus
                      ? '−v'
                      : 'no',
              ]),
            },
          ],
        },
      ],
    };
    await analysis.finish('probe', report, { scores, steered });
  } finally {
    await analysis.dispose();
  }
}
