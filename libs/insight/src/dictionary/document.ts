/** A dictionary as JSON, so that what one command fitted another can use, and as a report. */
import { InputError } from '@saccade/core';
import type { Alignment } from '../alignment/align.ts';
import type { Dictionary } from '../dictionary.ts';
import type { FrameSet } from '../frames/collect.ts';
import type { Block, Report, Section } from '../report/document.ts';
import { gridOf } from '../report/picture.ts';
import type { Fidelity } from './fidelity.ts';
import { patchExamples, spatialExample } from './examples.ts';
import type { FactorActivity } from './examples.ts';
import type { Stability } from './fit.ts';

export interface DictionaryDocument {
  readonly version: 1;
  readonly layer: string;
  readonly factors: number;
  readonly channels: number;
  /** [factors][channels]. */
  readonly directions: readonly (readonly number[])[];
  readonly names: readonly string[];
  readonly colours: readonly number[];
  readonly explained: number;
  /** Hash of the policy's file. */
  readonly policy: string;
}

export function dictionaryDocument(
  dictionary: Dictionary,
  names: readonly string[],
  policy: string,
): DictionaryDocument {
  const { layer, factors, channels, directions, colours, explained } = dictionary;
  return {
    version: 1,
    layer,
    factors,
    channels,
    directions: Array.from({ length: factors }, (_, i) => [...directions.subarray(i * channels, (i + 1) * channels)]),
    names,
    colours,
    explained,
    policy,
  };
}

/** @throws InputError when it is not a dictionary, or one of another policy */
export function dictionaryFrom(
  document: unknown,
  policy: string,
): { dictionary: Dictionary; names: readonly string[] } {
  const from = document as Partial<DictionaryDocument> | null;
  const { layer, factors, channels, directions, names, colours, explained } = from ?? {};
  if (
    from?.version !== 1 ||
    !layer ||
    !factors ||
    !channels ||
    !Array.isArray(directions) ||
    directions.length !== factors ||
    directions.some((row) => !Array.isArray(row) || row.length !== channels || !row.every(Number.isFinite))
  ) {
    throw new InputError('dictionary: expected the JSON of a dictionary, version 1, got something else');
  }
  if (from.policy !== policy) {
    throw new InputError(`dictionary: expected one of policy ${policy}, got one of ${String(from.policy)}`);
  }
  return {
    dictionary: {
      layer,
      factors,
      channels,
      directions: Float32Array.from(directions.flat()),
      colours: colours ?? [],
      explained: explained ?? Number.NaN,
    },
    names: names ?? directions.map((_, i) => `factor ${i}`),
  };
}

export interface DictionaryFindings {
  readonly dictionary: Dictionary;
  readonly names: readonly string[];
  readonly activity: FactorActivity;
  readonly frames: FrameSet;
  readonly fidelity: readonly Fidelity[];
  readonly stability?: { readonly starts: Stability; readonly resamples: Stability };
  readonly alignment?: Alignment;
  /** What the factors were fitted on, where not on activations: `attributions of value`. */
  readonly fittedOn?: string;
}

const examplesShown = 16;

/** How well the factor tells the class that it tells best. */
function detects({ scores }: Alignment, factor: number): string {
  const { classes, auroc } = scores;
  let best = -1;
  classes.forEach((_, k) => {
    const value = auroc[factor * classes.length + k];
    if (value > (best < 0 ? 0 : auroc[factor * classes.length + best])) best = k;
  });
  return best < 0 ? '' : `, AUROC of ${classes[best]} ${auroc[factor * classes.length + best].toFixed(2)}`;
}

function factorBlocks({ dictionary, names, activity, frames, alignment }: DictionaryFindings): Block[] {
  return Array.from({ length: dictionary.factors }, (_, factor) => {
    const patches = patchExamples(activity, factor, frames, examplesShown);
    const spatial = spatialExample(activity, factor, frames).picture;
    return {
      kind: 'pictures',
      caption: `${names[factor] === `factor ${factor}` ? names[factor] : `${names[factor]} (factor ${factor})`}${alignment ? detects(alignment, factor) : ''}`,
      colour: dictionary.colours[factor],
      scale: 3,
      pictures: [
        { picture: spatial, text: 'best example of every position' },
        ...(patches.length > 0
          ? [
              {
                picture: gridOf(
                  patches.map(({ picture }) => picture),
                  4,
                ),
                text: 'most active patches, strongest first',
              },
            ]
          : []),
      ],
    } satisfies Block;
  });
}

/** Which classes are told apart better than by chance, and whether better than by colours alone. */
function alignmentSentence({ scores, null: nothing, pixels, untrained }: Alignment): string {
  const above = scores.best.flatMap(({ auroc }, k) =>
    auroc > nothing.limit ? [{ name: scores.classes[k], auroc, k }] : [],
  );
  if (above.length === 0) return 'No class is told apart better than the null.';
  const list = [...above]
    .sort((a, b) => b.auroc - a.auroc)
    .map(({ name, auroc }) => `${name} ${auroc.toFixed(2)}`)
    .join(', ');
  const better = above.filter(({ k, auroc }) =>
    [pixels, ...untrained].every((control) => !(control.best[k].auroc >= auroc)),
  );
  return `Above the null (${nothing.limit.toFixed(2)}): ${list}; of these ${better.length} of ${above.length} also above every factor of raw pixels and of untrained networks.`;
}

export function alignmentSection(
  { scores, null: nothing, excess, pixels, untrained }: Alignment,
  names: readonly string[],
): Section {
  const best = (found: Alignment['pixels'], k: number): number => found.best[k].auroc;
  return {
    title: 'Alignment with the simulator’s classes',
    blocks: [
      {
        kind: 'text',
        text: 'How well a factor’s activity tells the positions that show a class from the same positions in other frames (AUROC, .5 is chance). It measures alignment with the simulator’s classes, not whether a person can interpret the factor. The dictionary was fitted on frames that the policy met; it is scored on one bank for all policies, of other levels, met by a player that does not look.',
      },
      {
        kind: 'intervals',
        caption:
          'The best factor’s AUROC for each class, beside factors of raw pixels and of networks that learned nothing, which colours alone can make good.',
        x: 'AUROC (1: always tells it, .5: chance)',
        reference: { value: nothing.limit, name: 'null, 95th percentile of the maximum' },
        from: 0.5,
        rows: scores.classes.flatMap((name, k) => [
          { name, group: 'the policy’s factors', value: scores.best[k].auroc },
          { name, group: 'raw pixels', value: best(pixels, k) },
          ...untrained.map((one) => ({ name, group: 'untrained networks', value: best(one, k) })),
        ]),
      },
      {
        kind: 'table',
        caption: `Best factor of each class. Null: masks moved between levels, 95th percentile of the maximum over factors and classes: ${nothing.limit.toFixed(3)}.`,
        columns: ['class', 'factor', 'AUROC', 'above the null', 'raw pixels', 'untrained networks, best'],
        rows: scores.classes.map((name, k) => [
          name,
          scores.best[k].factor < 0 ? 'never seen' : names[scores.best[k].factor],
          scores.best[k].auroc,
          excess[k],
          best(pixels, k),
          untrained.length === 0 ? Number.NaN : untrained.reduce((most, one) => Math.max(most, best(one, k)), 0),
        ]),
      },
      {
        kind: 'table',
        caption: 'AUROC of every factor',
        columns: ['factor', ...scores.classes],
        rows: names.map((name, f) => [
          name,
          ...scores.classes.map((_, k) => scores.auroc[f * scores.classes.length + k]),
        ]),
        shade: [0.5, 1],
      },
    ],
  };
}

export function dictionaryReport(findings: DictionaryFindings, origin: Report['origin']): Report {
  const { dictionary, names, fidelity, stability, alignment } = findings;
  const { layer, factors, explained } = dictionary;
  const sections: Section[] = [
    { title: 'What each factor looks like', blocks: factorBlocks(findings) },
    {
      title: 'What the factors keep, beside controls of the same size',
      blocks: [
        {
          kind: 'table',
          caption: `The layer replaced by what ${factors} numbers a position can say of it, on frames held out from the fit.`,
          columns: ['code', 'R²', 'mean |ΔV|', '|ΔV| / SD(V)', 'KL of the policy, nats', 'same likeliest action'],
          rows: fidelity.map((row) => [
            row.name,
            row.r2,
            row.valueChange,
            row.relativeValueChange,
            row.divergence,
            row.sameAction,
          ]),
        },
      ],
    },
  ];
  if (stability) {
    sections.push({
      title: 'Stability',
      blocks: [
        {
          kind: 'table',
          caption: `Cosine with the matched factor of refits (Hungarian matching): mean over ${stability.starts.refits.length} random starts, and over ${stability.resamples.refits.length} samples of frames drawn anew with replacement.`,
          columns: ['factor', 'random starts', 'frames drawn anew'],
          rows: names.map((name, i) => [name, stability.starts.factors[i], stability.resamples.factors[i]]),
        },
      ],
    });
  }
  if (alignment) sections.push(alignmentSection(alignment, names));
  const rebuilt = fidelity[0];
  return {
    title: `${factors} factors of layer ${layer}${typeof origin['policy'] === 'string' ? ` of ${origin['policy']}` : ''}`,
    summary: `${factors} non-negative factors hold ${(100 * explained).toFixed(1)}% of the layer’s squared ${findings.fittedOn ?? 'activity'}; with them in its place the value moves by ${(100 * rebuilt.relativeValueChange).toFixed(0)}% of its spread and the likeliest action stays in ${(100 * rebuilt.sameAction).toFixed(0)}% of the frames.${alignment ? ` ${alignmentSentence(alignment)}` : ''}`,
    origin,
    sections,
  };
}
