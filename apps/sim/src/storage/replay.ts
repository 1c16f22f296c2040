/**
 * Plays a recording again from its seed, actions and events. It never asks a network: what was chosen is recorded, and
 * the state hashes say whether the world went the same way.
 */
import { InputError } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import type { CoinRunConfig, CoinRunEnvironment } from '@saccade/envs';
import type { Recording, RecordingEvent } from '@saccade/protocol';

export interface ReplayedStep {
  /** Row of steps.parquet; `steps.length` for the instant after the last. */
  readonly step: number;
  /** As the environment stands before the step, events included; borrowed. */
  readonly environment: CoinRunEnvironment;
}

function apply(environment: CoinRunEnvironment, event: RecordingEvent): void {
  if (event.kind === 'edit') environment.edit(event.edit);
  else environment.setState(event.state);
}

function expectSame(what: string, step: number, recorded: unknown, got: unknown): void {
  if (recorded === got) return;
  throw new InputError(`step ${step}: expected ${what} ${String(recorded)} as recorded, got ${String(got)}`);
}

/**
 * Yields before each step and after the last.
 * @throws InputError that names the first step at which state, reward or end is another than recorded
 */
export function* replay({ manifest, steps, events }: Recording): Generator<ReplayedStep> {
  const { environment: spec, levelSeed, startHash } = manifest;
  if (spec.name !== 'coinrun') throw new InputError(`recording: expected one of coinrun, got one of ${spec.name}`);
  const environment = createCoinRun(spec.config as Partial<CoinRunConfig>);
  expectSame('the actions', 0, manifest.actions.join(', '), environment.actionSpace.names.join(', '));
  environment.reset({ options: { levelSeed } });
  expectSame('the state hash', 0, startHash, environment.stateHash());
  let next = 0;
  for (const [step, recorded] of [...steps, null].entries()) {
    for (; next < events.length && events[next].step === step; next++) {
      try {
        apply(environment, events[next]);
      } catch (error) {
        if (error instanceof InputError) throw new InputError(`step ${step}: event ${next + 1}: ${error.message}`);
        throw error;
      }
    }
    yield { step, environment };
    if (recorded === null) break;
    const { reward, terminated, truncated, info } = environment.step(recorded.action);
    expectSame('the state hash', step, recorded.stateHash, environment.stateHash());
    expectSame('the reward', step, recorded.reward, reward);
    const kind = terminated ? 'terminated' : truncated ? 'truncated' : null;
    expectSame('the end', step, recorded.end?.kind ?? null, kind);
    expectSame("the end's cause", step, recorded.end?.cause ?? null, info.cause);
    if (kind !== null && step < steps.length - 1) {
      throw new InputError(`step ${step}: expected the last of ${steps.length} steps, got the end of the episode`);
    }
  }
  if (next < events.length)
    throw new InputError(`event ${next + 1}: expected a step up to ${steps.length}, got ${events[next].step}`);
  expectSame('the return', steps.length, manifest.return, environment.info().episodeReturn);
}
