/**
 * The page's one clock and one truth: which instant is shown, whether it is live, what is asked of the server. Panels
 * read it and call its verbs; nothing else talks to the connection. Play, pause, speed, policy and level belong to the
 * session that all its viewers share; where this page looks (live or held at an instant) and its lenses are its own.
 */
import type {
  ClientMessageInput,
  ErrorMessage,
  FrameMessage,
  HelloMessage,
  Layout,
  ServerMessage,
  StateMessage,
} from '@saccade/protocol';
import { protocolVersion } from '@saccade/protocol';
import { actionTitle } from '../format.ts';
import { advantagesOf, noAdvantages } from './advantages.ts';
import type { Address } from './address.ts';
import { readAddress, writeAddress } from './address.ts';
import { FrameCache } from './frameCache.ts';
import { Lenses } from './lenses.svelte.ts';
import { Look } from './look.svelte.ts';
import { momentsOf } from './moments.ts';
import type { Moment } from './moments.ts';
import { Notices } from './notices.svelte.ts';
import { createSeekPacer } from './seekPacer.ts';
import { openLink } from './socket.ts';
import type { Link, LinkStatus } from './socket.ts';
import { Timeline } from './timeline.ts';
import type { Row } from './timeline.ts';

/** What is on the screen: an instant with the layout that it plays in. */
export interface Shown {
  readonly frame: FrameMessage;
  readonly layout: Layout;
}

/** Steps a second offered as speeds; the server's limits cut the list. */
const SPEEDS = [1, 2, 4, 8, 12, 15, 24, 30, 60] as const;
const HISTORY_MS = 400;
const HISTORY_WAIT_MS = 5000;
/** How many instants the page expects to hold before the server says. */
const HISTORY = 1000;

export class Player {
  link = $state<LinkStatus>('connecting');
  linkReason = $state('');
  hello = $state.raw<HelloMessage | null>(null);
  session = $state.raw<StateMessage | null>(null);
  shown = $state.raw<Shown | null>(null);
  /** The instant at which this page holds, or null while it follows live. */
  held = $state<number | null>(null);
  /** Direction in which the page itself walks through what is held; 0 stands still. */
  replay = $state<-1 | 0 | 1>(0);
  oldest = $state(0);
  newest = $state(-1);
  /** Counts changes of the timeline's rows, so that charts know when to draw. */
  rows = $state(0);
  timeline = new Timeline(HISTORY);
  /** By global step, as last assessed. */
  advantages = $state.raw(noAdvantages);
  moments = $state.raw<readonly Moment[]>([]);

  readonly notices = new Notices();
  readonly look = new Look();
  readonly policy = $derived(this.hello?.policies.find(({ name }) => name === this.session?.policy) ?? null);
  readonly lenses = new Lenses(
    () => ({ frame: this.shown?.frame ?? null, hello: this.hello, policy: this.policy }),
    this.look,
  );
  readonly playing = $derived(this.held === null ? (this.session?.playing ?? false) : this.replay !== 0);
  /** The global step on the screen; -1 before the first. */
  readonly step = $derived(this.held ?? this.shown?.frame.step ?? -1);
  readonly speeds = $derived.by(() => {
    const limits = this.hello?.limits;
    return SPEEDS.filter((speed) => !limits || (speed >= limits.slowest && speed <= limits.fastest));
  });
  /** The address of what is on the screen. */
  readonly address = $derived.by((): Address => {
    const { session, shown, lenses, look } = this;
    const still = shown !== null && (this.held !== null || session?.playing === false);
    return {
      session: session?.session,
      policy: session?.policy,
      level: shown?.frame.levelSeed ?? session?.levelSeed,
      seed: session?.seed,
      step: still ? this.step : undefined,
      at: still ? shown.frame.scene.step : undefined,
      ...lenses.write(),
      ...look.write(lenses.method?.signed ?? true),
    };
  });
  readonly query = $derived(writeAddress(this.address));

  private socket: Link | null = null;
  private readonly cache = new FrameCache();
  private readonly pacer = createSeekPacer(
    (step) => this.send({ type: 'seek', step }),
    () => performance.now(),
  );
  /** What the address asked for and has not got yet. */
  private wanted: Address = {};
  private ackDue: number | null = null;
  /** Signature of the overlays that the server was last asked for. */
  private requested: string | null = null;
  private messageId = 0;
  private joinId = -1;
  /** The session that is being joined is a new one. */
  private fresh = true;
  private historyPending = false;
  private historyTimer: ReturnType<typeof setInterval> | undefined;
  private replayTimer: ReturnType<typeof setTimeout> | undefined;

  /** Opens the connection. @param query of the page's address */
  start(query: string): void {
    const { address, problems } = readAddress(query);
    this.wanted = address;
    this.look.read(address);
    for (const problem of problems) this.notices.error(problem);
    this.socket = openLink({
      status: (status, reason) => {
        this.link = status;
        this.linkReason = reason;
        if (status === 'open') this.join();
        else this.historyPending = false;
      },
      message: (message) => this.receive(message),
      unreadable: (reason) => this.notices.error(`The server sent something that this page cannot read: ${reason}`),
    });
    this.historyTimer = setInterval(() => this.askHistory(), HISTORY_MS);
  }

  stop(): void {
    this.socket?.close();
    this.pacer.forget();
    clearInterval(this.historyTimer);
    clearTimeout(this.replayTimer);
  }

  // What people do ------------------------------------------------------------------------------------------------

  togglePlay(): void {
    if (this.held !== null) this.setReplay(this.replay === 0 ? 1 : 0);
    else this.send({ type: this.session?.playing ? 'pause' : 'play' });
  }

  /** Walks by `count` instants, backwards when negative. Past the newest, the agent makes the step. */
  walk(count: number): void {
    this.setReplay(0);
    const target = this.step + count;
    if (target <= this.newest) {
      this.seek(target);
      return;
    }
    this.goLive();
    this.send({ type: 'step', count: target - this.newest });
  }

  /** Holds at the instant with this global step, or the nearest one that is held. */
  seek(step: number): void {
    if (this.newest < 0) return;
    const target = Math.min(Math.max(Math.round(step), this.oldest), this.newest);
    this.held = target;
    const cached = this.cache.get(target);
    if (cached) this.show(cached);
    this.pacer.want(target);
  }

  goLive(): void {
    if (this.held === null) return;
    this.setReplay(0);
    this.held = null;
    this.pacer.forget();
    this.send({ type: 'follow' });
  }

  setReplay(direction: -1 | 0 | 1): void {
    clearTimeout(this.replayTimer);
    if (direction > 0 && this.held === null) {
      this.send({ type: 'play' });
      return;
    }
    if (direction < 0 && this.held === null) this.seek(this.newest);
    this.replay = direction;
    if (direction !== 0) this.replayNext();
  }

  setSpeed(stepsPerSecond: number): void {
    this.send({ type: 'setSpeed', stepsPerSecond });
  }

  changeSpeed(direction: -1 | 1): void {
    const now = this.session?.stepsPerSecond ?? 0;
    const next =
      direction > 0 ? this.speeds.find((speed) => speed > now) : this.speeds.findLast((speed) => speed < now);
    if (next !== undefined) this.setSpeed(next);
  }

  setPolicy(policy: string): void {
    this.goLive();
    this.send({ type: 'setPolicy', policy });
  }

  setLevel(levelSeed: number): void {
    this.goLive();
    this.send({ type: 'setLevel', levelSeed });
  }

  nextLevel(): void {
    this.goLive();
    this.send({ type: 'nextLevel' });
  }

  /** Takes the controls of the session, or gives them back to its policy. */
  toggleSteering(): void {
    if (this.session?.yours) {
      this.send({ type: 'handBack' });
      return;
    }
    this.goLive();
    this.send({ type: 'takeOver' });
  }

  /** What whoever took over wants from now on. */
  act(action: number): void {
    this.send({ type: 'act', action });
  }

  /** Changes lenses, and asks the server for what they need then. */
  changeLenses(change: (lenses: Lenses) => readonly string[] | void): void {
    for (const problem of change(this.lenses) ?? []) this.notices.error(problem);
    this.askOverlays();
  }

  /** Says how the steps of the timeline turned out; whoever draws it calls this first, at a pace of its own. */
  assess(rows: readonly Row[]): void {
    this.advantages = advantagesOf(rows);
    const actions = this.policy?.actions ?? [];
    this.moments = momentsOf(rows, this.advantages, (action) => actionTitle(actions[action] ?? ''));
  }

  /** To the nearest notable moment before or after the shown step. */
  seekMoment(direction: -1 | 1): void {
    const { step } = this;
    const next =
      direction > 0
        ? this.moments.find((moment) => moment.step > step)
        : this.moments.findLast((moment) => moment.step < step);
    if (next) this.seek(next.step);
  }

  /** The stage has drawn what is shown: the server may send the next frame. */
  drawn(): void {
    if (this.ackDue === null) return;
    const frame = this.ackDue;
    this.ackDue = null;
    this.send({ type: 'ack', frame });
  }

  // What the server says ------------------------------------------------------------------------------------------

  private receive(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        this.greet(message);
        return;
      case 'state':
        this.enter(message);
        return;
      case 'layout':
        this.cache.addLayout(message.session, message.layout);
        return;
      case 'frame':
        this.arrive(message);
        return;
      case 'history':
        this.historyPending = false;
        if (message.session !== this.session?.session) return;
        this.learnNewest(message.from + message.values.length - 1);
        this.timeline.addHistory(message);
        this.rows++;
        return;
      case 'error':
        this.refuse(message);
        return;
      default:
        message satisfies never;
    }
  }

  private greet(hello: HelloMessage): void {
    if (hello.protocol !== protocolVersion) {
      const older = hello.protocol < protocolVersion ? 'older' : 'newer';
      this.notices.error(
        `The server is ${older} than this page (protocol ${hello.protocol}, here ${protocolVersion}): reload the page.`,
      );
    }
    this.hello = hello;
    if (this.timeline.capacity !== hello.limits.history) this.timeline = new Timeline(hello.limits.history);
  }

  private enter(state: StateMessage): void {
    const before = this.session;
    this.session = state;
    const another = before?.session !== state.session;
    if (another) {
      this.timeline = new Timeline(this.hello?.limits.history ?? HISTORY);
      this.held = null;
      this.replay = 0;
    }
    this.setRange(state.oldest, state.newest);
    const joined = state.reply === this.joinId;
    // A new policy may lack the layer or target that was chosen: the nearest choice, said aloud.
    if (joined || another || before.policy !== state.policy) {
      for (const problem of this.lenses.adopt(this.wanted)) this.notices.error(problem);
    }
    if (joined) this.resume();
    else this.askOverlays();
  }

  /** After joining, fresh or again: back to where this page was, or where its address says. */
  private resume(): void {
    const { at } = this.wanted;
    const step = this.held ?? this.wanted.step;
    this.wanted = {};
    this.requested = null;
    this.ackDue = null;
    this.pacer.forget();
    this.askOverlays();
    if (this.fresh) {
      // Level and seed decide an episode: playing to the same step finds the same instant.
      if (at) this.send({ type: 'step', count: at });
    } else if (step !== undefined && (step !== this.newest || this.session?.playing)) {
      if (step < this.oldest || step > this.newest) {
        this.notices.tell(`Step ${step} is not held (${this.oldest} to ${this.newest} are): this is the nearest.`);
      }
      this.seek(step);
    }
    this.askHistory();
  }

  private arrive(frame: FrameMessage): void {
    if (frame.session !== this.session?.session) return;
    this.ackDue = frame.frame;
    this.cache.add(frame);
    this.setRange(frame.oldest, frame.newest);
    this.timeline.addFrame(frame);
    this.rows++;
    const wanted = this.held === null ? frame.live : frame.step === this.held;
    if (wanted) this.show(frame);
    // What is not shown is never drawn, so nothing else would ask for the next.
    else this.drawn();
    if (!frame.live) this.pacer.settled();
  }

  private show(frame: FrameMessage): void {
    const layout = this.cache.layout(frame.scene.layout);
    if (layout) this.shown = { frame, layout };
    else this.notices.error(`The server sent a frame of layout ${frame.scene.layout} before the layout itself.`);
  }

  private refuse({ code, reply, message }: ErrorMessage): void {
    this.historyPending = false;
    const joining = reply === this.joinId;
    if (code === 'unknown-session' && joining) {
      this.notices.tell('The server no longer has this session: a new one began at the same place.');
      this.wanted = { ...this.address, ...this.wanted, session: undefined, step: undefined };
      this.session = null;
      this.join();
      return;
    }
    if (code === 'not-held') {
      // The instant fell off while the question travelled.
      if (this.held !== null) this.seek(Math.max(this.held, this.oldest));
      this.pacer.settled();
      return;
    }
    this.notices.error(message);
    this.pacer.settled();
    if (code === 'unknown-policy' && joining) {
      this.wanted = { ...this.wanted, policy: undefined };
      this.join();
    }
  }

  // Requests ------------------------------------------------------------------------------------------------------

  private join(): void {
    const session = this.session?.session ?? this.wanted.session;
    const { policy, level, seed, at } = this.wanted;
    this.fresh = session === undefined;
    this.send({
      type: 'join',
      protocol: protocolVersion,
      session,
      policy,
      levelSeed: level,
      seed,
      playing: at === undefined,
    });
    this.joinId = this.messageId;
  }

  private send(message: ClientMessageInput): void {
    this.socket?.send({ ...message, id: ++this.messageId });
  }

  private askOverlays(): void {
    const { signature } = this.lenses;
    if (signature === this.requested) return;
    this.requested = signature;
    this.send({ type: 'setOverlays', overlays: this.lenses.requests() });
  }

  private askHistory(): void {
    if (this.historyPending || this.link !== 'open' || !this.session) return;
    // Held, this page gets no frames: the numbers still go on.
    const missing = this.timeline.missing();
    if (!missing && this.held === null) return;
    this.historyPending = true;
    const from = missing?.from ?? this.newest + 1;
    this.send({ type: 'history', from, to: missing?.to ?? from + this.timeline.capacity });
  }

  /** Resolves when the numbers of every step are here, those too that went by unseen. Rejects when they do not come. */
  async allNumbers(): Promise<void> {
    const deadline = performance.now() + HISTORY_WAIT_MS;
    while (this.timeline.missing()) {
      if (performance.now() > deadline) throw new Error('the server has not sent every step’s numbers');
      this.askHistory();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Held, this page hears of newer steps from the history alone. */
  private learnNewest(newest: number): void {
    if (newest > this.newest) this.setRange(Math.max(this.oldest, newest - this.timeline.capacity + 1), newest);
  }

  private setRange(oldest: number, newest: number): void {
    this.oldest = Math.max(oldest, 0);
    this.newest = newest;
    this.timeline.setRange(this.oldest, newest);
    if (this.held !== null && this.held < this.oldest) this.seek(this.oldest);
  }

  private replayNext(): void {
    this.replayTimer = setTimeout(
      () => {
        if (this.replay === 0 || this.held === null) return;
        // A step whose picture has not come yet is waited for, so that no instant is skipped unseen.
        if (this.shown?.frame.step === this.held) {
          const next = this.held + this.replay;
          if (next > this.newest) {
            this.goLive();
            this.send({ type: 'play' });
            return;
          }
          if (next < this.oldest) {
            this.setReplay(0);
            return;
          }
          this.seek(next);
        }
        this.replayNext();
      },
      1000 / (this.session?.stepsPerSecond ?? 12),
    );
  }
}
