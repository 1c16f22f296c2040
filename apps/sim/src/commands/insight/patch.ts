/** Runs `saccade patch`. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import type { CoinRunConfig } from '@saccade/envs';
import { interchange, openLayer, pairsWithout, parseTarget, quantile, restoreAtObject } from '@saccade/insight';
import type { Report } from '@saccade/insight';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, integerFlag, parseFlags } from '../shell/flags.ts';
import { analysisFlags, dictionaryFor, frameFlags, openAnalysis } from './session.ts';
import type { Analysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  dictionary: z.string().optional(),
  factors: integerFlag(1, 512),
  object: choiceFlag(['coin', 'saw', 'enemy', 'crate']),
  target: z.string(),
  pairs: integerFlag(1, 10_000),
});

/** Pairs whose target moves less than this share of its spread over the pairs carry no signal. */
const leastChange = 0.05;

/** CoinRun as an analysis plays it. @throws InputError when the policy is of another environment */
export function coinRunOf({ environment }: Analysis, changes: Partial<CoinRunConfig> = {}) {
  if (environment.name !== 'coinrun') {
    throw new InputError(`policy: expected one of coinrun, got one of ${environment.name}`);
  }
  return createCoinRun({ ...environment.config, ...changes });
}

function spread(values: ArrayLike<number>): number {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
}

export async function runPatch(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, seed, object } = given;
  const { signal } = context;
  const analysis = await openAnalysis('saccade patch', given, context);
  const { stored, compile } = analysis;
  const { policy } = stored;
  try {
    const target = parseTarget(given.target, policy);
    const environment = coinRunOf(analysis);
    const open = await openLayer(policy, layer, compile);
    const frames = await analysis.collect(given.frames, given.every);
    const file = given.dictionary;
    const { dictionary, names } = await dictionaryFor(analysis, open, {
      file,
      factors: given.factors,
      frames,
      seed,
      signal,
    });
    const pairs = pairsWithout(environment, frames, object, given.pairs);
    const clean = await open.encode(pairs.clean, signal);
    const corrupt = await open.encode(pairs.corrupt, signal);
    const scale = spread(await open.attributor.scores(clean.activations, target.target, { context: clean.context }));
    const found = await analysis.withProgress('patching', (progress) =>
      interchange(open, clean, corrupt, target.target, dictionary, {
        threshold: leastChange * scale,
        positions: true,
        cancellation: signal,
        progress,
      }),
    );
    const kept = found.pairs.length;
    if (kept === 0)
      throw new InputError(`patch: expected a ${object} that moves ${target.label}, got none in ${pairs.count} pairs`);

    // By depth: the positions at the object given back at each layer that has positions.
    const depth: [string, number, number, number][] = [];
    for (const name of policy.network.layers) {
      if (policy.network.layerShapes[name].length !== 3) continue;
      const at = name === layer ? open : await openLayer(policy, name, compile);
      const restored = await restoreAtObject(
        at,
        await at.encode(pairs.clean),
        await at.encode(pairs.corrupt),
        pairs.masks,
        target.target,
      );
      const some = Array.from(found.pairs, (pair) => restored[pair]).filter(Number.isFinite);
      depth.push([name, quantile(some, 0.5), quantile(some, 0.25), quantile(some, 0.75)]);
      if (at !== open) at.dispose();
    }
    const parts = found.factors.parts;
    const median = (values: Float64Array, part: number, share = 0.5): number =>
      quantile(
        Array.from({ length: kept }, (_, pair) => values[pair * parts + part]),
        share,
      );
    const changes = Array.from(found.clean, (value, i) => value - found.corrupt[i]);
    const { linear, integrated } = found.factors.correlation;
    const rows = [...names, 'what no factor holds'].map((name, part) => [
      name,
      median(found.factors.patched, part),
      median(found.factors.linear, part),
      median(found.factors.integrated, part),
    ]);
    const largest = rows.slice(0, -1).reduce((best, row) => ((row[1] as number) > (best[1] as number) ? row : best));
    const report: Report = {
      title: `What carries the ${object}’s effect on ${target.label} in ${stored.name}`,
      summary: `Over ${kept} frames, giving ${String(largest[0])} back restores ${(100 * Number(largest[1])).toFixed(0)}% of the ${object}’s effect on ${target.label} (median), the most of any factor. Integrated gradients correlate with the experiment at ${integrated.pearson.toFixed(2)}, attribution patching at ${linear.pearson.toFixed(2)}.`,
      origin: {
        ...analysis.origin,
        layer,
        object,
        target: given.target,
        'pairs looked at': pairs.count,
        'pairs kept': kept,
      },
      sections: [
        {
          title: 'By factor',
          blocks: [
            {
              kind: 'intervals',
              caption: `Share of the ${object}’s effect on ${target.label} that returns when one factor alone is given back: median over ${kept} pairs, quartiles for the experiment, and what two estimates say of it.`,
              x: 'share of F(with) − F(without) that returns',
              rows: [...names, 'what no factor holds'].flatMap((name, part) => [
                {
                  name,
                  group: 'experiment',
                  value: median(found.factors.patched, part),
                  low: median(found.factors.patched, part, 0.25),
                  high: median(found.factors.patched, part, 0.75),
                },
                { name, group: 'attribution patching', value: median(found.factors.linear, part) },
                { name, group: 'integrated gradients', value: median(found.factors.integrated, part) },
              ]),
            },
            {
              kind: 'table',
              caption: `Share of F(with) - F(without) that returns, median over pairs; median change ${quantile(changes, 0.5).toFixed(3)}`,
              columns: ['factor', 'patched', 'attribution patching', 'integrated gradients'],
              rows,
            },
            {
              kind: 'table',
              caption: 'Agreement with the experiment over all pairs and parts',
              columns: ['estimate', 'parts', 'Pearson', 'Spearman'],
              rows: (['factors', 'positions'] as const).flatMap((by) =>
                (['linear', 'integrated'] as const).map((estimate) => [
                  estimate === 'linear' ? 'attribution patching' : 'integrated gradients',
                  by,
                  found[by]?.correlation[estimate].pearson ?? Number.NaN,
                  found[by]?.correlation[estimate].spearman ?? Number.NaN,
                ]),
              ),
            },
          ],
        },
        {
          title: 'By layer',
          blocks: [
            {
              kind: 'intervals',
              caption: `Where the ${object} still is where it was seen: share of the effect that returns when only the positions at the ${object} are given back at a layer, median and quartiles over pairs.`,
              x: 'share of the effect that returns',
              rows: depth.map(([name, value, low, high]) => ({ name, group: 'layers', value, low, high })),
            },
            {
              kind: 'table',
              caption: `Share that returns when only the positions at the ${object} are given back`,
              columns: ['layer', 'median', 'lower quartile', 'upper quartile'],
              rows: depth,
            },
          ],
        },
      ],
    };
    await analysis.finish('patch', report, {
      names,
      changes,
      factors: found.factors,
      positions: found.positions?.correlation,
      depth,
    });
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}
