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
import type {
  ArmKind,
  BlindnessVerdict,
  ComparedArm,
  Dictionary,
  PairedEffect,
  Report,
  Section,
} from '@saccade/insight';
import type { EpisodeResult } from '@saccade/agent';
import type { CommandContext } from '../shell/command.ts';
import { integerFlag, numberFlag, parseFlags } from '../shell/flags.ts';
import { playArm } from './arms.ts';
import type { Arm } from './arms.ts';
import { analysisFlags, dictionaryFor, frameFlags, heldOut, openAnalysis } from './session.ts';
import type { Analysis } from './session.ts';

const hazards = ['saw', 'enemy', 'lava'] as const;
const causes = [...hazards, 'out-of-bounds', 'timeout'];

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  factor: z.string(),
  hazard: z.enum(['auto', ...hazards]),
  dictionary: z.string().optional(),
  factors: integerFlag(1, 512),
  levels: integerFlag(10, 10_000),
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
  const { out, resume, threads: _t, json: _j, levels: _l, controls: _c, resume: _r, ...rest } = given;
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

function effectRows(arms: readonly ComparedArm[]): (string | number)[][] {
  return arms.map(({ name, effects }) => [
    name,
    ...effects.flatMap(({ editedRate, difference }) => [
      editedRate,
      `${difference.estimate.toFixed(2)} (${difference.low.toFixed(2)} to ${difference.high.toFixed(2)})`,
    ]),
  ]);
}

const effectColumns = (): string[] => ['arm', ...causes.flatMap((cause) => [`${cause}, %`, 'change, points (95%)'])];

interface Findings {
  readonly factor: string;
  readonly hazard: string;
  readonly levels: number;
  readonly verdict: BlindnessVerdict;
  readonly arms: readonly ComparedArm[];
  readonly single: readonly { readonly hazard: string; readonly effects: readonly PairedEffect[] }[];
  readonly discovery?: readonly { readonly factor: string; readonly effects: readonly PairedEffect[] }[];
}

function blindReport(found: Findings, origin: Report['origin']): Report {
  const { factor, hazard, levels, verdict, arms, single, discovery } = found;
  const sections: Section[] = [
    {
      title: verdict.selective ? 'Selective' : 'Not selective',
      blocks: verdict.reasons.map(({ holds, text }) => ({
        kind: 'text',
        text: `${holds ? 'Holds' : 'Fails'}: ${text}.`,
      })),
    },
    {
      title: 'Failures by cause',
      blocks: [
        {
          kind: 'table',
          caption: `${levels} held-out levels, every arm with the same action noise.`,
          columns: effectColumns(),
          rows: effectRows(arms),
        },
        {
          kind: 'table',
          caption: 'McNemar’s exact test after Holm over factors and hazards',
          columns: ['arm', 'cause', 'p'],
          rows: verdict.adjusted.map(({ arm, cause, p }) => [arm, cause, p]),
        },
      ],
    },
  ];
  if (single.length > 0) {
    sections.push({
      title: 'Levels with one hazard alone',
      blocks: [
        {
          kind: 'table',
          caption: 'So that causes do not compete for the same episodes.',
          columns: effectColumns(),
          rows: single.flatMap(({ hazard: only, effects }) =>
            effectRows([{ name: `${only} levels`, kind: 'factor', effects }]),
          ),
        },
      ],
    });
  }
  if (discovery) {
    sections.push({
      title: 'How factor and hazard were chosen',
      blocks: [
        {
          kind: 'table',
          caption:
            'Change of each cause on discovery levels, which are training levels; the test’s levels are held out.',
          columns: effectColumns(),
          rows: discovery.flatMap(({ factor: name, effects }) => effectRows([{ name, kind: 'factor', effects }])),
        },
      ],
    });
  }
  return {
    title: `Blind to ${factor}: failures by ${hazard}`,
    summary: `${verdict.selective ? 'Selective' : 'Not selective'}: with ${factor} removed, ${verdict.reasons[0].text}; ${verdict.reasons[1].text}; ${verdict.reasons[2].text}.`,
    origin,
    sections,
  };
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

    let factor = given.factor === 'auto' ? -1 : factorIndex(given.factor, names);
    let hazard: string = given.hazard;
    let discovery: Findings['discovery'];
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
        tried.push({ index: i, factor: names[i], effects: pairedEffects(before, after, causes, { seed }) });
      }
      const wanted = hazard === 'auto' ? hazards : hazards.filter((name) => name === hazard);
      const ranked = tried
        .flatMap(({ index, effects }) =>
          effects
            .filter(({ cause }) => (wanted as readonly string[]).includes(cause))
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
      discovery = tried;
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
    const invisible = { ...environment, config: { ...environment.config, invisible: [hazard] } };
    planned.push({ kind: 'invisible', arm: { name: `${hazard} invisible`, policy, environment: invisible } });

    const before = await play(original, seeds);
    const arms: ComparedArm[] = [];
    for (const { arm, kind } of planned) {
      arms.push({ name: arm.name, kind, effects: pairedEffects(before, await play(arm, seeds), causes, { seed }) });
    }
    const single = [];
    for (const only of given.singleHazard > 0 ? hazards : []) {
      const weights = Object.fromEntries(hazards.map((name) => [name, name === only ? 1 : 0]));
      const alone = { ...environment, config: { ...environment.config, hazards: weights } };
      const some = heldOut(given.singleHazard);
      const first = await play({ name: `original, ${only} alone`, policy, environment: alone }, some);
      const second = await play({ name: `blind, ${only} alone`, policy: blindTo(direction), environment: alone }, some);
      single.push({ hazard: only, effects: pairedEffects(first, second, causes, { seed }) });
    }
    const verdict = judgeBlindness(arms, hazard, hazards);
    const found: Findings = { factor: names[factor], hazard, levels, verdict, arms, single, discovery };
    const solved = before.filter((result) => result.solved).length / before.length;
    const origin = {
      ...analysis.origin,
      layer,
      levels,
      'solved by the original, %': Number((100 * solved).toFixed(2)),
    };
    await analysis.finish('blind', blindReport(found, origin), { ...found, solved, direction, dictionary: { names } });
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}
