/**
 * A recording as the instants that a session holds: the world stepped again and checked state by state, what the policy
 * thought taken from the record. Where the world goes another way, the instants end there, and the step is named.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { probabilitiesOf } from '@saccade/agent';
import type { CoinRunEnvironment } from '@saccade/envs';
import { encodeLayout, encodeMoving } from '@saccade/protocol';
import type { Layout, Recording } from '@saccade/protocol';
import type { ActingPolicy, Instant } from '@saccade/session';
import { replay } from '../storage/replay.ts';

export interface RecordedInstants {
  /** One a step, and one for where the last step led. */
  readonly instants: readonly Instant[];
  readonly layouts: readonly Layout[];
  /** The first step that did not go as recorded. */
  readonly mismatch: { readonly step: number; readonly message: string } | null;
}

/** So many steps are replayed at once: others of the process have their turn in between. */
const stride = 20;

/**
 * @param thinking whose thoughts stand where the recording holds none: after its last step, or anywhere if nobody was
 *   asked
 * @throws InputError when not even its first state can be shown, CancelledError
 */
export async function recordedInstants(
  recording: Recording,
  thinking: ActingPolicy,
  cancellation?: Cancellation,
): Promise<RecordedInstants> {
  const { steps, events, manifest } = recording;
  const { levelSeed, actions } = manifest;
  const changes = new Set(events.map(({ step }) => step));
  const instants: Instant[] = [];
  const layouts: Layout[] = [];
  const steady = replay(recording);
  for (;;) {
    let yielded;
    try {
      yielded = steady.next();
    } catch (error) {
      if (!(error instanceof InputError) || instants.length === 0) throw error;
      const step = stepOf(error.message) ?? instants.length - 1;
      return { instants, layouts, mismatch: { step, message: error.message } };
    }
    if (yielded.done === true) return { instants, layouts, mismatch: null };
    const { step, environment } = yielded.value;
    if (layouts.length === 0 || changes.has(step)) {
      layouts.push(encodeLayout(environment.scene, layouts.length, levelSeed));
    }
    const recorded = step < steps.length ? steps[step] : null;
    const observation = observe(environment);
    const known = recorded !== null && recorded.logits.length === actions.length && Number.isFinite(recorded.value);
    const { logits, value } = known ? recorded : await thinking.act(observation);
    const { step: episodeStep, episodeReturn } = environment.info();
    instants.push({
      levelSeed,
      episodeStep,
      observation,
      scene: encodeMoving(environment.scene, layouts.length - 1),
      logits,
      probabilities: Float32Array.from(probabilitiesOf(logits)),
      value,
      action: recorded?.action ?? null,
      actor: recorded?.actor ?? instants.at(-1)?.actor ?? 'policy',
      state: environment.getState(),
      stateHash: environment.stateHash(),
      reward: recorded?.reward ?? 0,
      return: episodeReturn + (recorded?.reward ?? 0),
      end: (recorded ?? steps.at(-1))?.end ?? null,
    });
    if (step % stride === stride - 1) await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(cancellation, 'recording');
  }
}

/** `step 7: expected ...` -> 7 */
function stepOf(message: string): number | null {
  const found = /^step (\d+):/.exec(message);
  return found ? Number(found[1]) : null;
}

function observe(environment: CoinRunEnvironment): Uint8Array {
  const [height, width, channels] = environment.observationSpace.shape;
  const observation = new Uint8Array(height * width * channels);
  environment.observeInto(observation, 0);
  return observation;
}
