/** Runs `saccade study levels`: train, test, align, compare. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { environmentOf, expectPpoConfig, ppoPresets, summarise } from '@saccade/agent';
import type { EnvironmentSpec, PpoConfig } from '@saccade/agent';
import { InputError, hashBytes } from '@saccade/core';
import { HELD_OUT_START, heldOutSeeds, resolveCoinRunConfig } from '@saccade/envs';
import { alignedClasses, diversityFindings, quickAlignment, splitByLevel } from '@saccade/insight';
import type { Interval, Report, StudiedPolicy } from '@saccade/insight';
import { architectures } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { version } from '../../installation.ts';
import { writeAtomically } from '../../storage/atomicWrite.ts';
import { openEngine } from '../../workers/devices/device.ts';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';
import { parseSettings } from '../train/config.ts';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import { playArm } from './arms.ts';
import { frozenBank } from './frozenBank.ts';
import { writeReport } from './session.ts';
import { levelSetOf, trainForStudy } from './studyRun.ts';

const flagsSchema = z.object({
  ...commonFlags,
  counts: z.string(),
  set: z.array(z.string()).default([]),
  take: z.array(z.string()).default([]),
  seeds: integerFlag(1, 100),
  steps: integerFlag(1),
  checkpoints: integerFlag(0, 100),
  network: choiceFlag(Object.keys(architectures) as [keyof typeof architectures, ...(keyof typeof architectures)[]]),
  layer: z.string(),
  factors: integerFlag(1, 512),
  difficulty: choiceFlag(['easy', 'hard']),
  frames: integerFlag(64, 100_000),
  evaluateLevels: integerFlag(1, 10_000),
  out: z.string(),
  threads: integerFlag(1, 64),
});
type Given = z.output<typeof flagsSchema>;

/** Policies below which the study draws no conclusion: two counts of three seeds. */
const fewestPolicies = 6;

/** What a policy's line of the study says. */
interface Entry extends StudiedPolicy {
  /** Best AUROC of each class. */
  readonly classes: readonly (number | null)[];
}

function parseCounts(text: string): (number | 'all')[] {
  return text.split(',').map((word) => {
    if (word.trim() === 'all') return 'all';
    const count = Number(word);
    if (!Number.isInteger(count) || count < 1 || count > HELD_OUT_START) {
      throw new InputError(`--counts: expected whole numbers and all, separated by commas, got ${text}`);
    }
    return count;
  });
}

interface TakenPolicy {
  readonly name: string;
  readonly policy: Policy;
  readonly levels: number | 'all';
  readonly seed: number;
}

/** Rollouts are whole: training ends a little after its steps. */
const stepTolerance = 1.02;

/** A policy trained elsewhere, for as many steps as the study's own. @throws InputError where it does not compare */
async function takePolicy(name: string, { steps, network, difficulty }: Given): Promise<TakenPolicy> {
  const { policy } = await loadPolicy(await locatePolicy(name));
  const {
    levels,
    steps: own,
    ppo,
  } = policy.training as {
    levels?: number | 'all';
    steps?: number;
    ppo?: Partial<PpoConfig>;
  };
  if (levels === undefined || own === undefined) {
    throw new InputError(`--take: expected a policy that says its levels and steps, got ${name}`);
  }
  if (own < steps || own > steps * stepTolerance) {
    throw new InputError(`--take: expected policies of ${steps} steps, got ${name} of ${own}`);
  }
  if (policy.network.architecture !== network) {
    throw new InputError(`--take: expected policies of ${network}, got ${name} of ${policy.network.architecture}`);
  }
  const { config } = environmentOf(policy);
  if (resolveCoinRunConfig(config).difficulty !== difficulty) {
    throw new InputError(`--take: expected policies of ${difficulty} levels, got ${name} of others`);
  }
  return { name, policy, levels, seed: ppo?.seed ?? 0 };
}

const text = ({ estimate, low, high }: Interval): string =>
  `${estimate.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;

/** What holds at equal competence: policies of fewer levels beside the nearest of the most diverse runs. */
function matchedText({ mean, pairs }: ReturnType<typeof diversityFindings>['matched'], early: number): string {
  const controls = `the most diverse runs ${early > 0 ? 'and their early checkpoints' : '(no early checkpoints)'}`;
  if (mean) {
    return `Between policies of fewer levels and those of equal test rate among ${controls}, alignment differs by ${text(mean)} (${pairs.length} pairs).`;
  }
  const found = pairs.length === 0 ? 'No policy' : 'One policy alone';
  return `${found} of fewer levels has a partner of equal test rate among ${controls}: competence is not held equal.`;
}

export async function runStudy(
  words: readonly string[],
  flags: Readonly<Record<string, unknown>>,
  { output, signal }: CommandContext,
): Promise<void> {
  if (words.length !== 1 || words[0] !== 'levels') {
    throw new InputError(`study: expected levels, got ${words.join(' ') || 'nothing'}`);
  }
  const given = parseFlags(flagsSchema, flags);
  const { out, layer, factors, seed, steps } = given;
  const counts = parseCounts(given.counts);
  const most = counts.includes('all') ? 'all' : Math.max(...counts.map(Number));
  const environment: EnvironmentSpec = { name: 'coinrun', config: { difficulty: given.difficulty } };
  const layout = resolveCoinRunConfig({ difficulty: given.difficulty });
  const base: PpoConfig = { ...ppoPresets.fast, ...parseSettings(given.set), totalSteps: steps };
  expectPpoConfig(base);
  const taken: TakenPolicy[] = [];
  for (const name of given.take) taken.push(await takePolicy(name, given));
  await mkdir(out, { recursive: true });
  const { out: _o, threads: _t, json: _j, counts: _c, seeds: _s, take: _k, ...rest } = given;
  const settings = { ...rest, set: rest.set.join(' ') };
  const identity = hashBytes(new TextEncoder().encode(JSON.stringify(settings)));
  const known = await readFile(join(out, 'study.txt'), 'utf8').catch(() => undefined);
  if (known !== undefined && known !== identity) {
    throw new InputError(`--out: expected the folder of a study with these settings, got another one: ${out}`);
  }
  await writeAtomically(join(out, 'study.txt'), identity);

  const log = join(out, 'policies.jsonl');
  const entries: Entry[] = (await readFile(log, 'utf8').catch(() => '')).split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as Entry] : [];
    } catch {
      return [];
    }
  });
  const { engine } = await openEngine('cpu', { threads: given.threads });
  const total = counts.length * given.seeds * steps;
  const progress = output.progress({ label: 'study', total, unit: 'steps' });
  let done = 0;
  try {
    const [fitted, scored] = splitByLevel(await frozenBank(environment, { frames: given.frames, seed, signal }));
    /** Adds a policy's line, unless it is there. Train rates are of levels that it trained on, test rates of others. */
    const measure = async (
      name: string,
      policy: Policy,
      levels: number | 'all',
      own: number,
      at: number,
      early: boolean,
    ): Promise<void> => {
      const number = levels === 'all' ? HELD_OUT_START : levels;
      if (entries.some((one) => one.levels === number && one.seed === own && one.steps === at)) return;
      const rate = async (label: string, levelSeeds: readonly number[]): Promise<number> => {
        const results = await playArm(
          { name, policy, environment },
          {
            levelSeeds,
            compile: engine.compile,
            seed,
            pipelines: Math.min(given.threads, 4),
            onProgress: (played) =>
              progress.update(done, `${label} ${name} at ${at} steps, ${played} of ${levelSeeds.length} levels`),
            signal,
          },
        );
        return summarise(results).solveRate;
      };
      const train = await rate(
        'training levels of',
        Array.from({ length: Math.min(number, given.evaluateLevels) }, (_, i) => i),
      );
      const test = await rate(
        'held-out levels of',
        heldOutSeeds(layout, levelSetOf(levels), given.evaluateLevels, signal),
      );
      progress.update(done, `aligning ${name} at ${at} steps`);
      const found = await quickAlignment(policy, engine.compile, {
        layer,
        factors,
        fitted,
        scored,
        seed,
        cancellation: signal,
      });
      const entry: Entry = {
        levels: number,
        seed: own,
        steps: at,
        early,
        train,
        test,
        alignment: found.score,
        classes: found.best.map(({ auroc }) => (Number.isNaN(auroc) ? null : auroc)),
      };
      entries.push(entry);
      await appendFile(log, `${JSON.stringify(entry)}\n`);
    };
    for (const levels of counts) {
      for (let run = 0; run < given.seeds; run++) {
        const early = levels === most ? given.checkpoints : 0;
        const keepAt = Array.from({ length: early + 1 }, (_, i) => Math.round((steps * (i + 1)) / (early + 1)));
        const ppo = { ...base, seed: seed + run };
        const name = `${levels} levels, seed ${seed + run}`;
        const kept = await trainForStudy(
          { folder: join(out, `${levels}-${seed + run}`), environment, network: given.network, levels, ppo, keepAt },
          engine.compile,
          signal,
          (trained) => progress.update(done + Math.min(trained, steps), `training on ${name}`),
        );
        done += steps;
        for (const { steps: at, policy } of kept) await measure(name, policy, levels, seed + run, at, at < steps);
      }
    }
    for (const { name, policy, levels, seed: own } of taken) await measure(name, policy, levels, own, steps, false);
  } finally {
    progress.finish();
    await engine.dispose();
  }

  const findings = diversityFindings(entries, seed);
  const final = entries.filter((one) => !one.early);
  const early = entries.filter((one) => one.early);
  const points = (of: (entry: Entry) => number, some: readonly Entry[] = final) =>
    some.map((one) => ({
      x: one.levels,
      y: of(one),
      label: `${one.levels === HELD_OUT_START ? 'all' : one.levels} levels, seed ${one.seed}, ${one.steps} steps: ${of(one).toFixed(3)}`,
    }));
  const { slope, testSlope, gapSlope, matched } = findings;
  // A bootstrap over a handful of policies is sure of anything.
  const sure =
    final.length < fewestPolicies
      ? 'was measured on too few policies to say whether it changes'
      : slope.low > 0
        ? 'rises'
        : slope.high < 0
          ? 'falls'
          : 'does not surely change';
  const report: Report = {
    title: 'Level diversity and alignment',
    summary: `Over ${final.length} policies of ${steps} steps the alignment of ${layer}’s factors ${sure} with the number of training levels: ${text(slope)} a tenfold; the test rate changes by ${text(testSlope)}. ${matchedText(matched, early.length)}`,
    origin: { command: 'saccade study levels', version, ...settings, counts: given.counts, seeds: given.seeds },
    sections: [
      {
        title: 'Every policy',
        blocks: [
          {
            kind: 'chart',
            caption: 'Share of levels solved',
            x: 'training levels',
            y: 'solved',
            logarithmic: true,
            series: [
              { name: 'training levels', points: points((one) => one.train) },
              { name: 'held-out levels', points: points((one) => one.test) },
            ],
          },
          {
            kind: 'chart',
            caption: `Alignment: mean over classes of the best factor’s AUROC, ${factors} factors of ${layer}, one frozen bank`,
            x: 'training levels',
            y: 'AUROC',
            logarithmic: true,
            series: [{ name: 'policies', points: points((one) => one.alignment) }],
          },
          {
            kind: 'chart',
            caption: `Alignment against competence${early.length > 0 ? ': are early checkpoints of the most diverse runs any better aligned at equal test rates?' : ''}`,
            x: 'held-out levels solved',
            y: 'AUROC',
            series: [
              { name: 'final policies', points: final.map((one) => ({ x: one.test, y: one.alignment })) },
              ...(early.length > 0
                ? [{ name: 'early checkpoints', points: early.map((one) => ({ x: one.test, y: one.alignment })) }]
                : []),
            ],
          },
        ],
      },
      {
        title: 'Slopes on log10(levels)',
        blocks: [
          {
            kind: 'table',
            caption: 'Change for ten times as many levels; 95% intervals by bootstrap over policies',
            columns: ['measure', 'slope'],
            rows: [
              ['alignment', text(slope)],
              ['test rate', text(testSlope)],
              ['train rate less test rate', text(gapSlope)],
            ],
          },
          {
            kind: 'table',
            caption: 'All policies',
            columns: ['levels', 'seed', 'steps', 'train', 'test', 'alignment', ...alignedClasses],
            rows: entries.map((one) => [
              one.levels === HELD_OUT_START ? 'all' : String(one.levels),
              one.seed,
              one.steps,
              one.train,
              one.test,
              one.alignment,
              ...one.classes.map((value) => value ?? Number.NaN),
            ]),
          },
        ],
      },
    ],
  };
  await writeReport(out, 'study', report, { ...findings, policies: entries }, output);
}
