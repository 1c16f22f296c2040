/** From `train`'s flags, a config file or a run to go on with, to one resolved config. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { expectPpoConfig, ppoPresets } from '@saccade/agent';
import type { PpoConfig, PpoPreset } from '@saccade/agent';
import { environments } from '@saccade/envs';
import { architectures, decodePolicy } from '@saccade/nn';
import type { HostTensors } from '@saccade/nn';
import { locatePolicy } from '../../storage/policyFiles.ts';
import { openRunFolder } from '../../storage/runFolder.ts';
import { deviceNames } from '../../workers/devices/device.ts';
import type { DeviceName } from '../../workers/devices/device.ts';
import { trainCommandOf } from './commandLine.ts';
import { choiceFlag, commonFlags, integerFlag, numberFlag, parseFlags } from '../shell/flags.ts';

const names = <T extends string>(table: Record<T, unknown>): [T, ...T[]] => Object.keys(table) as [T, ...T[]];

const ppoSchema = z.strictObject({
  environments: z.number(),
  rolloutSteps: z.number(),
  epochs: z.number(),
  minibatches: z.number(),
  microBatch: z.number(),
  totalSteps: z.number(),
  learningRate: z.number(),
  learningRateSchedule: z.enum(['constant', 'linear']),
  adamEpsilon: z.number(),
  gamma: z.number(),
  lambda: z.number(),
  clip: z.number(),
  clipValue: z.boolean(),
  valueCoefficient: z.number(),
  entropyCoefficient: z.number(),
  entropySchedule: z.enum(['constant', 'linear']).default('constant'),
  maxGradientNorm: z.number(),
  normaliseAdvantages: z.boolean(),
  normaliseRewards: z.boolean(),
  rewardScale: z.number(),
  targetKl: z.number(),
  levelReplay: z.number().default(0),
  seed: z.number(),
}) satisfies z.ZodType<PpoConfig>;

const configSchema = z.strictObject({
  environment: z.strictObject({ name: z.enum(names(environments)), config: z.record(z.string(), z.unknown()) }),
  network: z.enum(names(architectures)),
  /** Training levels: a count of seeds from 0 on, or every seed below 2^31. */
  levels: z.union([z.literal('all'), z.number().int().positive()]),
  ppo: ppoSchema,
  evaluation: z.strictObject({
    /** Environment steps between evaluations. */
    every: z.number().int().positive(),
    /** Held-out levels of one evaluation. */
    levels: z.number().int().positive().max(10_000),
  }),
  /** Environment steps between policies that are kept in checkpoints/; 0 keeps none. */
  keepEvery: z.number().int().nonnegative().default(0),
  /** The policy that training started from: as it was named, its own steps and command, and its file's SHA-256. */
  from: z
    .strictObject({
      policy: z.string(),
      steps: z.number().nullable(),
      command: z.string().nullable(),
      sha256: z.string(),
    })
    .optional(),
});

/** What a run folder's config.json says. */
export type TrainingConfig = z.output<typeof configSchema>;

export interface TrainingRequest {
  readonly folder: string;
  readonly resume: boolean;
  readonly device: DeviceName;
  readonly threads: number;
  /** Threads that step environments; 0 steps them in the training's own. Never changes a result. */
  readonly envWorkers: number;
  readonly json: boolean;
  /** Seconds between checkpoints: what a kill -9 can cost. */
  readonly checkpointEvery: number;
  readonly config: TrainingConfig;
  /** The parameters of `config.from`, for a run that begins. */
  readonly start?: HostTensors;
}

const flagsSchema = z.object({
  ...commonFlags,
  run: z.string().optional(),
  resume: z.boolean().default(false),
  config: z.string().optional(),
  environment: choiceFlag(names(environments)).optional(),
  difficulty: choiceFlag(['easy', 'hard']).optional(),
  levels: z.union([z.literal('all'), integerFlag(1, 2 ** 31)], { error: 'expected all or a whole number' }).optional(),
  network: choiceFlag(names(architectures)).optional(),
  preset: choiceFlag(names(ppoPresets)).default('fast'),
  totalTimesteps: integerFlag(1).optional(),
  numEnvs: integerFlag(1, 4096).optional(),
  set: z.array(z.string()).default([]),
  device: choiceFlag(deviceNames).default('auto'),
  threads: integerFlag(1, 64).default(2),
  envWorkers: integerFlag(0, 64).default(0),
  checkpointEvery: numberFlag(0, 86_400).default(60),
  evaluateEvery: integerFlag(1).optional(),
  evaluateLevels: integerFlag(1, 10_000).optional(),
  keepEvery: integerFlag(0).optional(),
  from: z.string().optional(),
});

/** `learningRate=3e-4` -> a checked entry of the PPO config. */
export function parseSettings(settings: readonly string[]): Partial<Record<string, unknown>> {
  return Object.fromEntries(
    settings.map((text) => {
      const [name, value] = text.split('=', 2);
      if (value === undefined || !Object.hasOwn(ppoSchema.shape, name)) {
        throw new InputError(
          `--set: expected name=value with one of ${Object.keys(ppoSchema.shape).join(', ')}, got ${text}`,
        );
      }
      const parsed =
        value === 'true' ? true : value === 'false' ? false : Number.isNaN(Number(value)) ? value : Number(value);
      return [name, parsed];
    }),
  );
}

function parseConfig(document: unknown, where: string): TrainingConfig {
  const result = configSchema.safeParse(document);
  if (!result.success) {
    const { path, message } = result.error.issues[0];
    throw new InputError(`${where}: ${path.join('.') || 'config'}: ${message.replace(/^Invalid input: /, '')}`);
  }
  expectPpoConfig(result.data.ppo);
  return result.data;
}

async function readConfig(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new InputError(`--config: expected a file, got ${path}`);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InputError(`--config: expected JSON, got something else in ${path}`);
  }
}

function defaults(preset: PpoPreset, network: string, environment: string): TrainingConfig {
  return {
    environment: { name: environment as TrainingConfig['environment']['name'], config: {} },
    network: network as TrainingConfig['network'],
    levels: 'all',
    ppo: ppoPresets[preset],
    evaluation: { every: 250_000, levels: 200 },
    keepEvery: 0,
  };
}

async function readStart(nameOrPath: string) {
  const { name, path } = await locatePolicy(nameOrPath);
  const bytes = new Uint8Array(await readFile(path));
  const { network, parameters, training } = decodePolicy(bytes, path);
  const steps = typeof training['steps'] === 'number' ? training['steps'] : null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const made = configSchema.omit({ evaluation: true, keepEvery: true }).partial({ from: true }).safeParse({
    environment: training['environment'],
    network: network.architecture,
    levels: training['levels'],
    ppo: training['ppo'],
    from: training['from'],
  });
  const command = made.success ? trainCommandOf(made.data, `runs/${name}`) : null;
  return { network: network.architecture, parameters, origin: { policy: nameOrPath, steps, command, sha256 } };
}

/** What a run is, as against how it runs here: a run that goes on has it from its folder. */
const ofTheRun = [
  ...['config', 'from', 'environment', 'difficulty', 'levels', 'network', 'preset', 'totalTimesteps', 'numEnvs', 'set'],
  ...['evaluateEvery', 'evaluateLevels', 'keepEvery', 'seed'],
];

function expectNone(flags: Readonly<Record<string, unknown>>, names: readonly string[], why: string): void {
  const name = names.find((candidate) => flags[candidate] !== undefined);
  if (name === undefined) return;
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new InputError(`--${flag}: ${why}`);
}

export async function trainingConfig(flags: Readonly<Record<string, unknown>>): Promise<TrainingRequest> {
  const given = parseFlags(flagsSchema, flags);
  const { json, device, threads, envWorkers, resume, checkpointEvery } = given;
  if (resume) {
    if (given.run === undefined) throw new InputError('--resume: expected --run <folder> too, got nothing');
    expectNone(flags, ofTheRun, `expected nothing beside --resume, which goes on with ${given.run}/config.json`);
    const folder = await openRunFolder(given.run);
    return {
      folder: given.run,
      resume,
      device,
      threads,
      envWorkers,
      json,
      checkpointEvery,
      config: parseConfig(await folder.config(), `${given.run}/config.json`),
    };
  }
  if (given.config !== undefined) expectNone(flags, ['preset'], 'expected nothing beside --config, which has its own');
  const environment = given.environment ?? 'coinrun';
  const network = given.network ?? (environment === 'corridor' ? 'perceptron' : 'compact');
  const base = given.config
    ? parseConfig(await readConfig(given.config), given.config)
    : defaults(given.preset, network, environment);
  if (given.difficulty !== undefined && (given.environment ?? base.environment.name) !== 'coinrun') {
    throw new InputError(`--difficulty: expected the environment coinrun, got ${environment}`);
  }
  const from = given.from === undefined ? undefined : await readStart(given.from);
  const config = parseConfig(
    {
      ...base,
      environment: {
        name: given.environment ?? base.environment.name,
        config: { ...base.environment.config, ...(given.difficulty ? { difficulty: given.difficulty } : {}) },
      },
      network: given.network ?? from?.network ?? base.network,
      levels: given.levels ?? base.levels,
      ppo: {
        ...base.ppo,
        ...(given.totalTimesteps === undefined ? {} : { totalSteps: given.totalTimesteps }),
        ...(given.numEnvs === undefined ? {} : { environments: given.numEnvs }),
        ...(flags['seed'] === undefined && given.config ? {} : { seed: given.seed }),
        ...parseSettings(given.set),
      },
      evaluation: {
        every: given.evaluateEvery ?? base.evaluation.every,
        levels: given.evaluateLevels ?? base.evaluation.levels,
      },
      keepEvery: given.keepEvery ?? base.keepEvery,
      from: from?.origin,
    },
    'train',
  );
  const folder = given.run ?? `runs/${config.environment.name}-${config.network}-${config.ppo.seed}`;
  if (from && from.network !== config.network) {
    throw new InputError(`--from: expected a policy of the network ${config.network}, got ${from.network}`);
  }
  return { folder, resume, device, threads, envWorkers, json, checkpointEvery, config, start: from?.parameters };
}
