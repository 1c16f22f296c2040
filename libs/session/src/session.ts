/**
 * A session: one agent that plays episode after episode, and the viewers who watch it. The agent keeps its own pace
 * and never waits for a viewer or a map; everything that changes its course goes through one queue.
 */
import { InputError, internalError } from '@saccade/core';
import { environmentOf } from '@saccade/agent';
import { levelFromText, stateOfLevel } from '@saccade/envs';
import type { EnvironmentState } from '@saccade/envs';
import type { FactorTurn, Layout, RecordingInfo, StateMessage, WireEdit } from '@saccade/protocol';
import { encodeLayout } from '@saccade/protocol';
import type { ActingPolicy } from './frames.ts';
import type { SessionHost } from './host.ts';
import { Companion, describeCompanions } from './companions.ts';
import type { CompanionSpec } from './companions.ts';
import { Control } from './control.ts';
import { History } from './history.ts';
import type { HeldInstant } from './history.ts';
import { defaultSpeed, largestSeed } from './limits.ts';
import { environmentFor, Player } from './player.ts';
import type { Instant } from './player.ts';
import type { OfferedPolicy } from './catalogue.ts';
import { editedState } from './editedState.ts';
import { stepBefore } from './residual.ts';
import { EpisodeTape } from './tape.ts';

export interface SessionStart {
  readonly id: string;
  readonly policy: OfferedPolicy;
  readonly levelSeed: number;
  /** Of the stream that actions are sampled from. */
  readonly seed: number;
  readonly playing: boolean;
  /** What it shows in an agent's place, until somebody branches from it. */
  readonly recording?: OpenRecording;
}

/** A recording, replayed: `policy` of the session is the one that it holds the thoughts of, where that is `known`. */
export interface OpenRecording {
  /** One a step, and one for where the last step led. */
  readonly instants: readonly Instant[];
  readonly layouts: readonly Layout[];
  /** The first step that did not go as recorded. */
  readonly mismatch: { readonly step: number; readonly message: string } | null;
  readonly info: RecordingInfo;
  readonly known: boolean;
}

/** Where an episode begins that does not begin at the start of its level. */
interface Origin {
  readonly state: EnvironmentState;
  /** Global step of the instant that it branched from; null at the start of a level that was drawn. */
  readonly step: number | null;
  /** What `state` was before its edits. */
  readonly before: EnvironmentState;
  readonly edits: readonly WireEdit[];
  /** Of the stream that actions are sampled from, unless it is the session's. */
  readonly seed?: number;
}

/** The action that does nothing; the first one where none does. */
function restOf({ policy }: OfferedPolicy): number {
  return Math.max(0, policy.actions.indexOf('noop'));
}

/** What a session tells its viewers; see viewer.ts. */
export interface SessionListener {
  /** A new instant is there. */
  played(): void;
  /** State that all viewers share has changed. */
  changed(): void;
  /** A recording of this session is complete. */
  recorded(info: RecordingInfo): void;
  /** The agent had to stop. */
  failed(error: unknown): void;
}

export class Session {
  readonly id: string;
  readonly seed: number;
  readonly history: History;
  readonly listeners = new Set<SessionListener>();
  readonly control = new Control(() => this.changed());
  /** Factors that the agent plays with turned down. */
  turns: readonly FactorTurn[] = [];
  /** Names the policy with them turned down. */
  private turnedHash: string | null = null;
  policy: OfferedPolicy;
  levelSeed: number;
  playing: boolean;
  stepsPerSecond = defaultSpeed;
  private player: Player;
  private companions: readonly Companion[] = [];
  private episode = 0;
  private layouts = 0;
  private origin: Origin | undefined;
  /** The start of a level that was drawn, played until another level is chosen. */
  private drawn: EnvironmentState | null = null;
  private attempts = 0;
  private tape: EpisodeTape | null = null;
  private recording: OpenRecording | null = null;
  private queue: Promise<void> = Promise.resolve();
  private callOff: () => void = () => undefined;
  private due = 0;
  private disposed = false;

  constructor(
    { id, policy, levelSeed, seed, playing, recording }: SessionStart,
    readonly host: SessionHost,
  ) {
    this.id = id;
    this.policy = policy;
    this.levelSeed = levelSeed;
    this.seed = seed;
    this.playing = playing && !recording;
    this.history = new History(Math.max(host.limits.history, recording?.instants.length ?? 0));
    if (recording) this.show(recording);
    this.player = this.begin(levelSeed);
    if (recording) {
      this.recording = recording;
      return;
    }
    // There is something to see at once, also when nobody presses play.
    void this.enqueue(() => this.advance());
    this.pace();
  }

  /** As `viewer` is to see it. */
  state(viewer: object): Omit<StateMessage, 'viewers' | 'reply'> {
    const { id, playing, stepsPerSecond, policy, levelSeed, seed, history, control, origin, companions } = this;
    const { oldest, newest } = history;
    const { recording } = this;
    const since = this.tape?.since ?? null;
    return {
      type: 'state',
      session: id,
      playing,
      stepsPerSecond,
      policy: policy.name,
      levelSeed,
      seed,
      actor: control.taken ? 'human' : 'policy',
      yours: control.holds(viewer),
      branchedFrom: origin?.step ?? null,
      companions: describeCompanions(companions),
      turns: [...this.turns],
      drawn: this.drawn !== null,
      recorder: since === null ? null : { since },
      recording: recording && { info: recording.info, known: recording.known, mismatch: recording.mismatch },
      oldest,
      newest,
    };
  }

  play(): void {
    this.expectAgent('play');
    this.setPlaying(true);
  }

  pause(): void {
    this.setPlaying(false);
  }

  /** Pauses, then plays `count` instants. */
  async step(count: number): Promise<void> {
    this.expectAgent('step');
    this.setPlaying(false);
    for (let i = 0; i < count && this.listeners.size > 0 && !this.playing; i++)
      await this.enqueue(() => this.advance());
  }

  setSpeed(stepsPerSecond: number): void {
    this.stepsPerSecond = stepsPerSecond;
    this.changed();
    this.pace();
  }

  /** Begins an episode of the present level with another policy. */
  setPolicy(policy: OfferedPolicy): Promise<void> {
    return this.restart(this.levelSeed, policy, this.drawnOrigin());
  }

  setLevel(levelSeed: number): Promise<void> {
    this.drawn = null;
    return this.restart(levelSeed, this.policy);
  }

  /**
   * Begins an episode in a level of one's own, and again after each end.
   * @param text as docs/environments.md describes it
   * @throws InputError that names the line and column; then nothing has happened
   */
  setLevelText(text: string): Promise<void> {
    const { policy, levelSeed } = this;
    const level = levelFromText(text);
    this.drawn = stateOfLevel(level, environmentFor(policy.policy).config, levelSeed);
    this.attempts = 0;
    return this.restart(levelSeed, policy, this.drawnOrigin());
  }

  nextLevel(): Promise<void> {
    this.drawn = null;
    return this.restart(this.following(), this.policy);
  }

  /** The viewer chooses from now on, unless another one does. */
  takeOver(viewer: object): void {
    this.control.take(viewer, restOf(this.policy));
  }

  /**
   * Begins an episode at an instant that is held: the same world, changed by `edits`, and another future.
   * @param seed of another stream of action noise; the session's own unless given
   * @throws InputError when the instant's episode is over, or an edit makes no sense there; then nothing has happened
   */
  branch(instant: HeldInstant, edits: readonly WireEdit[], seed?: number): Promise<void> {
    const { state, levelSeed, step } = instant;
    if (state.cause >= 0) throw new InputError(`step: expected an instant before its episode's end, got ${step}`);
    return this.restart(levelSeed, this.policy, { state: editedState(state, edits), step, before: state, edits, seed });
  }

  /** The agent plays on with these factors turned down. @param hash names the policy so changed */
  turnFactors(turns: readonly FactorTurn[], hash: string): void {
    this.turns = turns.filter(({ strength }) => strength > 0);
    this.turnedHash = hash;
    this.changed();
  }

  /** Names the policy that acts, as the engine knows it. */
  get actingHash(): string {
    return this.turnedHash ?? this.policy.hash;
  }

  /**
   * Records the present episode until `stopRecording`, its end, or a course that somebody else chooses.
   * @param from this instant on, or from the episode's beginning
   * @throws InputError when there is nothing to record, or a recording runs
   */
  record(from: 'now' | 'episode'): void {
    if (!this.host.keep) throw new InputError('record: expected a server, which keeps recordings; here is none');
    if (!this.tape || this.recording) throw new InputError('record: expected an agent that plays, got a recording');
    this.tape.start(from);
    // Nothing will be added to an episode that is over.
    if (this.player.over) void this.finishTape();
    else this.changed();
  }

  /** @throws InputError when nothing is being recorded, or it cannot be written */
  async stopRecording(): Promise<void> {
    const recording = this.tape?.stop();
    if (recording === undefined) throw new InputError('stopRecording: expected a recording to run');
    this.changed();
    if (recording === null) throw new InputError('record: expected at least one step before the end, got none');
    const info = await this.host.keep?.(recording);
    if (!info) throw internalError('a recording without a place for it');
    for (const listener of this.listeners) listener.recorded(info);
  }

  private async finishTape(): Promise<void> {
    if ((this.tape?.since ?? null) === null) return;
    try {
      await this.stopRecording();
    } catch (error) {
      for (const listener of this.listeners) listener.failed(error);
    }
  }

  private expectAgent(what: string): void {
    if (this.recording) {
      throw new InputError(`${what}: expected an agent, but this session shows a recording: branch from a step of it`);
    }
  }

  /** Fills the history with what was recorded. */
  private show({ instants, layouts }: OpenRecording): void {
    const { policy, history } = this;
    for (const layout of layouts) history.addLayout(layout);
    this.layouts = layouts.length;
    const shared = { episode: 0, branchedFrom: null, policy: policy.name, policyHash: policy.hash };
    instants.forEach((instant, i) => {
      const before = i > 0 ? stepBefore(instants[i - 1]) : undefined;
      history.add({ ...instant, ...shared, before, waiting: false, companions: [] });
    });
  }

  private drawnOrigin(): Origin | undefined {
    const { drawn } = this;
    return drawn === null ? undefined : { state: drawn, step: null, before: drawn, edits: [] };
  }

  dispose(): void {
    this.disposed = true;
    this.callOff();
    this.listeners.clear();
  }

  private following(): number {
    return this.levelSeed === largestSeed ? 0 : this.levelSeed + 1;
  }

  /**
   * Replaces the agents that play beside this one. The episode begins again with them, and goes on to where it stood.
   * @param step global, of the instant to come back to, where it is of this episode; left out: the newest, once all
   * that was asked for before has been played
   */
  setCompanions(specs: readonly CompanionSpec[], step?: number): Promise<void> {
    return this.enqueue(async () => {
      const shown = this.history.at(step ?? this.history.newest);
      // Also of an episode that was begun again since: who adds several at once still sees the first one's step.
      const same = shown?.levelSeed === this.levelSeed && shown.branchedFrom === (this.origin?.step ?? null);
      const elapsed = same ? shown.episodeStep - (this.origin?.state.step ?? 0) : 0;
      this.episode++;
      this.player = this.begin(this.levelSeed, this.origin, specs);
      // Before the frames that show them: who adds another at once builds on these.
      this.changed();
      for (let i = 0; i <= elapsed && !this.over; i++) await this.advance();
      this.changed();
    });
  }

  private restart(levelSeed: number, policy: OfferedPolicy, origin?: Origin): Promise<void> {
    // At once: whoever branches from a recording may say play in the same breath.
    this.recording = null;
    return this.enqueue(async () => {
      if (policy !== this.policy) {
        this.control.rest(restOf(policy));
        // Factors are a policy's own.
        this.turns = [];
        this.turnedHash = null;
      }
      this.policy = policy;
      if (this.history.newest >= 0) this.episode++;
      this.player = this.begin(levelSeed, origin);
      await this.advance();
      this.changed();
    });
  }

  private begin(
    levelSeed: number,
    origin?: Origin,
    companions: readonly CompanionSpec[] = this.companions.map(({ spec }) => spec),
  ): Player {
    const { policy } = this;
    const layout = this.layouts++;
    this.levelSeed = levelSeed;
    this.origin = origin;
    const player = new Player(
      environmentFor(policy.policy),
      // Asked anew each time: factors may be turned down in the midst of an episode.
      { act: (observation) => this.host.act(this.actingHash, observation) },
      levelSeed,
      origin?.seed ?? this.seed,
      layout,
      origin?.state,
      this.drawn !== null && origin?.step === null ? this.attempts++ : 0,
    );
    void this.finishTape();
    this.recording = null;
    this.tape = this.newTape(origin);
    this.history.addLayout(encodeLayout(player.environment.scene, layout, levelSeed));
    const state = player.environment.getState();
    const start = { policy, levelSeed, state, branched: origin !== undefined };
    this.companions = companions.map((spec) => new Companion(spec, start, this.actingOf(spec.policy)));
    return player;
  }

  private newTape(origin: Origin | undefined): EpisodeTape {
    const { policy, levelSeed, seed, id } = this;
    const { name, config } = environmentOf(policy.policy);
    return new EpisodeTape({
      saccade: this.host.version,
      environment: { name, config: { ...config } },
      levelSeed,
      seed,
      actions: policy.policy.actions,
      policy: { name: policy.name, hash: policy.hash },
      startHash() {
        const environment = environmentFor(policy.policy);
        environment.reset({ options: { levelSeed } });
        return environment.stateHash();
      },
      origin: origin
        ? {
            state: origin.before,
            edits: origin.edits,
            branch: origin.step === null ? null : { recording: id, step: origin.step },
          }
        : null,
    });
  }

  private actingOf({ hash }: OfferedPolicy): ActingPolicy {
    return { act: (observation) => this.host.act(hash, observation) };
  }

  /** Are all agents done with this level? */
  private get over(): boolean {
    return this.player.over && this.companions.every((companion) => companion.over);
  }

  /** Plays one instant; after those of the ends of all agents, the first one of the next level. */
  private async advance(): Promise<void> {
    if (this.disposed) return;
    if (this.over) {
      this.episode++;
      this.player = this.drawn === null ? this.begin(this.following()) : this.begin(this.levelSeed, this.drawnOrigin());
      this.changed();
    }
    const { policy, episode, origin, player } = this;
    const last = this.history.last();
    const policyHash = this.actingHash;
    const { turns } = this;
    const waits = player.over && last !== undefined;
    const instant = waits ? { ...last, reward: 0 } : await player.next(() => this.control.choice());
    const companions = [];
    for (const companion of this.companions) companions.push(await companion.next());
    const held = this.history.add({
      ...instant,
      episode,
      branchedFrom: origin?.step ?? null,
      policy: policy.name,
      policyHash,
      // Who waits shows the end again, and what led to it.
      before: waits ? last.before : last?.episode === episode ? stepBefore(last) : undefined,
      waiting: waits,
      companions,
    });
    if (!waits) this.tape?.add(held, turns);
    if (this.tape?.full || (!waits && held.action === null)) void this.finishTape();
    for (const listener of this.listeners) listener.played();
  }

  /** One thing after another: whatever moves the agent. A failure pauses it and is told to the viewers. */
  private enqueue(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(async () => {
      if (this.disposed) return;
      try {
        await work();
      } catch (error) {
        this.setPlaying(false);
        for (const listener of this.listeners) listener.failed(error);
      }
    });
    return this.queue;
  }

  private setPlaying(playing: boolean): void {
    if (this.playing === playing) return;
    this.playing = playing;
    this.changed();
    this.pace();
  }

  private changed(): void {
    for (const listener of this.listeners) listener.changed();
  }

  /** Called by whoever adds the first listener: an agent that nobody watches rests. */
  wake(): void {
    this.pace();
  }

  /** Plays on at the session's speed. An engine that is too slow for it delays the agent, it does not pile up work. */
  private pace(): void {
    this.callOff();
    if (!this.playing || this.disposed || this.listeners.size === 0) return;
    const period = 1000 / this.stepsPerSecond;
    const { clock } = this.host;
    const now = clock.now();
    this.due = Math.min(Math.max(this.due, now), now + period);
    this.callOff = clock.after(this.due - now, () => {
      this.due = Math.max(this.due + period, clock.now());
      void this.enqueue(async () => {
        if (this.playing) await this.advance();
      }).then(() => this.pace());
    });
  }

  newest(): HeldInstant | undefined {
    return this.history.last();
  }
}
