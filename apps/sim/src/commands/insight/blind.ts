/** Runs `saccade blind`: dictionary, arms, discovery, verdict, report. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createStream, hashBytes, InputError } from '@saccade/core';
import {
  judgeBlindness,
  matchedDirections,
  openLayer,
  pairedEffects,
  removeDirection,
  sampleRows,
} from '@saccade/insight';
import type { ArmKind, ComparedArm, Dictionary, PairedEffect } from '@saccade/insight';
import { summarise } from '@saccade/agent';
import type { EpisodeResult } from '@saccade/agent';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, integerFlag, numberFlag, parseFlags } from '../shell/flags.ts';
import { playArm } from './arms.ts';
import type { Arm } from './arms.ts';
import { blindReport } from './blindReport.ts';
import type { BlindFindings } from './blindReport.ts';
import { enemyCauses, mergeEnemyDirections } from './enemyDirections.ts';
import { analysisFlags, dictionaryFor, frameFlags, heldOut, openAnalysis } from './session.ts';
import type { Analysis } from './session.ts';

const kinds = ['saw', 'enemy', 'lava'] as const;
/** What can be blinded to: Understanding RL Vision's causes. `enemy` is both directions together. */
const targets = ['saw', 'enemy', enemyCauses.left, enemyCauses.right, 'lava'] as const;
const others = ['out-of-bounds', 'timeout'];

/** The causes that are told apart when `hazard` is the one under test. */
function causesFor(hazard: string): { readonly hazards: readonly string[]; readonly causes: readonly string[] } {
  const hazards = targets.filter((one) => (hazard === 'enemy' ? !one.startsWith('enemy ') : one !== 'enemy'));
  return { hazards, causes: [...hazards, ...others] };
}

/** The kind of object behind a cause. */
const kindOf = (hazard: string): string => hazard.split(' ')[0];

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  factor: z.string(),
  hazard: choiceFlag(['auto', ...targets]),
  dictionary: z.string().optional(),
  factors: integerFlag(1, 512),
  levels: integerFlag(10, 10_000),
  controlLevels: integerFlag(10, 10_000).optional(),
  discoveryLevels: integerFlag(10, 100_000),
  strength: numberFlag(0, 1),
  controls: integerFlag(0, 1000),
  others: z.boolean().default(true),
  singleHazard: integerFlag(0, 10_000),
  resume: z.boolean().default(false),
});

type Given = z.output<typeof flagsSchema>;

/** Refuses a folder whose arms belong to another experiment. */
async function claimFolder(analysis: Analysis, given: Given): Promise<string> {
  const {
    out,
    resume,
    threads: _t,
    json: _j,
    levels: _l,
    controlLevels: _v,
    controls: _c,
    resume: _r,
    ...rest
  } = given;
  const identity = hashBytes(
    new TextEncoder().encode(JSON.stringify([analysis.stored.hash, analysis.environment, rest])),
  );
  const folder = join(out, 'arms');
  await mkdir(folder, { recursive: true });
  const known = await readFile(join(folder, 'experiment.txt'), 'utf8').catch(() => undefined);
  if (known !== undefined && known !== identity) {
    throw new InputError(`--out: expected the folder of this experiment, got one with other settings: ${out}`);
  }
  if (known !== undefined && !resume && (await readdir(folder)).length > 1) {
    throw new InputError(`--out: expected a new folder, got one with results: --resume goes on with them, in ${out}`);
  }
  await analysis.write(join('arms', 'experiment.txt'), identity);
  return folder;
}

const directionOf = ({ directions, channels }: Dictionary, factor: number): Float32Array =>
  directions.subarray(factor * channels, (factor + 1) * channels);

function factorIndex(text: string, names: readonly string[]): number {
  const named = names.indexOf(text);
  const index = named >= 0 ? named : /^\d+$/.test(text) ? Number(text) : -1;
  if (index < 0 || index >= names.length) {
    throw new InputError(
      `--factor: expected 0 to ${names.length - 1}, auto, or one of ${names.join(', ')}, got ${text}`,
    );
  }
  return index;
}

export async function runBlind(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, strength, seed, threads, levels } = given;
  const { signal, output } = context;
  const analysis = await openAnalysis('saccade blind', given, context);
  const { stored, compile, environment } = analysis;
  const { policy } = stored;
  try {
    if (environment.name !== 'coinrun')
      throw new InputError(`blind: expected a policy of coinrun, got one of ${environment.name}`);
    const folder = await claimFolder(analysis, given);
    const open = await openLayer(policy, layer, compile);
    const frames = await analysis.collect(given.frames, given.every);
    const { dictionary, names } = await dictionaryFor(analysis, open, {
      file: given.dictionary,
      factors: given.factors,
      frames,
      seed,
      signal,
    });
    const rows = await sampleRows(open, frames.observations, { maximumRows: 20_000, seed });
    const blindTo = (direction: ArrayLike<number>) => removeDirection(policy, layer, direction, strength);
    const play = (arm: Arm, levelSeeds: readonly number[]): Promise<EpisodeResult[]> =>
      analysis.withProgress(`playing ${arm.name}`, (progress) =>
        playArm(arm, {
          folder,
          levelSeeds,
          compile,
          seed,
          pipelines: Math.min(threads, 4),
          onProgress: (done) => progress(done / levelSeeds.length),
          signal,
        }),
      );
    const original: Arm = { name: 'original', policy, environment };

    /** Effects on the causes that count when `hazard` is tested, on the levels that both arms played. */
    const effectsOf = (
      before: readonly EpisodeResult[],
      after: readonly EpisodeResult[],
      hazard: string,
    ): PairedEffect[] => {
      const cut = (results: readonly EpisodeResult[]): readonly EpisodeResult[] => {
        const some = results.slice(0, Math.min(before.length, after.length));
        return hazard === 'enemy' ? mergeEnemyDirections(some) : some;
      };
      return pairedEffects(cut(before), cut(after), causesFor(hazard).causes, { seed });
    };

    let factor = given.factor === 'auto' ? -1 : factorIndex(given.factor, names);
    let hazard: string = given.hazard;
    let discovery: BlindFindings['discovery'];
    if (factor < 0 || hazard === 'auto') {
      const seeds = Array.from({ length: given.discoveryLevels }, (_, i) => 1_000_000 + i);
      const before = await play({ ...original, name: 'discovery original' }, seeds);
      const candidates = factor < 0 ? names.map((_, i) => i) : [factor];
      const tried = [];
      for (const i of candidates) {
        const after = await play(
          { name: `discovery ${i}`, policy: blindTo(directionOf(dictionary, i)), environment },
          seeds,
        );
        tried.push({ index: i, factor: names[i], effects: effectsOf(before, after, hazard) });
      }
      const wanted = hazard === 'auto' ? causesFor('auto').hazards : [hazard];
      const ranked = tried
        .flatMap(({ index, effects }) =>
          effects
            .filter(({ cause }) => wanted.includes(cause))
            .map(({ cause, difference }) => {
              // What rises elsewhere counts against a candidate: a selective factor is looked for.
              const elsewhere = effects
                .filter((other) => other.cause !== cause)
                .reduce((sum, other) => sum + Math.abs(other.difference.estimate), 0);
              return { index, cause, merit: difference.estimate - elsewhere };
            }),
        )
        .sort((a, b) => b.merit - a.merit);
      ({ index: factor, cause: hazard } = ranked[0]);
      discovery = { levels: seeds.length, tried };
      output.note(`chosen on discovery levels: ${names[factor]}, ${hazard}`);
    }

    const seeds = heldOut(levels);
    const direction = directionOf(dictionary, factor);
    const largest = direction.reduce((best, value, c) => (value > direction[best] ? c : best), 0);
    const planned: { arm: Arm; kind: ArmKind }[] = [
      { kind: 'factor', arm: { name: `blind to ${names[factor]}`, policy: blindTo(direction), environment } },
    ];
    if (given.others) {
      names.forEach((name, i) => {
        if (i === factor) return;
        planned.push({
          kind: 'other',
          arm: { name: `blind to ${name}`, policy: blindTo(directionOf(dictionary, i)), environment },
        });
      });
    }
    const oneHot = Float32Array.from(direction, (_, c) => (c === largest ? 1 : 0));
    planned.push({
      kind: 'channel',
      arm: { name: `blind to channel ${largest}`, policy: blindTo(oneHot), environment },
    });
    const random = matchedDirections(direction, rows, given.controls, createStream(seed, 'control directions'));
    random.forEach((one, i) => {
      planned.push({
        kind: 'random',
        arm: { name: `blind to random direction ${i}`, policy: blindTo(one), environment },
      });
    });
    const invisible = { ...environment, config: { ...environment.config, invisible: [kindOf(hazard)] } };
    planned.push({ kind: 'invisible', arm: { name: `${kindOf(hazard)} invisible`, policy, environment: invisible } });

    const before = await play(original, seeds);
    const controlSeeds = seeds.slice(0, given.controlLevels ?? levels);
    const arms: (ComparedArm & { readonly levels: number })[] = [];
    for (const { arm, kind } of planned) {
      const after = await play(arm, kind === 'factor' ? seeds : controlSeeds);
      arms.push({ name: arm.name, kind, levels: after.length, effects: effectsOf(before, after, hazard) });
    }
    const single = [];
    for (const only of given.singleHazard > 0 ? kinds : []) {
      const weights = Object.fromEntries(kinds.map((name) => [name, name === only ? 1 : 0]));
      const alone = { ...environment, config: { ...environment.config, hazards: weights } };
      const some = heldOut(given.singleHazard);
      const first = await play({ name: `original, ${only} alone`, policy, environment: alone }, some);
      const second = await play({ name: `blind, ${only} alone`, policy: blindTo(direction), environment: alone }, some);
      single.push({ hazard: only, effects: effectsOf(first, second, hazard) });
    }
    const verdict = judgeBlindness(arms, hazard, causesFor(hazard).hazards);
    const { interval } = summarise(before);
    const solved = before.filter((result) => result.solved).length / before.length;
    const found: BlindFindings = {
      policy: stored.name,
      layer,
      factor: names[factor],
      hazard,
      levels,
      controlLevels: controlSeeds.length,
      solved: { estimate: solved, low: interval[0], high: interval[1] },
      verdict,
      arms,
      single,
      discovery,
    };
    const origin = { ...analysis.origin, layer, levels, 'levels of the controls': controlSeeds.length };
    await analysis.finish('blind', blindReport(found, origin), { ...found, direction, dictionary: { names } });
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}
