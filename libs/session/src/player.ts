/**
 * Plays one episode of a policy, instant by instant. An episode is named by policy, level seed and action seed: the
 * page, `saccade attribute` and a link that names the three meet the very same instants.
 */
import { createStream, InputError } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import { environmentOf, probabilitiesOf, sampleIndex } from '@saccade/agent';
import { createCoinRun } from '@saccade/envs';
import type { CoinRunEnvironment, EnvironmentState } from '@saccade/envs';
import type { Policy } from '@saccade/nn';
import type { End, Moving, WireActor } from '@saccade/protocol';
import { encodeMoving } from '@saccade/protocol';
import type { ActingPolicy } from './frames.ts';

/** What the agent saw, thought and did at one moment; see `FrameMessage` for the fields. */
export interface Instant {
  readonly levelSeed: number;
  /** Steps since the episode began. */
  readonly episodeStep: number;
  readonly observation: Uint8Array;
  readonly scene: Moving;
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
  readonly value: number;
  /** Null on the instant of the end, where nothing is chosen. */
  readonly action: number | null;
  readonly actor: WireActor;
  /** Of the environment, at the observation: what a branch begins with. Its `cause` is set on the instant of the end. */
  readonly state: EnvironmentState;
  /** Of `state`, 16 hexadecimal digits. */
  readonly stateHash: string;
  readonly reward: number;
  readonly return: number;
  readonly end: End | null;
}

/** The environment that a policy was trained in. @throws InputError when it is not one that has a scene to show */
export function environmentFor(policy: Policy): CoinRunEnvironment {
  const { name, config } = environmentOf(policy);
  if (name !== 'coinrun') throw new InputError(`policy: expected one that plays coinrun, got one that plays ${name}`);
  const environment = createCoinRun(config);
  const actions = environment.actionSpace.names.join(', ');
  if (policy.actions.join(', ') !== actions) {
    throw new InputError(`policy: expected the actions ${actions}, got ${policy.actions.join(', ')}`);
  }
  return environment;
}

export class Player {
  private readonly stream: RandomStream;
  private observation: Uint8Array;
  private end: End | null = null;
  private ended = false;

  /**
   * Begins the episode, at the start of its level or at a state of a running episode. The environment is the player's
   * until its episode is over.
   */
  constructor(
    readonly environment: CoinRunEnvironment,
    private readonly acting: ActingPolicy,
    readonly levelSeed: number,
    seed: number,
    /** Number that the scenes of this episode carry. */
    private readonly layout = 0,
    from?: EnvironmentState,
    /** Counts how often this same episode was begun before: each time it takes another course. */
    attempt = 0,
  ) {
    const again = attempt === 0 ? '' : `, again ${attempt}`;
    const where = from === undefined ? '' : `, from step ${from.step}${again}`;
    this.stream = createStream(seed, `actions in level ${levelSeed}${where}`);
    this.observation = environment.reset({ options: from === undefined ? { levelSeed } : { state: from } }).observation;
  }

  /** Has the instant of the end been played? */
  get over(): boolean {
    return this.ended;
  }

  /**
   * Plays the next instant: the last one is that of the end.
   * @param chosen what a person chooses in the policy's place, asked once the policy has said what it thinks
   */
  async next(chosen: () => number | null = () => null): Promise<Instant> {
    if (this.ended) throw new InputError('Player.next: expected an episode that runs, got one that is over');
    const { environment, observation, levelSeed, layout } = this;
    const { logits, value } = await this.acting.act(observation);
    const probabilities = probabilitiesOf(logits);
    const before = {
      levelSeed,
      episodeStep: environment.info().step,
      observation,
      scene: encodeMoving(environment.scene, layout),
      logits,
      probabilities: Float32Array.from(probabilities),
      value,
      actor: 'policy' as const,
      state: environment.getState(),
      stateHash: environment.stateHash(),
    };
    if (this.end !== null) {
      this.ended = true;
      return { ...before, action: null, reward: 0, return: environment.info().episodeReturn, end: this.end };
    }
    // Drawn in any case, so that who takes over changes no later choice of the policy.
    const sampled = sampleIndex(probabilities, this.stream);
    const human = chosen();
    const action = human ?? sampled;
    const result = environment.step(action);
    this.observation = result.observation;
    if (result.terminated || result.truncated) {
      this.end = { kind: result.terminated ? 'terminated' : 'truncated', cause: result.info.cause ?? 'unknown' };
    }
    const actor = human === null ? ('policy' as const) : ('human' as const);
    return { ...before, action, actor, reward: result.reward, return: result.info.episodeReturn, end: this.end };
  }
}
