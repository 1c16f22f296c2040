/** Runs `saccade episode`. */
import { z } from 'zod';
import { sizeOf } from '@saccade/core';
import { createActor, createFromSpec, defaultPpoConfig, probabilitiesOf } from '@saccade/agent';
import { rawOutput } from '@saccade/attribution';
import {
  advantagesOf,
  alignedClasses,
  alignmentNull,
  alignmentScores,
  enoughShown,
  bookmarks,
  changeCaption,
  classPresence,
  detectorsFrom,
  explainChange,
  factorActivity,
  failureCaption,
  failures,
  findHallucinations,
  nameFactors,
  strongestShow,
  openLayer,
  pictureOf,
  recordEpisodes,
  rewardUnit,
  surpriseCaption,
  surprisingActions,
  valueChanges,
} from '@saccade/insight';
import type { Block, Moment, Report, Trajectory } from '@saccade/insight';
import type { CommandContext } from '../shell/command.ts';
import { integerFlag, parseFlags } from '../shell/flags.ts';
import { analysisFlags, dictionaryFor, frameFlags, heldOut, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  dictionary: z.string().optional(),
  factors: integerFlag(1, 512),
  episodes: integerFlag(1, 10_000),
  moments: integerFlag(1, 100),
});

/** Least effect of a hallucination in units of the environment's reward: .1 where the coin is worth 10. */
const leastEffect = 0.1;
/** Best match of a class that makes a factor its detector. */
const detectorAuroc = 0.8;

export async function runEpisode(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, seed, moments: shown } = given;
  const { signal: cancellation } = context;
  const analysis = await openAnalysis('saccade episode', given, context);
  const { stored, compile, environment } = analysis;
  const { policy } = stored;
  const { network } = policy;
  try {
    const open = await openLayer(policy, layer, compile);
    const frames = await analysis.collect(given.frames, given.every);
    const { dictionary, names: plain } = await dictionaryFor(analysis, open, {
      file: given.dictionary,
      factors: given.factors,
      frames,
      seed,
      signal: cancellation,
    });
    const actor = await createActor(network, policy.parameters, 1, compile);
    const trajectories = await analysis.withProgress('playing episodes', (progress) =>
      recordEpisodes({
        environment: createFromSpec(environment),
        actor,
        levelSeeds: heldOut(given.episodes),
        seed,
        onProgress: (done, total) => progress(done / total),
        cancellation,
      }),
    );
    actor.dispose();

    const ppo = (policy.training['ppo'] ?? defaultPpoConfig) as { gamma: number; lambda: number };
    const unit = rewardUnit(trajectories, ppo.gamma);
    const advantages = trajectories.map((one) => advantagesOf(one, { gamma: ppo.gamma, lambda: ppo.lambda, unit }));
    const marked = bookmarks(advantages, shown);
    const surprises = surprisingActions(trajectories, shown);
    const lost = failures(trajectories);
    const size = sizeOf(network.observationShape);
    const frameOf = ({ observations }: Trajectory, step: number): Uint8Array =>
      observations.slice(step * size, (step + 1) * size);
    const picture = (moment: Moment, text: string) => ({
      picture: pictureOf(frameOf(trajectories[moment.trajectory], moment.step), network.observationShape),
      text: `level ${trajectories[moment.trajectory].levelSeed}, step ${moment.step}: ${text}`,
    });

    let names = plain;
    let hallucinations: Awaited<ReturnType<typeof findHallucinations>> | undefined;
    const hallucinationBlocks: Block[] = [];
    if (frames.masks && trajectories.every(({ classes }) => classes)) {
      const activity = await factorActivity(open, frames.observations, dictionary, { cancellation });
      const presence = classPresence(frames.masks.classes, frames.shape, activity.height, activity.width);
      const scores = alignmentScores(activity, presence);
      const seen = strongestShow(activity, presence, scores.classes.length);
      if (!given.dictionary)
        names = nameFactors(
          scores,
          alignmentNull(activity, presence, frames.levelSeeds, { permutations: 20, seed }).limit,
          seen,
        );
      // A factor that is strongest on other things does not imagine a class when it is active without it.
      const classOf = names.map((_, f) => {
        const k = scores.best.findIndex(
          ({ factor, auroc }, of) =>
            factor === f && auroc >= detectorAuroc && seen[f * scores.classes.length + of] >= enoughShown,
        );
        return k < 0 ? undefined : alignedClasses[k];
      });
      const detectors = detectorsFrom(classOf, activity.activity, presence);
      const all = trajectories.flatMap((one, trajectory) =>
        Array.from({ length: one.steps }, (_, step) => ({ trajectory, step })),
      );
      const join = (parts: readonly Uint8Array[]): Uint8Array => {
        const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of parts) {
          joined.set(part, at);
          at += part.length;
        }
        return joined;
      };
      hallucinations = await analysis.withProgress('looking for hallucinations', (progress) =>
        findHallucinations(
          open,
          dictionary,
          detectors,
          join(trajectories.map(({ observations }) => observations)),
          join(trajectories.map(({ classes }) => classes ?? new Uint8Array(0))),
          leastEffect * unit,
          { cancellation, progress },
        ),
      );
      const { found, candidates, precision } = hallucinations;
      hallucinationBlocks.push(
        {
          kind: 'text',
          text:
            detectors.length === 0
              ? `No factor detects a class so well (AUROC ${detectorAuroc} or more, half of its strongest places showing the class) that its activity without the class would be a hallucination.`
              : `${candidates} times a factor of ${detectors.map(({ class: name }) => name).join(', ')} was as active as where its class is, with nothing of the class in its receptive field; taking it away there moved the value by ${leastEffect} or more (coin = 10) in ${found.length} of them (${Number.isNaN(precision) ? 'none fired' : `${(100 * precision).toFixed(1)}%`}).`,
        },
        {
          kind: 'pictures',
          caption: 'Largest effects on the value, in units of the reward',
          scale: 2,
          pictures: found
            .slice(0, shown)
            .map(({ frame, factor, class: name, effect }) =>
              picture(
                { ...all[frame], size: effect },
                `${names[factor]} without a ${name}: ${(effect / unit).toFixed(2)}`,
              ),
            ),
        },
      );
    }

    const target = rawOutput({ outputs: network.actions + 1, logits: network.actions }, network.actions);
    const changes = [];
    for (const moment of valueChanges(trajectories, shown)) {
      const one = trajectories[moment.trajectory];
      const states = await open.encode(one.observations.subarray(moment.step * size, (moment.step + 2) * size));
      const found = await explainChange(open, states, target, dictionary);
      const caption = changeCaption(moment.step, one.values[moment.step], one.values[moment.step + 1], found, names);
      changes.push({ moment, caption, factors: found.factors, residual: found.residual, error: found.error });
    }
    const causes = new Map<string, number>();
    for (const { cause } of lost) causes.set(cause, (causes.get(cause) ?? 0) + 1);
    const best = (logits: Float32Array): { name: string; probability: number } => {
      const probabilities = probabilitiesOf(logits);
      const at = probabilities.reduce((top, p, i) => (p > probabilities[top] ? i : top), 0);
      return { name: policy.actions[at], probability: probabilities[at] };
    };
    const surpriseCaptions = surprises.map(({ trajectory, step, size: log }) => {
      const one = trajectories[trajectory];
      const { name, probability } = best(one.logits.slice(step * network.actions, (step + 1) * network.actions));
      return surpriseCaption(policy.actions[one.actions[step]], log, name, probability);
    });
    const foreseen = lost.filter((one) => one.foreseen > 0).length;
    const report: Report = {
      title: `${trajectories.length} episodes of ${stored.name} explained`,
      summary: `${trajectories.length - lost.length} of ${trajectories.length} episodes solved; failures: ${[...causes].map(([cause, count]) => `${cause} ${count}`).join(', ') || 'none'}; the value had fallen by half before ${foreseen} of ${lost.length}.`,
      origin: { ...analysis.origin, layer, 'one unit of reward in the critic’s units': Number(unit.toPrecision(4)) },
      sections: [
        {
          title: 'The value’s rises and falls',
          blocks: [
            {
              kind: 'text',
              text: 'The largest changes from one frame to the next, shared among factors by integrated gradients from frame to frame.',
            },
            ...changes.map(({ moment, caption }): Block => ({
              kind: 'pictures',
              caption,
              scale: 3,
              pictures: [picture(moment, 'before'), picture({ ...moment, step: moment.step + 1 }, 'after')],
            })),
          ],
        },
        {
          title: 'Failures',
          blocks: [
            {
              kind: 'table',
              caption: 'Every episode that was not solved',
              columns: ['level', 'what happened'],
              rows: lost.map((one) => [String(trajectories[one.trajectory].levelSeed), failureCaption(one)]),
            },
            {
              kind: 'pictures',
              caption: 'Their last frames',
              scale: 2,
              pictures: lost
                .slice(0, shown)
                .map((one) => picture({ trajectory: one.trajectory, step: one.steps - 1, size: 0 }, one.cause)),
            },
          ],
        },
        {
          title: 'Bookmarks',
          blocks: [
            {
              kind: 'pictures',
              caption: 'Highest advantages: better than expected',
              scale: 2,
              pictures: marked.highest.map((one) => picture(one, `advantage ${one.size.toFixed(2)}`)),
            },
            {
              kind: 'pictures',
              caption: 'Lowest advantages: worse than expected',
              scale: 2,
              pictures: marked.lowest.map((one) => picture(one, `advantage ${one.size.toFixed(2)}`)),
            },
          ],
        },
        {
          title: 'Surprising actions',
          blocks: [
            {
              kind: 'pictures',
              caption: 'Least likely actions taken',
              scale: 2,
              pictures: surprises.map((one, i) => picture(one, surpriseCaptions[i])),
            },
          ],
        },
        ...(hallucinations ? [{ title: 'Hallucinations', blocks: hallucinationBlocks }] : []),
      ],
    };
    await analysis.finish('episode', report, {
      unit,
      names,
      bookmarks: marked,
      surprises: surprises.map((one, i) => ({ ...one, caption: surpriseCaptions[i] })),
      failures: lost.map((one) => ({
        ...one,
        level: trajectories[one.trajectory].levelSeed,
        caption: failureCaption(one),
      })),
      changes,
      hallucinations,
    });
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}
