/** Runs `saccade dictionary`. */
import { z } from 'zod';
import {
  alignPolicy,
  codecsFor,
  dictionaryDocument,
  dictionaryReport,
  dictionaryStability,
  factorActivity,
  fitDictionary,
  measureFidelity,
  openLayer,
  parseTarget,
  sampleRows,
  selectFrames,
  splitByLevel,
} from '@saccade/insight';
import type { CommandContext } from '../shell/command.ts';
import { integerFlag, parseFlags } from '../shell/flags.ts';
import { frozenBank } from './frozenBank.ts';
import { analysisFlags, frameFlags, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  factors: integerFlag(1, 512),
  attributions: z.string().optional(),
  bank: integerFlag(64, 100_000),
  rows: integerFlag(100),
  repeats: integerFlag(0, 100),
  permutations: integerFlag(10, 10_000),
});

/** Frames on which the controls are compared; more would not move the means. */
const fidelityFrames = 512;

export async function runDictionary(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, factors, seed, rows: maximumRows } = given;
  const { signal: cancellation } = context;
  const analysis = await openAnalysis('saccade dictionary', given, context);
  const { compile, environment, stored } = analysis;
  const { policy } = stored;
  try {
    const open = await openLayer(policy, layer, compile);
    const attributionsOf =
      given.attributions === undefined ? undefined : parseTarget(given.attributions, policy).target;
    const frames = await analysis.collect(given.frames, given.every, { keepStates: false });
    const [fitted, others] = splitByLevel(frames);
    const scored =
      environment.name === 'coinrun'
        ? await analysis.withProgress('collecting the frozen bank', (progress) =>
            frozenBank(environment, { frames: given.bank, seed: 0, signal: cancellation, progress }),
          )
        : others;
    const dictionary = await analysis.withProgress(`fitting ${factors} factors`, (progress) =>
      fitDictionary(open, fitted.observations, { factors, maximumRows, seed, attributionsOf, cancellation, progress }),
    );
    const alignment =
      scored.masks &&
      (await analysis.withProgress('aligning', (progress) =>
        alignPolicy(policy, compile, {
          layer,
          factors,
          fitted,
          scored,
          dictionary,
          permutations: given.permutations,
          seed,
          cancellation,
          progress,
        }),
      ));
    const names = alignment?.names ?? Array.from({ length: factors }, (_, i) => `factor ${i}`);
    const some = selectFrames(
      others,
      Array.from({ length: Math.min(fidelityFrames, others.count) }, (_, i) => i),
    );
    const activationRows = attributionsOf
      ? await sampleRows(open, fitted.observations, { maximumRows, seed })
      : dictionary.rows;
    const fidelity = await analysis.withProgress('comparing with controls', (progress) =>
      measureFidelity(open, some.observations, codecsFor(dictionary, activationRows, seed), { cancellation, progress }),
    );
    const stability =
      given.repeats === 0
        ? undefined
        : await analysis.withProgress('refitting', (progress) =>
            dictionaryStability(
              dictionary,
              (drawn) =>
                sampleRows(open, selectFrames(fitted, drawn).observations, {
                  maximumRows: 20_000,
                  seed,
                  attributionsOf,
                }),
              Math.min(fitted.count, 1024),
              { repeats: given.repeats, seed, cancellation, progress },
            ),
          );
    const activity = await factorActivity(open, frames.observations, dictionary, { cancellation });
    const fittedOn = given.attributions === undefined ? undefined : `attributions of ${given.attributions}`;
    const origin = {
      ...analysis.origin,
      layer,
      factors,
      frames: given.frames,
      every: given.every,
      'frames of the frozen bank': scored.count,
    };
    const findings = {
      dictionary,
      names,
      activity,
      frames,
      fidelity,
      stability,
      alignment: alignment || undefined,
      fittedOn,
    };
    const document = dictionaryDocument(dictionary, names, stored.hash);
    await analysis.write('dictionary.json', `${JSON.stringify(document, null, 1)}\n`);
    await analysis.finish('dictionary-report', dictionaryReport(findings, origin), {
      names,
      error: dictionary.error,
      explained: dictionary.explained,
      iterations: dictionary.iterations,
      fidelity,
      stability,
      alignment: alignment && { ...alignment, dictionary: undefined },
    });
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}
