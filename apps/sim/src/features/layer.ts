/** What a layer's factors are: where each is strongest, which objects they go with, and the layer's frames as a map. */
import type { Cancellation } from '@saccade/core';
import { principalComponents, tsne } from '@saccade/attribution';
import {
  alignmentNull,
  alignmentScores,
  classPresence,
  factorActivity,
  fitDictionary,
  nameFactors,
  openLayer,
  receptiveField,
  strongestShow,
} from '@saccade/insight';
import type { Dictionary, FactorActivity, OpenLayer } from '@saccade/insight';
import type { Compile, Policy } from '@saccade/nn';
import type { Bank, LayerFeatures } from '@saccade/protocol';
import { pickFrames, replayBank } from './bank.ts';
import type { BankFrames } from './bank.ts';

interface LayerRequest {
  readonly layer: string;
  /** How many, where none are given. */
  readonly factors: number;
  /** Factors fitted before; without them, they are fitted on the first half of the bank's levels. */
  readonly dictionary?: Dictionary;
  /** Frames that `dictionary` was fitted on. */
  readonly fittedOn?: number;
  readonly mapFrames: number;
  readonly permutations: number;
  readonly cancellation?: Cancellation;
  readonly progress?: (what: string, done: number) => void;
}

const examplesKept = 16;

const rounded = (value: number, digits = 4): number => Number(value.toPrecision(digits));

/** The best position of each frame, strongest frames first, at most two frames a level. */
function examplesOf(found: FactorActivity, factor: number, levels: Uint32Array): LayerFeatures['examples'][number] {
  const { activity, frames, height, width, factors } = found;
  const positions = height * width;
  const bests = Array.from({ length: frames }, (_, frame) => {
    let best = 0;
    let place = 0;
    for (let p = 0; p < positions; p++) {
      const value = activity[(frame * positions + p) * factors + factor];
      if (value > best) [best, place] = [value, p];
    }
    return { frame, row: Math.floor(place / width), column: place % width, activity: best };
  });
  const perLevel = new Map<number, number>();
  const kept: LayerFeatures['examples'][number] = [];
  for (const example of bests.sort((a, b) => b.activity - a.activity || a.frame - b.frame)) {
    const before = perLevel.get(levels[example.frame]) ?? 0;
    if (example.activity <= 0 || kept.length === examplesKept) break;
    if (before === 2) continue;
    perLevel.set(levels[example.frame], before + 1);
    kept.push({ ...example, activity: rounded(example.activity) });
  }
  return kept;
}

function alignmentOf(
  activity: FactorActivity,
  { classes, shape, levelSeeds, count }: BankFrames,
  { permutations, cancellation, progress }: LayerRequest,
): LayerFeatures['alignment'] {
  const presence = classPresence(classes, shape, activity.height, activity.width);
  const scores = alignmentScores(activity, presence);
  const { limit } = alignmentNull(activity, presence, levelSeeds, {
    permutations,
    cancellation,
    progress: (done) => progress?.('comparing with chance', done),
  });
  const width = scores.classes.length;
  const auroc = Array.from({ length: activity.factors }, (_, f) =>
    Array.from({ length: width }, (_, k) => {
      const value = scores.auroc[f * width + k];
      return Number.isNaN(value) ? null : rounded(value, 3);
    }),
  );
  const shown = strongestShow(activity, presence, width);
  const names = nameFactors(scores, limit, shown).map((name) => (name.startsWith('factor ') ? '' : name));
  return { classes: [...scores.classes], auroc, limit: rounded(limit, 3), names, permutations, frames: count };
}

async function mapOf(
  open: OpenLayer,
  frames: BankFrames,
  { mapFrames, cancellation, progress }: LayerRequest,
): Promise<LayerFeatures['map']> {
  const count = Math.min(mapFrames, frames.count);
  if (count < 8) return null;
  const numbers = Array.from({ length: count }, (_, i) => Math.floor((i * frames.count) / count));
  const { activations } = await open.encode(pickFrames(frames, numbers).observations, cancellation);
  const principal = principalComponents(activations, open.size, 2);
  const embedded = tsne(activations, open.size, {
    iterations: 400,
    cancellation,
    progress: (done) => progress?.('laying out the map', done),
  });
  const pairs = (values: ArrayLike<number>): [number, number][] =>
    numbers.map((_, i) => [rounded(values[2 * i]), rounded(values[2 * i + 1])]);
  return {
    frames: numbers,
    tsne: pairs(embedded.coordinates),
    perplexity: rounded(embedded.perplexity),
    principal: pairs(principal.coordinates),
    explained: rounded((principal.variances[0] + principal.variances[1]) / principal.totalVariance),
  };
}

/** Numbers of the frames of every second level that the bank holds, and of the others. */
function halves({ levelSeeds }: BankFrames): [number[], number[]] {
  const levels = [...new Set(levelSeeds)];
  const first = new Set(levels.filter((_, i) => i % 2 === 0));
  const all = Array.from(levelSeeds, (_, i) => i);
  return [all.filter((i) => first.has(levelSeeds[i])), all.filter((i) => !first.has(levelSeeds[i]))];
}

export async function layerFeatures(
  policy: Policy,
  compile: Compile,
  bank: Bank,
  request: LayerRequest,
): Promise<LayerFeatures> {
  const { layer, dictionary: known, cancellation, progress } = request;
  progress?.('replaying levels', 0);
  const frames = replayBank(bank, cancellation);
  const open = await openLayer(policy, layer, compile);
  try {
    const [fitted, held] = halves(frames);
    const toFit = pickFrames(frames, fitted);
    const dictionary =
      known ??
      (await fitDictionary(open, toFit.observations, {
        factors: Math.min(request.factors, open.channels),
        maximumRows: 60_000,
        cancellation,
        progress: (done) => progress?.('gathering channels into factors', done),
      }));
    const activity = await factorActivity(open, frames.observations, dictionary, {
      cancellation,
      progress: (done) => progress?.('reading frames', done),
    });
    const { factors, directions, channels, colours, explained } = dictionary;
    const scored = known ? frames : pickFrames(frames, held);
    const scoredActivity = known
      ? activity
      : await factorActivity(open, scored.observations, dictionary, { cancellation });
    return {
      layer,
      height: open.shape[0],
      width: open.shape[1],
      channels,
      receptive: Math.min(receptiveField(policy.network, layer).size, frames.shape[0]),
      directions: Array.from({ length: factors }, (_, f) =>
        Array.from(directions.subarray(f * channels, (f + 1) * channels), (value) => rounded(value, 6)),
      ),
      colours: [...colours],
      explained: rounded(explained),
      fittedOn: known ? (request.fittedOn ?? 0) : toFit.count,
      lookedAt: frames.count,
      examples: Array.from({ length: factors }, (_, f) => examplesOf(activity, f, frames.levelSeeds)),
      alignment: alignmentOf(scoredActivity, scored, request),
      map: await mapOf(open, frames, request),
    };
  } finally {
    open.dispose();
  }
}
