/** A training run between two iterations as bytes: safetensors of the learner, and JSON of all the rest beside them. */
import { InputError } from '@saccade/core';
import type { RandomState } from '@saccade/core';
import { decodeSafetensors, encodeSafetensors, expectParameters } from '@saccade/nn';
import type { HostTensor, HostTensors, Network } from '@saccade/nn';
import type { PpoConfig } from './config.ts';
import type { LearnerState } from './learner.ts';
import type { RewardNormaliserState } from './rewards.ts';

/** JSON beside the tensors of a checkpoint. */
export interface Progress {
  readonly version: 1;
  readonly config: PpoConfig;
  readonly architecture: string;
  readonly steps: number;
  readonly updates: number;
  readonly optimiserSteps: number;
  readonly actionStream: RandomState;
  readonly orderStream: RandomState;
  readonly normaliser: RewardNormaliserState | null;
  readonly vector: unknown;
}

const progressKey = 'saccade.training';

export function encodeCheckpoint(progress: Progress, { parameters, first, second }: LearnerState): Uint8Array {
  const groups = Object.entries({ parameters, first, second }).flatMap(([prefix, tensors]) =>
    Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor] as const),
  );
  return encodeSafetensors({
    tensors: Object.fromEntries(groups),
    metadata: { [progressKey]: JSON.stringify(progress) },
  });
}

function part(tensors: HostTensors, prefix: string): Record<string, HostTensor> {
  const start = `${prefix}/`;
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(start));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(start.length), tensor]));
}

const isTable = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isStream = (value: unknown): value is RandomState =>
  isTable(value) && ['c', 's0', 's1', 's2'].every((lane) => Number.isFinite(value[lane]));

/** What is wrong in it is named; the vector's part is checked by the vector that it is restored to. */
function parseProgress(text: string | undefined): Progress {
  if (!text) throw new InputError('checkpoint: expected the state of a training run, got another safetensors file');
  let progress: unknown;
  try {
    progress = JSON.parse(text);
  } catch {
    throw new InputError('checkpoint: expected the state of a training run as JSON, but it is damaged');
  }
  if (!isTable(progress) || progress['version'] !== 1) {
    throw new InputError(
      `checkpoint: expected version 1, got ${String(isTable(progress) ? progress['version'] : progress)}`,
    );
  }
  const { config, normaliser } = progress;
  const wrong = [
    ...['steps', 'updates', 'optimiserSteps'].filter((name) => !isCount(progress[name])),
    ...['actionStream', 'orderStream'].filter((name) => !isStream(progress[name])),
    ...(isTable(config) ? [] : ['config']),
    ...(normaliser === null || (isTable(normaliser) && Array.isArray(normaliser['returns'])) ? [] : ['normaliser']),
  ];
  if (wrong.length > 0) throw new InputError(`checkpoint: expected ${wrong[0]} of a training run, but it is damaged`);
  return progress as unknown as Progress;
}

/** @throws InputError when the bytes are truncated, damaged, foreign, of a later version or of another network */
export function decodeCheckpoint(bytes: Uint8Array, network: Network): { progress: Progress; learner: LearnerState } {
  const { tensors, metadata } = decodeSafetensors(bytes, 'checkpoint');
  const progress = parseProgress(metadata[progressKey]);
  if (progress.architecture !== network.architecture) {
    throw new InputError(`checkpoint: expected the network ${network.architecture}, got ${progress.architecture}`);
  }
  const [parameters, first, second] = ['parameters', 'first', 'second'].map((prefix) => part(tensors, prefix));
  for (const group of [parameters, first, second]) expectParameters(network, group, 'checkpoint');
  return { progress, learner: { parameters, first, second, optimiserSteps: progress.optimiserSteps } };
}

/** The config in a checkpoint, so that a command can build its environments before it resumes. */
export function configOfCheckpoint(bytes: Uint8Array): PpoConfig {
  return parseProgress(decodeSafetensors(bytes, 'checkpoint').metadata[progressKey]).config;
}
