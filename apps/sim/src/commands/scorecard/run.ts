/** Runs `saccade scorecard`: policies one after another on one set of levels, then the page and its JSON. */
import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import { methodNamed } from '@saccade/attribution';
import { InputError } from '@saccade/core';
import { HELD_OUT_COUNT } from '@saccade/envs';
import {
  agreementSection,
  compareScores,
  exampleBlocks,
  metricsSection,
  policySections,
  rankingAgreement,
  scorecardLines,
  scorecardCaveats,
  scorePolicy,
  untrainedLike,
  winsOf,
} from '@saccade/insight';
import type { LevelFrames, Report, ScoredPolicy } from '@saccade/insight';
import { expectLayer } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { restPicture } from '@saccade/session';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';
import { version } from '../../installation.ts';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import { openAnalysis } from '../insight/session.ts';
import type { Analysis } from '../insight/session.ts';
import { framesOfLevels, methodsOf } from './frames.ts';
import { openProgress } from './resume.ts';
import type { Progressed } from './resume.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.array(z.string()),
  frames: integerFlag(2, HELD_OUT_COUNT),
  methods: z.string(),
  layer: z.string(),
  checkFrames: integerFlag(0, HELD_OUT_COUNT),
  examples: integerFlag(0, 100),
  untrained: z.boolean().default(true),
  difficulty: choiceFlag(['easy', 'hard']).optional(),
  out: z.string(),
  threads: integerFlag(1, 64),
});

type Settings = z.output<typeof flagsSchema>;

/** One policy, trained or not, on frames that are there already. */
async function score(
  analysis: Analysis,
  { name, policy }: { readonly name: string; readonly policy: Policy },
  {
    frames,
    methods,
    settings,
    before,
  }: { frames: LevelFrames; methods: readonly string[]; settings: Settings; before: Progressed },
  signal: AbortSignal,
): Promise<ScoredPolicy> {
  const { seed, layer, threads } = settings;
  const trained = policy === analysis.stored.policy;
  const scores = await analysis.withProgress(`scoring ${name}`, (progress) =>
    scorePolicy({
      policy,
      compile: analysis.compile,
      environment: analysis.environment.config,
      frames,
      references: restPicture(policy),
      layer,
      methods,
      checkFrames: trained ? settings.checkFrames : 0,
      examples: trained ? settings.examples : 0,
      seed,
      lanes: threads,
      known: before.known(name),
      knownChecks: before.checks(name),
      onFrame: (frame, scores) => before.add({ policy: name, frame, scores }),
      onProgress: progress,
      cancellation: signal,
    }),
  );
  if (before.checks(name) === undefined) before.add({ policy: name, checks: scores.checks });
  return { name, scores, comparisons: compareScores(scores, methods, seed), frames: frames.count };
}

export async function runScorecard(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const settings = parseFlags(flagsSchema, flags);
  const methods = methodsOf(settings.methods);
  const { signal } = context;
  const scored: ScoredPolicy[] = [];
  const sections: Report['sections'][number][] = [];
  const hashes: Record<string, string> = {};
  let last: Analysis | undefined;
  const { out, threads: _, ...asked } = settings;
  const files = await Promise.all(settings.policy.map(async (name) => loadPolicy(await locatePolicy(name))));
  await mkdir(out, { recursive: true });
  const before = openProgress(out, { ...asked, methods, version, policies: files.map(({ hash }) => hash) });
  if (before.found > 0) context.output.note(`going on from ${before.found} frames that were scored before`);
  for (const policy of settings.policy) {
    const analysis = await openAnalysis('saccade scorecard', { ...settings, policy }, context);
    last = analysis;
    try {
      const { stored, environment } = analysis;
      if (environment.name !== 'coinrun') {
        throw new InputError(`scorecard: expected a policy of coinrun, got one of ${environment.name}`);
      }
      expectLayer(stored.policy.network, settings.layer);
      hashes[stored.name] = stored.hash;
      const frames = await framesOfLevels(analysis, settings.frames, settings.seed, signal);
      const on = { frames, methods, settings, before };
      const trained = await score(analysis, stored, on, signal);
      scored.push(trained);
      const examples = exampleBlocks(trained.scores.examples, frames.observations, frames.shape);
      sections.push(...policySections(trained, methods, examples));
      if (settings.untrained) {
        const name = `${stored.name} untrained`;
        const untrained = { name, policy: untrainedLike(stored.policy, settings.seed) };
        const beside = await score(analysis, untrained, on, signal);
        scored.push(beside);
        sections.push(...policySections(beside, methods, []));
      }
    } finally {
      await analysis.dispose();
    }
  }
  if (last === undefined) throw new InputError('--policy: expected at least one policy, got none');
  if (scored.length > 1) sections.push(agreementSection(scored, methods));
  sections.push(metricsSection());
  const report: Report = {
    title: 'Which attribution methods tell the truth?',
    summary: summaryOf(scored[0], methods),
    origin: {
      ...last.origin,
      policy: settings.policy.join(', '),
      'policy hash': Object.values(hashes).join(', '),
      frames: settings.frames,
      layer: settings.layer,
      'frames with randomised layers': Math.min(settings.checkFrames, settings.frames),
    },
    sections: [{ title: 'How to read this', blocks: [{ kind: 'text', text: scorecardCaveats }] }, ...sections],
  };
  for (const one of scored) for (const line of scorecardLines(one, methods)) context.output.print(line);
  context.output.print(
    'mean ± half of its 95% interval; * better than the best control map (Holm, p < 0.05); † fails the randomisation check',
  );
  await last.finish('scorecard', report, documentOf(scored, methods, settings));
  before.finish();
}

function summaryOf({ name, scores, comparisons, frames }: ScoredPolicy, methods: readonly string[]): string {
  const ranked = methods
    .map((method) => ({ method, ...winsOf(comparisons, method) }))
    .sort((a, b) => b.wins - a.wins)
    .filter(({ wins }) => wins > 0)
    .slice(0, 3)
    .map(({ method, wins, metrics }) => `${method} (${wins} of ${metrics})`);
  const failing = Object.keys(scores.checks).filter((method) => scores.checks[method].fails);
  const check =
    Object.keys(scores.checks).length === 0
      ? ''
      : failing.length === 0
        ? ' No method fails the randomisation check.'
        : ` Failing the randomisation check: ${failing.join(', ')}.`;
  const best =
    ranked.length === 0
      ? 'these frames show no method to be better than the best control map by any metric'
      : `most often better than the best control map, over the metrics of both targets: ${ranked.join(', ')}`;
  return `${name}, ${frames} frames: ${best}.${check}`;
}

/** The whole scorecard as JSON: means, intervals, advantages and checks by policy, target, metric and method. */
function documentOf(scored: readonly ScoredPolicy[], methods: readonly string[], settings: Settings): unknown {
  return {
    settings,
    methods,
    warnings: Object.fromEntries(
      methods.flatMap((method) => {
        const { warning } = methodNamed(method);
        return warning === undefined ? [] : [[method, warning]];
      }),
    ),
    policies: scored.map(({ name, scores, comparisons, frames }) => ({
      name,
      frames,
      usedFrames: scores.usedFrames,
      scores: comparisons,
      randomisation: scores.checks,
    })),
    agreement: scored.flatMap((a, i) =>
      scored.slice(i + 1).map((b) => ({
        policies: [a.name, b.name],
        kendallTau: rankingAgreement(a.comparisons, b.comparisons, methods),
      })),
    ),
  };
}
