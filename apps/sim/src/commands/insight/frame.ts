/** Runs `saccade frame`. */
import { z } from 'zod';
import { createActor, createFromSpec, defaultPpoConfig, probabilitiesOf } from '@saccade/agent';
import { InputError, sizeOf } from '@saccade/core';
import {
  activationGrid,
  cellDictionary,
  cellSource,
  channelAttribution,
  createExplainer,
  explainResidual,
  explainWithFactors,
  fitDictionary,
  groupGraph,
  openLayer,
  openPassage,
  parseTarget,
  recordEpisodes,
  spatialAttribution,
} from '@saccade/insight';
import type { Dictionary, Explanation, FrameExplanation } from '@saccade/insight';
import type { CommandContext } from '../shell/command.ts';
import { integerFlag, parseFlags, seedFlag } from '../shell/flags.ts';
import { frameReport } from './frameReport.ts';
import type { FrameReading, ReadCell } from './frameReport.ts';
import { analysisFlags, dictionaryFor, frameFlags, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  later: z.string().optional(),
  dictionary: z.string().optional(),
  factors: integerFlag(1, 512),
  level: seedFlag(),
  step: integerFlag(0, 100_000),
  target: z.string(),
});

const method = 'integratedGradients';
const residualTarget = 'td-residual';
/** Cells whose channels are listed, and edges of the graph that are kept. */
const cellsShown = 4;
const edgesShown = 24;

/** The `count` positions of largest magnitude. */
function strongest(values: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: values.length }, (_, i) => i)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
    .slice(0, count);
}

/** Two maps of one layer as one: of both halves of a TD residual. */
function sum(first: Explanation, second: Explanation | undefined, label: string): Explanation {
  return {
    ...first,
    map: second ? first.map.map((value, i) => value + second.map[i]) : first.map,
    score: first.score + (second?.score ?? 0),
    target: { ...first.target, text: residualTarget, label },
  };
}

export async function runFrame(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, seed, level, step } = given;
  const { signal, output } = context;
  const analysis = await openAnalysis('saccade frame', given, context);
  const { stored, compile, environment } = analysis;
  const { policy } = stored;
  const { network } = policy;
  try {
    const target = given.target === residualTarget ? undefined : parseTarget(given.target, policy);
    const open = await openLayer(policy, layer, compile);
    const spatial = network.layers.filter((name) => network.layerShapes[name].length === 3);
    const later = given.later ?? spatial[spatial.indexOf(layer) + 1];
    const frames = await analysis.collect(given.frames, given.every);
    const { dictionary, names } = await dictionaryFor(analysis, open, {
      file: given.dictionary,
      factors: given.factors,
      frames,
      seed,
      signal,
    });
    const actor = await createActor(network, policy.parameters, 1, compile);
    const [played] = await recordEpisodes({
      environment: createFromSpec(environment),
      actor,
      levelSeeds: [level],
      seed,
      cancellation: signal,
    });
    actor.dispose();
    if (step >= played.steps) {
      throw new InputError(`--step: expected 0 to ${played.steps - 1} in level ${level}, got ${step}`);
    }
    const size = sizeOf(network.observationShape);
    const at = (t: number): Uint8Array => played.observations.slice(t * size, (t + 1) * size);
    const observation = at(step);

    const explainer = createExplainer({ policy, compile });
    const explain = async (): Promise<Explanation> => {
      if (target) return explainer.explain(observation, { method, layer, target }, signal);
      const { gamma } = (policy.training['ppo'] ?? defaultPpoConfig) as { gamma: number };
      const last = step + 1 >= played.steps;
      const both = await explainResidual(
        explainer,
        {
          before: observation,
          ...(last ? {} : { after: at(step + 1) }),
          reward: played.rewards[step],
          discount: gamma,
        },
        { method, layer },
        signal,
      );
      return sum(both.before, both.after, 'TD residual of this step and the next, less the reward');
    };
    const states = await open.encode(observation, signal);
    const read = async (): Promise<FrameExplanation> =>
      explainWithFactors(await explain(), states.activations, dictionary);
    await read();
    // Once more, now that everything is compiled: what a frame costs while one looks.
    const began = performance.now();
    const reading = await read();
    const milliseconds = performance.now() - began;

    const logits = played.logits.slice(step * network.actions, (step + 1) * network.actions);
    const probabilities = probabilitiesOf(logits);
    const [best, second] = strongest(probabilities, 2);
    const duel = parseTarget(`difference:${policy.actions[best]},${policy.actions[second]}`, policy);
    const compared = explainWithFactors(
      await explainer.explain(observation, { method, layer, target: duel }, signal),
      states.activations,
      dictionary,
    );

    const { map, shape } = reading.attribution;
    const places = spatialAttribution(map, shape);
    const [, width] = shape;
    const cells: ReadCell[] = strongest(places, cellsShown).map((place) => ({
      row: Math.floor(place / width),
      column: place % width,
      contribution: places[place],
      channels: cellDictionary(states.activations, shape, Math.floor(place / width), place % width),
    }));

    let source: FrameReading['source'];
    let graph: FrameReading['graph'];
    if (later !== undefined) {
      const passage = await openPassage(policy, layer, later, compile);
      const behind = await openLayer(policy, later, compile);
      const { activations } = await behind.encode(observation, signal);
      const lengths = spatialLengths(activations, behind.channels);
      const [cell] = strongest(lengths, 1);
      const [row, column] = [Math.floor(cell / behind.shape[1]), cell % behind.shape[1]];
      source = {
        later,
        shape: behind.shape,
        row,
        column,
        map: await cellSource(passage, states, activations, behind.shape, row, column),
      };
      passage.dispose();
      const factors = Math.min(dictionary.factors, behind.channels);
      const following: Dictionary = await analysis.withProgress(`fitting ${factors} factors of ${later}`, (progress) =>
        fitDictionary(behind, frames.observations, { factors, maximumRows: 50_000, seed, progress }),
      );
      behind.dispose();
      if (target) {
        const edges = await groupGraph(policy, compile, observation, [dictionary, following], target.target);
        graph = strongest(
          edges.map(({ weight }) => weight),
          edgesShown,
        ).map((i) => edges[i]);
      }
    }
    const found: FrameReading = {
      policy: stored.name,
      layer,
      level,
      step,
      target: reading.attribution.target.label,
      units: reading.attribution.target.units,
      observation,
      observationShape: network.observationShape,
      actions: policy.actions,
      taken: played.actions[step],
      probabilities,
      value: played.values[step],
      names,
      reading,
      compared,
      duel: { first: policy.actions[best], second: policy.actions[second] },
      channels: channelAttribution(map, shape),
      places,
      cells,
      grid: activationGrid(states.activations, shape),
      source,
      graph,
      milliseconds,
    };
    output.note(`explained with ${dictionary.factors} factors in ${milliseconds.toFixed(0)} ms`);
    const origin = { ...analysis.origin, layer, level, step, target: given.target };
    const { attribution } = reading;
    await analysis.finish('frame', frameReport(found, origin), {
      target: attribution.target.label,
      score: attribution.score,
      integrationError: attribution.integrationError,
      names,
      positive: reading.positive,
      negative: reading.negative,
      residual: reading.residual.reduce((total, value) => total + value, 0),
      channels: found.channels,
      cells,
      actions: policy.actions,
      probabilities,
      duel: { ...found.duel, positive: compared.positive, negative: compared.negative },
      graph,
      milliseconds,
    });
    explainer.dispose();
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}

/** Length of each position's channel vector: [positions]. */
function spatialLengths(activations: Float32Array, channels: number): Float64Array {
  const squares = new Float64Array(activations.length / channels);
  for (let at = 0; at < activations.length; at++) squares[Math.floor(at / channels)] += activations[at] ** 2;
  return squares.map(Math.sqrt);
}
