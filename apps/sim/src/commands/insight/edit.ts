/** Runs `saccade edit`: what each edit does to decisions on given frames, and to episodes. */
import { z } from 'zod';
import type { EpisodeResult, Player } from '@saccade/agent';
import { createStream, InputError, sizeOf } from '@saccade/core';
import {
  bootstrapMean,
  componentsAlong,
  editActivations,
  editedPlayer,
  editEffect,
  meanComponents,
  openLayer,
  outputsEffect,
  pairedEffects,
  removeDirection,
  selectFrames,
  splitByLevel,
} from '@saccade/insight';
import type { ActivationEdit, EditEffect, Interval, LayerStates, OpenLayer } from '@saccade/insight';
import type { Policy } from '@saccade/nn';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, integerFlag, parseFlags } from '../shell/flags.ts';
import { playArm } from './arms.ts';
import type { Arm } from './arms.ts';
import { editReport } from './editReport.ts';
import type { LookedEdit, PlayedEdit } from './editReport.ts';
import { mergeEnemyDirections } from './enemyDirections.ts';
import { packRows } from './packedPlayer.ts';
import { analysisFlags, dictionaryFor, frameFlags, heldOut, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  ...frameFlags,
  layer: z.string(),
  dictionary: z.string().optional(),
  factors: integerFlag(1, 512),
  factor: z.array(z.string()).default([]),
  do: z.array(z.string()),
  hide: z.array(choiceFlag(['saw', 'enemy', 'lava'])),
  levels: integerFlag(0, 10_000),
  play: integerFlag(0, 512),
});

const causes = ['saw', 'enemy', 'lava', 'out-of-bounds', 'timeout'];
/** Frames on which decisions are compared. */
const lookedAt = 256;

type EditKind = ActivationEdit['kind'] | 'project';
interface Wanted {
  readonly text: string;
  readonly kind: EditKind;
  readonly amount: number;
}

function parseEdit(text: string): Wanted {
  const [kind, number] = text.split(':', 2);
  const amount = number === undefined ? Number.NaN : Number(number);
  const bare = kind === 'zero' || kind === 'mean' || kind === 'resample';
  if (bare && number === undefined) return { text, kind, amount };
  if ((kind === 'scale' || kind === 'steer') && Number.isFinite(amount)) return { text, kind, amount };
  if (kind === 'project' && amount >= 0 && amount <= 1) return { text, kind, amount };
  throw new InputError(
    `--do: expected zero, mean, resample, scale:<times>, steer:<standard deviations> or project:<0 to 1>, got ${text}`,
  );
}

function factorIndices(asked: readonly string[], names: readonly string[]): number[] {
  if (asked.length === 0) return names.map((_, i) => i);
  return asked.map((text) => {
    const index = names.includes(text) ? names.indexOf(text) : /^\d+$/.test(text) ? Number(text) : -1;
    if (index < 0 || index >= names.length) {
      throw new InputError(`--factor: expected 0 to ${names.length - 1} or one of ${names.join(', ')}, got ${text}`);
    }
    return index;
  });
}

export async function runEdit(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const { layer, seed, levels, threads } = given;
  const { signal } = context;
  const wanted = given.do.map(parseEdit);
  const analysis = await openAnalysis('saccade edit', given, context);
  const { stored, compile, environment } = analysis;
  const { policy } = stored;
  const size = sizeOf(policy.network.observationShape);
  try {
    if (environment.name !== 'coinrun')
      throw new InputError(`edit: expected a policy of coinrun, got one of ${environment.name}`);
    const open = await openLayer(policy, layer, compile);
    const frames = await analysis.collect(given.frames, given.every);
    const { dictionary, names } = await dictionaryFor(analysis, open, {
      file: given.dictionary,
      factors: given.factors,
      frames,
      seed,
      signal,
    });
    const indices = factorIndices(given.factor, names);
    const [bank, rest] = splitByLevel(frames);
    const some = selectFrames(
      rest,
      Array.from({ length: Math.min(lookedAt, rest.count) }, (_, i) => i),
    );
    const states = await open.encode(some.observations, signal);
    const ofBank = await open.encode(bank.observations, signal);
    const direction = (f: number): Float32Array =>
      dictionary.directions.subarray(f * dictionary.channels, (f + 1) * dictionary.channels);
    const activationEdit = ({ kind, amount }: Wanted, f: number): ActivationEdit => {
      const along = { direction: direction(f) };
      switch (kind) {
        case 'zero':
          return { ...along, kind };
        case 'mean':
          return { ...along, kind, means: meanComponents(ofBank.activations, along.direction, open.positions) };
        case 'resample':
          return { ...along, kind, bank: componentsAlong(ofBank.activations, along.direction) };
        case 'scale':
          return { ...along, kind, factor: amount };
        case 'steer':
          return { ...along, kind, amount: amount * spread(componentsAlong(ofBank.activations, along.direction)) };
        default:
          throw new InputError(`edit: expected an edit of activations, got ${kind}`);
      }
    };

    const looked: LookedEdit[] = [];
    await analysis.withProgress('editing frames', async (progress) => {
      for (const [i, f] of indices.entries()) {
        for (const one of wanted) {
          const effect =
            one.kind === 'project'
              ? await projectedEffect(
                  open,
                  states,
                  some.observations,
                  removeDirection(policy, layer, direction(f), one.amount),
                  (edited) => openLayer(edited, layer, compile),
                )
              : await editEffect(
                  open,
                  states,
                  editActivations(
                    states.activations,
                    open.positions,
                    activationEdit(one, f),
                    createStream(seed, `resample/${f}`),
                  ),
                );
          looked.push({ factor: names[f], index: f, edit: one.text, effect });
        }
        progress((i + 1) / indices.length);
      }
    });

    const strength = (f: number): number =>
      Math.max(...looked.filter(({ index }) => index === f).map(({ effect }) => mean(effect.divergence)));
    const chosen = [...indices].sort((a, b) => strength(b) - strength(a)).slice(0, given.play);
    const played: PlayedEdit[] = [];
    let solvedBefore: number | undefined;
    if (levels > 0) {
      const seeds = heldOut(levels);
      const play = (arm: Arm, pipelines = Math.min(threads, 4)): Promise<EpisodeResult[]> =>
        analysis.withProgress(`playing ${arm.name}`, async (progress) =>
          mergeEnemyDirections(
            await playArm(arm, {
              levelSeeds: seeds,
              compile,
              seed,
              pipelines,
              onProgress: (done) => progress(done / levels),
              signal,
            }),
          ),
        );
      const before = await play({ name: 'original', policy, environment });
      solvedBefore = before.filter(({ solved }) => solved).length / levels;
      const compare = (name: string, kind: PlayedEdit['kind'], after: readonly EpisodeResult[]): void => {
        const change = (of: (result: EpisodeResult) => number): Interval =>
          bootstrapMean(
            after.map((result, i) => of(result) - of(before[i])),
            createStream(seed, `edit/${name}`),
          );
        played.push({
          name,
          kind,
          returns: change((result) => result.return),
          solved: change(({ solved }) => (solved ? 1 : 0)),
          effects: pairedEffects(before, after, causes, { seed }),
        });
      };
      for (const f of chosen) {
        for (const one of wanted) {
          const name = `${one.text} ${names[f]}`;
          if (one.kind === 'project') {
            const edited = removeDirection(policy, layer, direction(f), one.amount);
            compare(name, 'edit', await play({ name, policy: edited, environment }));
          } else {
            const inner = editedPlayer(open, [activationEdit(one, f)], createStream(seed, `played/${name}`));
            const player: Player = packRows(inner, size);
            // One after another, so that what is drawn does not depend on which thread is faster.
            compare(name, 'edit', await play({ name, policy, environment, player }, 1));
          }
        }
      }
      for (const hazard of given.hide) {
        const config = { ...environment.config, invisible: [hazard] };
        compare(
          `${hazard} hidden`,
          'hidden',
          await play({ name: `${hazard} hidden`, policy, environment: { ...environment, config } }),
        );
      }
    }
    const origin = { ...analysis.origin, layer, 'frames looked at': some.count, levels };
    const found = { policy: stored.name, layer, looked, played, levels, solved: solvedBefore, frames: some.count };
    await analysis.finish('edit', editReport(found, origin), {
      looked: looked.map(({ effect, ...one }) => ({
        ...one,
        value: mean(effect.values),
        divergence: mean(effect.divergence),
        actions: effect.actions,
        sameAction: effect.sameAction,
      })),
      played,
    });
    open.dispose();
  } finally {
    await analysis.dispose();
  }
}

/** What edited weights behind the layer make of the same frames. */
async function projectedEffect(
  open: OpenLayer,
  states: LayerStates,
  observations: Uint8Array,
  edited: Policy,
  reopen: (policy: Policy) => Promise<OpenLayer>,
): Promise<EditEffect> {
  const behind = await reopen(edited);
  try {
    const after = await behind.outputs(await behind.encode(observations));
    return outputsEffect(await open.outputs(states), after, open.policy.network.actions);
  } finally {
    behind.dispose();
  }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function spread(values: ArrayLike<number>): number {
  const middle = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - middle) ** 2;
  return Math.sqrt(squares / values.length);
}
