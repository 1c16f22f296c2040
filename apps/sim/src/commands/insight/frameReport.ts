/** One frame's reading as a page. */
import type { FlatMap } from '@saccade/attribution';
import type {
  ActivationGrid,
  Block,
  CellEntry,
  FrameExplanation,
  GroupEdge,
  Report,
  Section,
  SignedSums,
} from '@saccade/insight';
import { framePicture, gridPicture, overlayOf, scaleOf } from './framePictures.ts';

export interface ReadCell {
  readonly row: number;
  readonly column: number;
  readonly contribution: number;
  readonly channels: readonly CellEntry[];
}

export interface FrameReading {
  readonly policy: string;
  readonly layer: string;
  readonly level: number;
  readonly step: number;
  /** Of the target: for people, and its unit. */
  readonly target: string;
  readonly units: string;
  readonly observation: Uint8Array;
  readonly observationShape: readonly number[];
  readonly actions: readonly string[];
  readonly taken: number;
  readonly probabilities: ArrayLike<number>;
  readonly value: number;
  readonly names: readonly string[];
  readonly reading: FrameExplanation;
  /** Of the likeliest action's logit less the next one's. */
  readonly compared: FrameExplanation;
  readonly duel: { readonly first: string; readonly second: string };
  readonly channels: SignedSums;
  /** Over channels, [height, width]. */
  readonly places: Float64Array;
  readonly cells: readonly ReadCell[];
  readonly grid: ActivationGrid;
  /** Where the strongest cell of a later layer comes from, [height, width] of this one. */
  readonly source?: {
    readonly later: string;
    readonly shape: readonly number[];
    readonly row: number;
    readonly column: number;
    readonly map: Float64Array;
  };
  readonly graph?: readonly GroupEdge[];
  /** To explain the frame, once compiled. */
  readonly milliseconds: number;
}

const channelsShown = 8;

function factorMaps({ factorAttributions, height, width, dictionary }: FrameExplanation): FlatMap[] {
  const { factors } = dictionary;
  return Array.from({ length: factors }, (_, f) => ({
    height,
    width,
    signed: true,
    values: Float32Array.from({ length: height * width }, (_v, p) => factorAttributions[p * factors + f]),
  }));
}

const sumOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
};

/** The sign of each part in both directions, and what no factor holds, as rows of one plot. */
function contributionRows({ positive, negative, residual }: FrameExplanation, names: readonly string[]) {
  const row = (name: string, group: string, value: number) => ({ name, group, value });
  return [
    ...names.flatMap((name, f) => [
      row(name, 'raises it', positive[f]),
      ...(negative[f] < 0 ? [row(name, 'lowers it', negative[f])] : []),
    ]),
    row('what no factor holds', 'residual', sumOf(residual)),
  ];
}

function duelSection({ compared, duel, names, probabilities, actions }: FrameReading): Section {
  const rows = names.map((name, f) => ({
    name,
    group: 'factors',
    value: compared.positive[f] + compared.negative[f],
  }));
  const share = (action: string): string => `${(100 * probabilities[actions.indexOf(action)]).toFixed(1)}%`;
  return {
    title: `Why ${duel.first} and not ${duel.second}`,
    blocks: [
      {
        kind: 'intervals',
        caption: `What each factor contributed to the logit of ${duel.first} (${share(duel.first)}) less that of ${duel.second} (${share(duel.second)}), ${compared.attribution.score.toFixed(3)} in all. Right of zero speaks for ${duel.first}.`,
        x: 'contribution to the difference of logits',
        rows: [...rows, { name: 'what no factor holds', group: 'residual', value: sumOf(compared.residual) }],
      },
    ],
  };
}

export function frameReport(found: FrameReading, origin: Report['origin']): Report {
  const { policy, layer, level, step, target, units, names, reading, channels, places, cells, grid, source } = found;
  const [height, width] = found.observationShape;
  const frame = { bytes: found.observation, height, width };
  const { attribution } = reading;
  const maps = factorMaps(reading);
  const total: FlatMap = {
    height: reading.height,
    width: reading.width,
    signed: true,
    values: Float32Array.from(places),
  };
  const residual: FlatMap = { ...total, values: reading.residual };
  const colours = scaleOf([...maps, residual]);
  const { integrationError: error } = attribution;
  const net = names.map((name, f) => ({ name, value: reading.positive[f] + reading.negative[f] }));
  const strongest = net.reduce((a, b) => (Math.abs(b.value) > Math.abs(a.value) ? b : a));
  const best = Array.from({ length: channels.positive.length }, (_, c) => c)
    .sort(
      (a, b) => channels.positive[b] - channels.negative[b] - (channels.positive[a] - channels.negative[a]) || a - b,
    )
    .slice(0, channelsShown);
  const sections: Section[] = [
    {
      title: 'The frame and the decision',
      blocks: [
        {
          kind: 'pictures',
          caption: `Level ${level}, step ${step}: value ${found.value.toFixed(3)}, action taken: ${found.actions[found.taken]}.`,
          scale: 1,
          pictures: [
            { picture: framePicture(frame), text: 'what the agent sees' },
            { picture: overlayOf(frame, total), text: `what raised (and lowered) the ${target}` },
            {
              picture: gridPicture(grid, reading.height, reading.width),
              text: `${layer} at a glance: a square a cell, as large as its activity, coloured by kind (three principal components)`,
            },
          ],
        },
        {
          kind: 'intervals',
          caption: 'The policy here',
          x: 'probability',
          rows: found.actions.map((name, a) => ({
            name,
            group: a === found.taken ? 'taken' : 'not taken',
            value: Number(found.probabilities[a].toFixed(4)),
          })),
        },
      ],
    },
    {
      title: 'By factor',
      blocks: [
        {
          kind: 'intervals',
          caption: `Sums over positions of what each factor contributed to the ${target}, positive and negative apart; together with what no factor holds they are ${sumOf(attribution.map).toFixed(4)}, the ${target} less its baseline${attribution.baselineScore === undefined ? '' : ` (${attribution.baselineScore.toFixed(4)} with the layer silent)`}. Integration error: ${error ? `${(100 * error.completeness).toPrecision(2)}% over ${error.steps} points` : 'none stated'}.`,
          x: `contribution, ${units}`,
          rows: contributionRows(reading, names),
        },
        {
          kind: 'pictures',
          caption: `Where: all on one scale, full colour at ${colours.limit.toPrecision(3)} ${units} a position.`,
          scale: 1,
          pictures: [
            ...maps.map((map, f) => ({ picture: overlayOf(frame, map, colours), text: names[f] })),
            { picture: overlayOf(frame, residual, colours), text: 'what no factor holds' },
          ],
        },
      ],
    },
    duelSection(found),
    {
      title: 'By channel and by cell',
      blocks: [
        {
          kind: 'table',
          caption: `The ${best.length} channels that moved the ${target} most, summed over positions, ${units}.`,
          columns: ['channel', 'raised it by', 'lowered it by'],
          rows: best.map((c) => [`channel ${c}`, channels.positive[c], channels.negative[c]]),
        },
        {
          kind: 'table',
          caption: `The cells that moved it most, and what is in them: their most active channels (activation).`,
          columns: ['cell (row, column)', `contribution, ${units}`, 'channels'],
          rows: cells.map(({ row, column, contribution, channels: inside }) => [
            `${row}, ${column}`,
            contribution,
            inside.map(({ channel, activation }) => `${channel} (${activation.toPrecision(3)})`).join(', ') || 'none',
          ]),
        },
      ],
    },
  ];
  if (source) {
    const map: FlatMap = {
      height: reading.height,
      width: reading.width,
      signed: true,
      values: Float32Array.from(source.map),
    };
    const blocks: Block[] = [
      {
        kind: 'pictures',
        caption: `The most active cell of ${source.later} (row ${source.row}, column ${source.column} of ${source.shape[0]} x ${source.shape[1]}), traced back: gradient of its activity times ${layer}’s activation.`,
        scale: 1,
        pictures: [{ picture: overlayOf(frame, map), text: `where in ${layer} it comes from` }],
      },
    ];
    if (found.graph) {
      const later = source.later;
      blocks.push({
        kind: 'table',
        caption: `The strongest links of ${layer}’s factors to ${later}’s, and of ${later}’s to the ${target}: gradient times each factor’s part of the activation.`,
        columns: ['from', 'to', 'weight'],
        rows: found.graph.map(({ from, to, weight }) => [
          from.layer === layer ? names[from.factor] : `${from.layer} factor ${from.factor}`,
          to.layer === null ? target : `${to.layer} factor ${to.factor}`,
          weight,
        ]),
      });
    }
    sections.push({ title: `From ${layer} to ${source.later}`, blocks });
  }
  return {
    title: `${policy} at step ${step} of level ${level}`,
    summary:
      `The ${target} here is ${attribution.score.toFixed(3)}; of ${layer}’s factors, ${strongest.name} moved it most (${strongest.value >= 0 ? '+' : '−'}${Math.abs(strongest.value).toFixed(3)}), and factors hold all but ${sumOf(reading.residual).toFixed(3)} of it. ${found.actions[found.taken]} was taken, with a probability of ${(100 * found.probabilities[found.taken]).toFixed(0)}%. Explained in ${found.milliseconds.toFixed(0)} ms.`.replaceAll(
        '-',
        '−',
      ),
    origin,
    sections,
  };
}
