/** A scorecard as tables and pictures, and as plain data: every method by every metric, policy beside policy. */
import { colourScale, methods as registry, paint, paintOver } from '@saccade/attribution';
import type { Block, Section } from '../report/document.ts';
import { blankPicture, pictureOf } from '../report/picture.ts';
import type { Picture } from '../report/picture.ts';
import type { Interval } from '../statistics/bootstrap.ts';
import { compareWithControls, kendallTau } from './compare.ts';
import type { MetricComparison } from './compare.ts';
import { scorecardMetrics } from './metrics.ts';
import type { FrameMap, ScorecardMetric } from './metrics.ts';
import { scorecardTargets } from './frameMaps.ts';
import type { ScorecardTarget } from './frameMaps.ts';
import { scorecardControls } from './score.ts';
import type { ExampleMaps, PolicyScores } from './score.ts';

export type ScorecardComparisons = Readonly<
  Record<ScorecardTarget, Readonly<Record<ScorecardMetric, MetricComparison>>>
>;

const metricNames = Object.keys(scorecardMetrics) as ScorecardMetric[];
/** Below this corrected p a method counts as better than the best control. */
const significance = 0.05;

const record = <Key extends string, Value>(keys: readonly Key[], of: (key: Key) => Value): Record<Key, Value> =>
  Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, Value>;

export function compareScores(
  { values }: PolicyScores,
  methods: readonly string[],
  seed: number,
): ScorecardComparisons {
  return record(scorecardTargets, (target) =>
    record(metricNames, (metric) =>
      compareWithControls(
        values[target][metric],
        { methods, controls: scorecardControls },
        scorecardMetrics[metric].better,
        `${seed}/${target}/${metric}`,
      ),
    ),
  );
}

/** Kendall's tau between two policies' means of the methods, by target and metric. */
export function rankingAgreement(
  a: ScorecardComparisons,
  b: ScorecardComparisons,
  methods: readonly string[],
): Record<ScorecardTarget, Record<ScorecardMetric, number>> {
  const means = (of: MetricComparison): number[] =>
    methods.map((method) => of.entries[method]?.mean.estimate ?? Number.NaN);
  return record(scorecardTargets, (target) =>
    record(metricNames, (metric) => kendallTau(means(a[target][metric]), means(b[target][metric]))),
  );
}

const text = ({ estimate, low, high }: Interval): string =>
  `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

const controlTitles: Readonly<Record<string, string>> = {
  uniform: 'control: uniform noise',
  centred: 'control: centred Gaussian',
  edges: 'control: edges of the picture',
  randomNetwork: 'control: gradient x input of a random network',
};

function titleOf(name: string): string {
  const methods: Readonly<Record<string, { readonly title: string }>> = registry;
  return controlTitles[name] ?? methods[name].title;
}

function targetTitle(target: ScorecardTarget): string {
  return target === 'value' ? 'value' : 'logit of the action taken, less the mean';
}

/** How often a method beats the best control, over the metrics of both targets: what the summary ranks by. */
export function winsOf(comparisons: ScorecardComparisons, method: string): { wins: number; metrics: number } {
  let [wins, metrics] = [0, 0];
  for (const target of scorecardTargets) {
    for (const metric of metricNames) {
      const entry = comparisons[target][metric].entries[method];
      if (entry?.advantage === undefined) continue;
      metrics++;
      if (entry.advantage.estimate > 0 && (entry.adjusted ?? 1) < significance) wins++;
    }
  }
  return { wins, metrics };
}

const verdictMarks = { better: '▲', worse: '▼', alike: '·', undefined: '–' } as const;

/** Beside the best control: significantly better, significantly worse, or neither. */
function verdictOf({ entries }: MetricComparison, method: string): keyof typeof verdictMarks {
  const { advantage, adjusted = 1 } = entries[method] ?? {};
  if (advantage === undefined) return 'undefined';
  if (adjusted >= significance || advantage.estimate === 0) return 'alike';
  return advantage.estimate > 0 ? 'better' : 'worse';
}

/** Those that controls have too. A map is signed or not, so the two metrics of objects share a column. */
const comparedMetrics: readonly { readonly title: string; readonly metrics: readonly ScorecardMetric[] }[] = [
  ...(
    ['pointingGame', 'massAccuracy', 'rankAccuracy', 'deletion', 'insertion', 'sensitivityN', 'infidelity'] as const
  ).map((metric) => ({ title: scorecardMetrics[metric].title, metrics: [metric] })),
  { title: 'objects', metrics: ['objectsSigned', 'objectsUnsigned'] },
];

/** Narrow enough to be seen at once. */
function verdictTable(
  comparisons: ScorecardComparisons,
  target: ScorecardTarget,
  methods: readonly string[],
  failing: ReadonlySet<string>,
): Block {
  return {
    kind: 'table',
    caption: `${targetTitle(target)}: ▲ better than the best control map, ▼ worse, · no difference that these frames show, – not defined (paired bootstrap over levels, Holm over the methods, p < ${significance}). † fails the randomisation check.`,
    columns: ['method', ...comparedMetrics.map(({ title }) => title)],
    rows: methods.map((name) => [
      `${titleOf(name)}${failing.has(name) ? ' †' : ''}`,
      ...comparedMetrics.map(({ metrics }) => {
        const verdicts = metrics.map((metric) => verdictOf(comparisons[target][metric], name));
        return verdictMarks[verdicts.find((verdict) => verdict !== 'undefined') ?? 'undefined'];
      }),
    ]),
  };
}

function intervalBlocks(
  comparisons: ScorecardComparisons,
  target: ScorecardTarget,
  metric: ScorecardMetric,
  methods: readonly string[],
): Block[] {
  const { entries, bestControl } = comparisons[target][metric];
  const { title, better } = scorecardMetrics[metric];
  const rows = [...methods, ...scorecardControls].flatMap((name) => {
    const mean = entries[name]?.mean;
    if (mean === undefined) return [];
    const group = methods.includes(name) ? 'method' : 'control';
    return [{ name: titleOf(name), group, value: mean.estimate, low: mean.low, high: mean.high }];
  });
  if (rows.length === 0) return [];
  const control = bestControl === undefined ? undefined : entries[bestControl].mean.estimate;
  return [
    {
      kind: 'intervals',
      caption: `${targetTitle(target)}: ${title}, ${better} is better; means over levels with 95% intervals`,
      x: title,
      rows,
      ...(control === undefined ? {} : { reference: { value: control, name: 'best control' } }),
      from: Math.min(0, ...rows.map(({ low }) => low)),
    },
  ];
}

function overviewTable(
  comparisons: ScorecardComparisons,
  target: ScorecardTarget,
  names: readonly string[],
  failing: ReadonlySet<string>,
): Block {
  return {
    kind: 'table',
    caption: `${targetTitle(target)}: means over levels with 95% intervals. * better than the best control (paired bootstrap over levels, Holm over the methods, p < ${significance}). † fails the randomisation check. Arrows say which way is good.`,
    columns: [
      'map',
      ...metricNames.map((metric) => {
        const { title, better } = scorecardMetrics[metric];
        return `${title} ${better === 'higher' ? '↑' : '↓'}`;
      }),
    ],
    rows: names.map((name) => [
      `${titleOf(name)}${failing.has(name) ? ' †' : ''}`,
      ...metricNames.map((metric) => {
        const entry = comparisons[target][metric].entries[name];
        if (entry === undefined) return '–';
        const better = (entry.advantage?.estimate ?? 0) > 0 && (entry.adjusted ?? 1) < significance;
        return `${text(entry.mean)}${better ? ' *' : ''}`;
      }),
    ]),
  };
}

function advantageTable(comparisons: ScorecardComparisons, target: ScorecardTarget, methods: readonly string[]): Block {
  return {
    kind: 'table',
    caption: `${targetTitle(target)}: how much better than the best control, metric by metric (positive is better), with the corrected p`,
    columns: [
      'method',
      ...metricNames.map((metric) => {
        const { bestControl } = comparisons[target][metric];
        return bestControl === undefined
          ? scorecardMetrics[metric].title
          : `${scorecardMetrics[metric].title}, beside ${bestControl}`;
      }),
    ],
    rows: methods.map((name) => [
      titleOf(name),
      ...metricNames.map((metric) => {
        const { advantage, adjusted = 1 } = comparisons[target][metric].entries[name] ?? {};
        return advantage === undefined ? '–' : `${text(advantage)}, p ${adjusted.toFixed(3)}`;
      }),
    ]),
  };
}

function randomisationBlocks({ checks }: PolicyScores): Block[] {
  const names = Object.keys(checks);
  if (names.length === 0) return [];
  const { stages } = checks[names[0]];
  return [
    {
      kind: 'table',
      caption:
        'Layers randomised one after another from the top: median Spearman correlation with the original map after each. A method fails if, with all of them randomised, the median magnitude exceeds the 95th percentile between maps of unrelated random networks.',
      columns: ['method', ...stages.map(({ upTo }) => upTo), '|all|', 'by chance', 'similarity (SSIM), all', 'verdict'],
      rows: names.map((name) => {
        const check = checks[name];
        return [
          titleOf(name),
          ...check.stages.map(({ spearman }) => spearman),
          check.after,
          check.chance,
          check.stages[check.stages.length - 1].similarity,
          check.fails ? 'fails: shows the picture rather than the network' : 'passes',
        ];
      }),
    },
  ];
}

function painted(observation: Uint8Array, shape: readonly number[], { values, signed }: FrameMap): Picture {
  const [height, width] = shape;
  const map = { values, signed, height, width };
  const grey = Uint8Array.from({ length: height * width * 3 }, (_, at) => {
    const p = Math.floor(at / 3) * 3;
    return 40 + 0.4 * ((observation[p] + observation[p + 1] + observation[p + 2]) / 3);
  });
  const rgb = paintOver(grey, paint(map, colourScale(map, { clip: 0.999 })));
  const picture = blankPicture(width, height);
  for (let p = 0; p < width * height; p++) {
    picture.rgba.set(rgb.subarray(p * 3, p * 3 + 3), p * 4);
    picture.rgba[p * 4 + 3] = 255;
  }
  return picture;
}

/** @param observations bytes 0-255, [frames, ...shape], colour */
export function exampleBlocks(
  examples: readonly ExampleMaps[],
  observations: Uint8Array,
  shape: readonly number[],
): Block[] {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return examples.map(({ frame, label, used, maps }) => {
    const observation = observations.subarray(frame * size, (frame + 1) * size);
    const truth = used && painted(observation, shape, { values: Float32Array.from(used), signed: false });
    return {
      kind: 'pictures',
      caption: `Frame ${frame}: ${label}`,
      scale: 2,
      pictures: [
        { picture: pictureOf(observation, shape), text: 'observation' },
        ...(truth ? [{ picture: truth, text: 'what is used' }] : []),
        ...Object.entries(maps).map(([name, map]) => ({
          picture: painted(observation, shape, map),
          text: titleOf(name),
        })),
      ],
    };
  });
}

export interface ScoredPolicy {
  readonly name: string;
  readonly scores: PolicyScores;
  readonly comparisons: ScorecardComparisons;
  readonly frames: number;
}

/** What every reader has to know before the numbers. */
export const scorecardCaveats =
  'One frame a level, on held-out levels. What is used is measured by taking each object out of the level and rendering again, so object ablation and Shapley values agree with it by construction. Masks hold objects alone: ground, walls and the agent count as not used.';

export function policySections(
  { name, scores, comparisons, frames }: ScoredPolicy,
  methods: readonly string[],
  examples: readonly Block[],
): Section[] {
  const failing = new Set(Object.keys(scores.checks).filter((method) => scores.checks[method].fails));
  const used = scorecardTargets.map((target) => `${scores.usedFrames[target]} for ${targetTitle(target)}`).join(', ');
  return [
    {
      title: `${name}: methods and metrics`,
      blocks: [
        { kind: 'text', text: `${frames} frames, with a used object in ${used}.` },
        ...scorecardTargets.map((target) => verdictTable(comparisons, target, methods, failing)),
      ],
    },
    ...(Object.keys(scores.checks).length > 0
      ? [{ title: `${name}: randomised layers`, blocks: randomisationBlocks(scores) }]
      : []),
    ...(examples.length > 0 ? [{ title: `${name}: example maps`, blocks: examples }] : []),
    {
      title: `${name}: metric by metric`,
      blocks: scorecardTargets.flatMap((target) =>
        metricNames.flatMap((metric) => intervalBlocks(comparisons, target, metric, methods)),
      ),
    },
    {
      title: `${name}: all numbers`,
      blocks: scorecardTargets.flatMap((target) => [
        overviewTable(comparisons, target, [...methods, ...scorecardControls], failing),
        advantageTable(comparisons, target, methods),
      ]),
    },
  ];
}

export function agreementSection(policies: readonly ScoredPolicy[], methods: readonly string[]): Section {
  const pairs = policies.flatMap((a, i) => policies.slice(i + 1).map((b) => [a, b] as const));
  const table = (target: ScorecardTarget): Block => ({
    kind: 'table',
    caption: `${targetTitle(target)}: Kendall’s tau between two policies’ means of the methods (1: the same order)`,
    columns: ['policies', ...metricNames.map((metric) => scorecardMetrics[metric].title)],
    rows: pairs.map(([a, b]) => {
      const agreement = rankingAgreement(a.comparisons, b.comparisons, methods)[target];
      return [`${a.name} and ${b.name}`, ...metricNames.map((metric) => agreement[metric])];
    }),
  });
  return { title: 'Do policies rank the methods alike?', blocks: scorecardTargets.map(table) };
}

export function metricsSection(): Section {
  return {
    title: 'What the metrics say',
    blocks: [
      {
        kind: 'table',
        caption: 'Signed maps enter mask metrics by their positive part',
        columns: ['metric', 'better', 'definition'],
        rows: metricNames.map((metric) => {
          const { title, better, description } = scorecardMetrics[metric];
          return [title, better, description];
        }),
      },
    ],
  };
}
