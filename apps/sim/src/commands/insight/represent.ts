/** Runs `saccade represent`. */
import { z } from 'zod';
import { principalComponents, tsneSteps } from '@saccade/attribution';
import {
  compareRepresentations,
  fitDictionary,
  followFactors,
  inSteps,
  openLayer,
  pictureOf,
  readRepresentations,
} from '@saccade/insight';
import type { FactorHistory, NamedPolicy, Report, Section } from '@saccade/insight';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import type { CommandContext } from '../shell/command.ts';
import { integerFlag, parseFlags } from '../shell/flags.ts';
import { analysisFlags, frameFlags, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  layers: z.string().optional(),
  with: z.array(z.string()).default([]),
  factors: integerFlag(1, 512),
});

/** Frames drawn beside the map, so that its points can be looked up. */
const framesShown = 24;

export async function runRepresent(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, seed } = given;
  const { signal: cancellation } = context;
  const analysis = await openAnalysis('saccade represent', given, context);
  const { stored, compile } = analysis;
  try {
    const policies: NamedPolicy[] = [{ name: stored.name, policy: stored.policy }];
    for (const name of given.with) {
      const other = await loadPolicy(await locatePolicy(name));
      const known = policies.some((one) => one.name === other.name);
      policies.push({ name: known ? `${other.name} (${policies.length})` : other.name, policy: other.policy });
    }
    const frames = await analysis.collect(given.frames, given.every, { keepStates: false });
    const found = await analysis.withProgress('reading layers', (progress) =>
      readRepresentations(policies, given.layers?.split(','), frames.observations, compile, { cancellation, progress }),
    );
    const comparison = await analysis.withProgress('comparing representations', (progress) =>
      compareRepresentations(found, frames.count, { cancellation, progress }),
    );
    const labels = found.map((one) => (policies.length > 1 ? `${one.policy} ${one.layer}` : one.layer));

    const open = await openLayer(stored.policy, layer, compile);
    const states = await open.encode(frames.observations, cancellation);
    const values = await open.outputs(states);
    open.dispose();
    const width = stored.policy.network.actions + 1;
    const value = (frame: number): number => values[frame * width + width - 1];
    const principal = principalComponents(states.activations, open.size, 2);
    const embedded = await analysis.withProgress('t-SNE', (progress) =>
      inSteps(tsneSteps(states.activations, open.size), { cancellation, progress, what: 't-SNE' }),
    );
    const sorted = Array.from({ length: frames.count }, (_, i) => i).sort((a, b) => value(a) - value(b));
    const thirds = ['low value', 'middle value', 'high value'].map((name, third) => ({
      name,
      frames: sorted.slice(Math.floor((third * frames.count) / 3), Math.floor(((third + 1) * frames.count) / 3)),
    }));
    const map = (caption: string, coordinates: ArrayLike<number>) => ({
      kind: 'chart' as const,
      caption,
      x: 'first axis',
      y: 'second axis',
      series: thirds.map(({ name, frames: members }) => ({
        name,
        points: members.map((frame) => ({
          x: coordinates[2 * frame],
          y: coordinates[2 * frame + 1],
          label: `frame ${frame}, level ${frames.levelSeeds[frame]}, value ${value(frame).toFixed(2)}`,
        })),
      })),
    });
    const explained = (100 * (principal.variances[0] + principal.variances[1])) / principal.totalVariance;
    const size = frames.observations.length / frames.count;
    const sections: Section[] = [
      {
        title: `Frames as ${layer} of ${stored.name} sees them`,
        blocks: [
          map(
            `t-SNE, perplexity ${embedded.perplexity}, divergence ${embedded.divergence.toFixed(3)}`,
            embedded.coordinates,
          ),
          map(`Principal components, ${explained.toFixed(1)}% of the variance`, principal.coordinates),
          {
            kind: 'pictures',
            caption: 'Some of the frames, from the lowest value to the highest',
            scale: 1,
            pictures: Array.from({ length: Math.min(framesShown, frames.count) }, (_, i) => {
              const frame = sorted[Math.floor((i * frames.count) / Math.min(framesShown, frames.count))];
              const bytes = frames.observations.slice(frame * size, (frame + 1) * size);
              return { picture: pictureOf(bytes, frames.shape), text: `${frame}: ${value(frame).toFixed(2)}` };
            }),
          },
        ],
      },
      {
        title: 'Layers and policies beside each other',
        blocks: [
          {
            kind: 'table',
            caption: 'Debiased linear CKA: 1 the same up to rotation and scale, about 0 unrelated',
            columns: ['', ...labels],
            rows: labels.map((label, i) => [label, ...labels.map((_, j) => comparison.cka[i * labels.length + j])]),
            shade: [0, 1],
          },
          ...(comparison.layout
            ? [
                {
                  kind: 'chart' as const,
                  caption:
                    'A point a representation, by the normalised distances it keeps between frames (meta-SNE; principal components with fewer than eight)',
                  x: 'first axis',
                  y: 'second axis',
                  series: policies.map(({ name }) => ({
                    name,
                    points: found.flatMap((one, i) =>
                      one.policy === name && comparison.layout
                        ? [{ x: comparison.layout[2 * i], y: comparison.layout[2 * i + 1], label: labels[i] }]
                        : [],
                    ),
                  })),
                },
              ]
            : []),
        ],
      },
    ];
    let history: FactorHistory | undefined;
    const { architecture } = stored.policy.network;
    if (policies.length > 1 && policies.every(({ policy }) => policy.network.architecture === architecture)) {
      const dictionaries: Float32Array[] = [];
      let channels = 0;
      for (const { policy } of policies) {
        const at = await openLayer(policy, layer, compile);
        channels = at.channels;
        const request = { factors: given.factors, maximumRows: 50_000, seed, cancellation };
        dictionaries.push((await fitDictionary(at, frames.observations, request)).directions);
        at.dispose();
      }
      history = followFactors(dictionaries, channels);
      sections.push({
        title: `Factors of ${layer}, followed back from the last policy`,
        blocks: [
          {
            kind: 'table',
            caption: 'Cosine with the last policy’s factor, through matched neighbours, in the order given',
            columns: ['policy', ...Array.from({ length: given.factors }, (_, i) => `factor ${i}`)],
            rows: policies.map(({ name }, i) => [name, ...(history?.cosines[i] ?? [])]),
          },
        ],
      });
    }
    const report: Report = {
      title: 'Representations',
      summary: `${labels.length} representations of ${frames.count} frames; two principal components hold ${explained.toFixed(1)}% of ${layer}’s variance.`,
      origin: { ...analysis.origin, layer, frames: frames.count },
      sections,
    };
    await analysis.finish('represent', report, {
      labels,
      ...comparison,
      tsne: embedded,
      principal: principal.coordinates,
      history,
    });
  } finally {
    await analysis.dispose();
  }
}
