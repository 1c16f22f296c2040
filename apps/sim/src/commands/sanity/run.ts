/** Runs `saccade sanity`: the randomisation check of every method on one policy, kept beside it. */
import { dirname } from 'node:path';
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { HELD_OUT_COUNT } from '@saccade/envs';
import { checkRandomisation, randomisationWarning } from '@saccade/insight';
import { expectLayer } from '@saccade/nn';
import { version } from '../../installation.ts';
import { writeAtomically } from '../../storage/atomicWrite.ts';
import { locatePolicy } from '../../storage/policies.ts';
import { randomisationPath } from '../../storage/randomisation.ts';
import type { RandomisationFile } from '../../storage/randomisation.ts';
import { restPicture } from '@saccade/session';
import { openAnalysis } from '../insight/session.ts';
import { framesOfLevels, methodsOf } from '../scorecard/frames.ts';
import type { CommandContext } from '../shell/command.ts';
import { commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.string(),
  frames: integerFlag(2, HELD_OUT_COUNT),
  methods: z.string(),
  layer: z.string(),
  out: z.string().optional(),
  threads: integerFlag(1, 64),
});

export async function runSanity(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const settings = parseFlags(flagsSchema, flags);
  const methods = methodsOf(settings.methods);
  const path = settings.out ?? randomisationPath((await locatePolicy(settings.policy)).path);
  const analysis = await openAnalysis('saccade sanity', { ...settings, out: dirname(path) }, context);
  const { stored, environment } = analysis;
  try {
    if (environment.name !== 'coinrun') {
      throw new InputError(`sanity: expected a policy of coinrun, got one of ${environment.name}`);
    }
    expectLayer(stored.policy.network, settings.layer);
    const frames = await framesOfLevels(analysis, settings.frames, settings.seed, context.signal);
    const checks = await analysis.withProgress(`randomising ${stored.name}`, (onProgress) =>
      checkRandomisation({
        policy: stored.policy,
        compile: analysis.compile,
        environment: environment.config,
        frames,
        references: restPicture(stored.policy),
        layer: settings.layer,
        methods,
        checkFrames: settings.frames,
        stages: 'last',
        seed: settings.seed,
        lanes: settings.threads,
        onProgress,
        cancellation: context.signal,
      }),
    );
    const number = (value: number): number | null => (Number.isFinite(value) ? Number(value.toFixed(4)) : null);
    const document: RandomisationFile = {
      policyHash: stored.hash,
      saccade: version,
      frames: settings.frames,
      seed: settings.seed,
      layer: settings.layer,
      methods: Object.fromEntries(
        Object.entries(checks).map(([method, { after, chance, fails }]) => [
          method,
          { after: number(after), chance: number(chance), fails },
        ]),
      ),
    };
    await writeAtomically(path, `${JSON.stringify(document, null, 2)}\n`);
    const failing = Object.keys(checks).filter((method) => checks[method].fails);
    context.output.print(
      failing.length === 0
        ? `No method of ${methods.length} fails the randomisation check on ${stored.name}.`
        : `Failing the randomisation check on ${stored.name}, of ${methods.length} methods: ${failing.join(', ')}.`,
    );
    for (const method of failing) context.output.print(`${method}: ${randomisationWarning(checks[method]) ?? ''}`);
    context.output.print(`wrote ${path}`);
    context.output.result(document);
  } finally {
    await analysis.dispose();
  }
}
