/**
 * The last instants of a session, by global step: what can be scrubbed back to. They are kept whole (16 kB each),
 * so that an instant shown again is the one that was shown.
 */
import type { HistoryMessage, Layout } from '@saccade/protocol';
import type { CompanionInstant } from './companions.ts';
import type { Instant } from './player.ts';
import type { StepBefore } from './residual.ts';

export interface HeldInstant extends Instant {
  /** Global: counts instants of the session from 0. */
  readonly step: number;
  readonly episode: number;
  readonly policy: string;
  /** Hash of the policy's bytes. */
  readonly policyHash: string;
  /** The step that led here, where that is of the same episode. */
  readonly before?: StepBefore;
  /** The global step that this episode branched from. */
  readonly branchedFrom: number | null;
  /** The episode was over before: its agent waits here for its companions. */
  readonly waiting: boolean;
  readonly companions: readonly CompanionInstant[];
}

export class History {
  private readonly held: (HeldInstant | undefined)[];
  private readonly layouts = new Map<number, Layout>();
  private count = 0;

  constructor(readonly capacity: number) {
    this.held = new Array<HeldInstant | undefined>(capacity);
  }

  /** Global step of the oldest instant held, and of the newest; -1 where there is none yet. */
  get oldest(): number {
    return this.count === 0 ? -1 : Math.max(0, this.count - this.capacity);
  }

  get newest(): number {
    return this.count - 1;
  }

  addLayout(layout: Layout): void {
    this.layouts.set(layout.layout, layout);
  }

  layout(number: number): Layout | undefined {
    return this.layouts.get(number);
  }

  /** Appends; the instant's step is the next global one. */
  add(instant: Omit<HeldInstant, 'step'>): HeldInstant {
    const added = { ...instant, step: this.count };
    this.held[this.count % this.capacity] = added;
    this.count++;
    this.forgetLayouts();
    return added;
  }

  private forgetLayouts(): void {
    const first = this.at(this.oldest)?.scene.layout ?? 0;
    for (const number of this.layouts.keys()) {
      if (number >= first) return;
      this.layouts.delete(number);
    }
  }

  /** Undefined where the instant is no longer held, or not yet there. */
  at(step: number): HeldInstant | undefined {
    return step >= this.oldest && step <= this.newest ? this.held[step % this.capacity] : undefined;
  }

  last(): HeldInstant | undefined {
    return this.at(this.newest);
  }

  /** Numbers of the instants from <= step < to that are held. Rows of another number of actions end it. */
  rows(from: number, to: number): Omit<HistoryMessage, 'type' | 'session' | 'reply'> {
    const first = Math.max(from, this.oldest, 0);
    const instants: HeldInstant[] = [];
    for (let step = first; step < to; step++) {
      const instant = this.at(step);
      if (!instant || instant.logits.length !== (instants[0] ?? instant).logits.length) break;
      instants.push(instant);
    }
    const actions = instants[0]?.logits.length ?? 0;
    const probabilities = new Float32Array(instants.length * actions);
    instants.forEach((instant, row) => probabilities.set(instant.probabilities, row * actions));
    return {
      from: first,
      episodes: Int32Array.from(instants, ({ episode }) => episode),
      actions: Int32Array.from(instants, ({ action }) => action ?? -1),
      rewards: Float32Array.from(instants, ({ reward }) => reward),
      values: Float32Array.from(instants, ({ value }) => value),
      probabilities,
      ends: instants.flatMap(({ step, action, end }) => (end && action !== null ? [{ step, end }] : [])),
    };
  }
}
