/**
 * The agents that play beside a session's own, instant by instant: other policies, other seeds. All begin where the
 * session's agent begins; whoever is done waits at the end of its episode, and the session waits for all of them.
 */
import type { EnvironmentState } from '@saccade/envs';
import type { StateMessage } from '@saccade/protocol';
import type { ActingPolicy } from './frames.ts';
import type { OfferedPolicy } from './catalogue.ts';
import { environmentFor, Player } from './player.ts';
import type { Instant } from './player.ts';
import { stepBefore } from './residual.ts';
import type { StepBefore } from './residual.ts';

/** Who is to play beside. */
export interface CompanionSpec {
  readonly policy: OfferedPolicy;
  /** Of the stream that its actions are sampled from. */
  readonly seed: number;
  /** Its level's seed less the session's, modulo 2^32; null: the session's level. */
  readonly levelOffset: number | null;
}

export interface CompanionInstant extends Instant {
  readonly policy: string;
  /** Hash of the policy's bytes. */
  readonly policyHash: string;
  readonly seed: number;
  /** Its episode was over before: it waits for the others. */
  readonly waiting: boolean;
  /** The step that led here. */
  readonly before?: StepBefore;
}

/** Where all begin. */
export interface CommonStart {
  /** Of the session. */
  readonly policy: OfferedPolicy;
  readonly levelSeed: number;
  /** Of the session's environment at the start. */
  readonly state: EnvironmentState;
  /** The episode begins in the middle of another. */
  readonly branched: boolean;
}

export class Companion {
  private player: Player;
  private last: CompanionInstant | null = null;

  constructor(
    readonly spec: CompanionSpec,
    start: CommonStart,
    acting: ActingPolicy,
  ) {
    const { policy, seed, levelOffset } = spec;
    const level = levelOffset === null ? start.levelSeed : (start.levelSeed + levelOffset) >>> 0;
    // The same seed is another level under another config: then the level itself is handed over, not its seed.
    const here = levelOffset === null && (start.branched || policy.world !== start.policy.world);
    // Without the stream of levels, which belongs to the other environment.
    const from = here ? { ...start.state, levels: undefined } : undefined;
    this.player = new Player(environmentFor(policy.policy), acting, level, seed, 0, from);
  }

  get over(): boolean {
    return this.player.over;
  }

  get levelSeed(): number {
    return this.player.levelSeed;
  }

  async next(): Promise<CompanionInstant> {
    const { player, last, spec } = this;
    if (player.over && last) return last.waiting ? last : (this.last = { ...last, reward: 0, waiting: true });
    const { policy, seed } = spec;
    const instant = await player.next();
    const before = last ? stepBefore(last) : undefined;
    this.last = { ...instant, policy: policy.name, policyHash: policy.hash, seed, before, waiting: false };
    return this.last;
  }
}

/** As the state message tells of them. */
export function describeCompanions(companions: readonly Companion[]): StateMessage['companions'] {
  return companions.map(({ spec: { policy, seed, levelOffset }, levelSeed }) => ({
    policy: policy.name,
    seed,
    levelSeed,
    ownLevel: levelOffset !== null,
  }));
}
