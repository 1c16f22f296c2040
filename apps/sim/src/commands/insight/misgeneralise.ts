/** Runs `saccade misgeneralise`. */
import { z } from 'zod';
import { createActor, policyPlayer } from '@saccade/agent';
import { createStream, InputError } from '@saccade/core';
import {
  bootstrapMean,
  conceptVector,
  conditionEnvironment,
  conditions,
  endFrames,
  openLayer,
  parseTarget,
  playRoutes,
  sliceStates,
  steer,
} from '@saccade/insight';
import type { Interval, Report, Route } from '@saccade/insight';
import type { CommandContext } from '../shell/command.ts';
import { integerFlag, parseFlags } from '../shell/flags.ts';
import { analysisFlags, heldOut, lanes, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  layer: z.string(),
  levels: integerFlag(2, 10_000),
  steps: integerFlag(1, 1000),
});

const text = ({ estimate, low, high }: Interval, digits = 3): string =>
  `${estimate.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;

export async function runMisgeneralise(
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, seed, levels, steps } = given;
  const analysis = await openAnalysis('saccade misgeneralise', given, context);
  const { stored, compile, environment } = analysis;
  const { policy } = stored;
  const { network } = policy;
  try {
    if (environment.name !== 'coinrun')
      throw new InputError(`misgeneralise: expected a policy of coinrun, got one of ${environment.name}`);
    const open = await openLayer(policy, layer, compile);
    const targets = ['value', 'right'].map((name) => parseTarget(name, policy));
    const seeds = heldOut(levels);
    const actor = await createActor(network, policy.parameters, lanes, compile);
    const environments = Array.from({ length: lanes }, () => conditionEnvironment(environment.config, steps));
    const routes: Route[][] = [];
    for (const condition of conditions) {
      routes.push(
        await analysis.withProgress(`coin ${condition.coin}, wall ${condition.wall}`, (progress) =>
          playRoutes({
            environments,
            player: policyPlayer(actor, network.actions, false),
            levelSeeds: seeds,
            condition,
            seed,
            onProgress: (done, total) => progress(done / total),
            cancellation: context.signal,
          }),
        ),
      );
    }
    actor.dispose();
    const mean = (name: string, values: ArrayLike<number>): Interval => bootstrapMean(values, createStream(seed, name));
    const name = (i: number): string => `coin ${conditions[i].coin}, wall ${conditions[i].wall}`;
    const measure = (of: (route: Route) => number, what: string) =>
      routes.map((some, i) => ({
        rate: mean(`${what}/${i}`, some.map(of)),
        change: mean(
          `${what}/change/${i}`,
          some.map((route, k) => of(route) - of(routes[0][k])),
        ),
      }));
    const reached = measure((route) => (route.reachedEnd ? 1 : 0), 'end');
    const took = measure((route) => (route.tookCoin ? 1 : 0), 'coin');
    const way = measure((route) => route.progress, 'way');

    const frames = endFrames(environments[0], routes[0], 256);
    const states = [];
    for (const observations of frames.observations) states.push(await open.encode(observations));
    const scores: Float64Array[][] = [];
    for (const { target } of targets) {
      const row = [];
      for (const { activations, context: beside } of states)
        row.push(await open.attributor.scores(activations, target, { context: beside }));
      scores.push(row);
    }
    const effects = targets.map(({ label }, t) =>
      conditions.map((_, i) => ({
        label,
        mean: mean(`${label}/${i}`, scores[t][i]),
        change: mean(
          `${label}/change/${i}`,
          scores[t][i].map((value, k) => value - scores[t][0][k]),
        ),
      })),
    );

    // Vectors from one half of the moments, steered on the other.
    const half = Math.floor(frames.count / 2);
    const first = states.map((one) => sliceStates(one, 0, half));
    const bare = sliceStates(states[5], half, frames.count);
    const vectors =
      half < 1
        ? []
        : [
            { what: 'coin', vector: conceptVector(first[0], first[2]) },
            { what: 'wall', vector: conceptVector(first[2], first[5]) },
          ];
    const steered = [];
    for (const { what, vector } of vectors) {
      for (const { target, label } of targets)
        steered.push({ what, label, result: await steer(open, bare, vector, target, { seed }) });
    }
    const largest = (values: readonly number[]): number =>
      values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
    const report: Report = {
      title: `Does ${stored.name} want the coin, or the place where coins were?`,
      summary: `With the coin gone the policy still reaches the end in ${percent(reached[2].rate.estimate)} of ${levels} levels (${percent(reached[0].rate.estimate)} with it); with the coin in the middle it takes it in ${percent(took[1].rate.estimate)} and reaches the end in ${percent(reached[1].rate.estimate)}; without the wall behind the end, and the coin gone, it gets there in ${percent(reached[5].rate.estimate)}.`,
      origin: { ...analysis.origin, layer, levels, 'time limit': steps, 'moments near the end': frames.count },
      sections: [
        {
          title: 'Routes',
          blocks: [
            {
              kind: 'intervals',
              caption: `Share of ${levels} held-out levels in which the policy gets to the end column, and in which it takes the coin; 95% intervals by bootstrap over levels.`,
              x: 'share of levels',
              rows: conditions.flatMap((_, i) => [
                {
                  name: name(i),
                  group: 'reaches the end',
                  value: reached[i].rate.estimate,
                  low: reached[i].rate.low,
                  high: reached[i].rate.high,
                },
                ...(conditions[i].coin === 'absent'
                  ? []
                  : [
                      {
                        name: name(i),
                        group: 'takes the coin',
                        value: took[i].rate.estimate,
                        low: took[i].rate.low,
                        high: took[i].rate.high,
                      },
                    ]),
              ]),
            },
            {
              kind: 'table',
              caption:
                'Means over levels with level-bootstrap 95% intervals; changes are paired with coin end, wall present. Routes stop one cell before the end.',
              columns: ['condition', 'reaches the end', 'change', 'takes the coin', 'share of the way', 'change'],
              rows: conditions.map((_, i) => [
                name(i),
                text(reached[i].rate),
                text(reached[i].change),
                text(took[i].rate),
                text(way[i].rate),
                text(way[i].change),
              ]),
            },
          ],
        },
        {
          title: 'Value and wish to go right, near the end',
          blocks: effects.map((rows) => ({
            kind: 'table' as const,
            caption: `${rows[0].label}: the same ${frames.count} moments under each condition`,
            columns: ['condition', 'mean', 'change'],
            rows: rows.map((row, i) => [name(i), text(row.mean), text(row.change)]),
          })),
        },
        {
          title: 'Coin and wall vectors, steered',
          blocks: [
            {
              kind: 'table',
              caption: `Mean differences at ${layer}: coin (end less absent) and wall (present less removed), added to and taken from moments without either, beside the largest of 20 random vectors of equal length.`,
              columns: ['vector', 'target', '+v', 'largest random', '−v', 'largest random'],
              rows: steered.map(({ what, label, result }) => [
                what,
                label,
                result.plus,
                largest(result.randomPlus),
                result.minus,
                largest(result.randomMinus),
              ]),
            },
          ],
        },
      ],
    };
    await analysis.finish('misgeneralise', report, { conditions, reached, took, way, effects, steered });
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}
