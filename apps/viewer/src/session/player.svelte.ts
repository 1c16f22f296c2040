/**
 * The page's one clock and one truth: which instant is shown, whether it is live, what is asked of the server. Panels
 * read it and call its verbs; nothing else talks to the connection. Play, pause, speed, policy and level belong to the
 * session that all its viewers share; where this page looks (live or held at an instant) and its overlay are its own.
 */
import type {
  ClientMessageInput,
  FrameMessage,
  HelloMessage,
  Layout,
  Overlay,
  OverlayRequest,
  ServerMessage,
  StateMessage,
} from '@saccade/protocol';
import { protocolVersion } from '@saccade/protocol';
import { pictureOf } from '../scene/overlayPicture.ts';
import type { OverlayPicture } from '../scene/overlayPicture.ts';
import type { Address } from './address.ts';
import { readAddress, writeAddress } from './address.ts';
import { FrameCache } from './frameCache.ts';
import { chooseOverlay, overlayRequest, signatureOf } from './overlayChoice.ts';
import type { OverlayChoice } from './overlayChoice.ts';
import { openLink } from './socket.ts';
import type { Link, LinkStatus } from './socket.ts';
import { Timeline } from './timeline.ts';

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'note';
  readonly text: string;
}

/** One factor of a decomposition at one instant: its colour, and what it adds to and takes from the output. */
export type Factor = NonNullable<Extract<Overlay, { ok: true }>['factors']>[number];

/** What is on the screen: an instant with the layout that it plays in. */
export interface Shown {
  readonly frame: FrameMessage;
  readonly layout: Layout;
  /** The maps in it answer the present choice of overlay. */
  readonly current: boolean;
}

/** Steps a second offered as speeds; the server's limits cut the list. */
const SPEEDS = [1, 2, 4, 8, 12, 15, 24, 30, 60] as const;
/** Per cent. */
const OPACITY = 70;
const NOTICE_MS = 8000;
const HISTORY_MS = 400;
const SEEK_MS = 80;
const JOINED_AGAIN = 'The server no longer has this session: a new one began at the same place.';

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
  choice = $state.raw<OverlayChoice>({ method: '', layer: '', target: '', factor: null });
  visible = $state(true);
  /** Per cent. */
  opacity = $state(OPACITY);
  smooth = $state(true);
  /** The factors of the method's decomposition at the chosen layer, as the newest map named them. */
  factors = $state.raw<readonly Factor[]>([]);
  /** How the world is drawn under the overlay: 0 in full colour, 1 all grey. */
  muted = $state(0);
  oldest = $state(0);
  newest = $state(-1);
  notices = $state.raw<readonly Notice[]>([]);
  /** Counts changes of the timeline's rows, so that charts know when to draw. */
  rows = $state(0);
  timeline = new Timeline(1000);

  readonly policy = $derived(this.hello?.policies.find(({ name }) => name === this.session?.policy) ?? null);
  readonly method = $derived(this.hello?.methods.find(({ name }) => name === this.choice.method) ?? null);
  readonly playing = $derived(this.held === null ? (this.session?.playing ?? false) : this.replay !== 0);
  /** The global step on the screen; -1 before the first. */
  readonly step = $derived(this.held ?? this.shown?.frame.step ?? -1);
  /** What the shown instant has instead of a map that answers the present choice. */
  readonly overlayProblem = $derived.by(() => {
    const overlay = this.shown?.frame.overlays[0];
    return this.shown?.current && overlay && !overlay.ok ? overlay.error : null;
  });
  /** The overlay of the shown instant in colours, whether or not it is hidden; null while there is none. */
  readonly painted = $derived.by((): OverlayPicture | null => {
    const overlay = this.shown?.frame.overlays[0];
    if (!this.shown?.current || !overlay?.ok) return null;
    const [height, width] = this.policy?.observationShape ?? [64, 64];
    return pictureOf(overlay, { opacity: this.opacity / 100, smooth: this.smooth, height, width });
  });
  /** The same, null while it is hidden. */
  readonly picture = $derived(this.visible ? this.painted : null);
  readonly speeds = $derived.by(() => {
    const limits = this.hello?.limits;
    return SPEEDS.filter((speed) => !limits || (speed >= limits.slowest && speed <= limits.fastest));
  });

  private socket: Link | null = null;
  private readonly cache = new FrameCache();
  private wanted: Address = {};
  private ackDue: number | null = null;
  private requested = '';
  private noticeCount = 0;
  private messageId = 0;
  private joinId = -1;
  /** The session that is being joined is a new one. */
  private fresh = true;
  private historyPending = false;
  private seekPending = false;
  private seekAt = 0;
  private seekTimer: ReturnType<typeof setTimeout> | undefined;
  /** Where the server holds this page, or null where it follows live. */
  private seekAsked: number | null = null;
  private historyTimer: ReturnType<typeof setInterval> | undefined;
  private replayTimer: ReturnType<typeof setTimeout> | undefined;

  /** Opens the connection. @param query of the page's address */
  start(query: string): void {
    const { address, problems } = readAddress(query);
    this.wanted = address;
    this.opacity = address.opacity ?? OPACITY;
    this.smooth = address.blend !== 0;
    this.muted = (address.grey ?? 0) / 100;
    for (const problem of problems) this.note('error', problem);
    this.socket = openLink({
      status: (status, reason) => {
        this.link = status;
        this.linkReason = reason;
        if (status === 'open') this.join();
        if (status === 'lost') this.historyPending = false;
      },
      message: (message) => this.receive(message),
      unreadable: (reason) => this.note('error', `The server sent something that this page cannot read: ${reason}`),
    });
    this.historyTimer = setInterval(() => this.askHistory(), HISTORY_MS);
  }

  stop(): void {
    this.socket?.close();
    clearInterval(this.historyTimer);
    clearTimeout(this.replayTimer);
    clearTimeout(this.seekTimer);
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
    if (cached) this.show(cached.frame, cached.signature === this.requested);
    this.askSeek();
  }

  goLive(): void {
    if (this.held === null) return;
    this.setReplay(0);
    this.held = null;
    this.seekAsked = null;
    this.send({ type: 'follow' });
  }

  setReplay(direction: -1 | 0 | 1): void {
    clearTimeout(this.replayTimer);
    if (direction !== 0 && this.held === null) {
      if (direction > 0) {
        this.send({ type: 'play' });
        return;
      }
      this.seek(this.newest);
    }
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

  choose(change: Partial<OverlayChoice>): void {
    if (!this.hello || !this.policy) return;
    const { choice } = chooseOverlay({ ...this.choice, ...change }, this.hello.methods, this.policy);
    this.choice = choice;
    this.askOverlays();
  }

  /** The address of what is on the screen. */
  address(): Address {
    const { session, shown, choice } = this;
    const still = shown !== null && (this.held !== null || session?.playing === false);
    return {
      session: session?.session,
      policy: session?.policy,
      level: shown?.frame.levelSeed ?? session?.levelSeed,
      seed: session?.seed,
      step: still ? this.step : undefined,
      at: still ? shown.frame.scene.step : undefined,
      method: choice.method || undefined,
      layer: choice.layer || undefined,
      target: choice.target || undefined,
      factor: choice.factor ?? undefined,
      opacity: this.opacity === OPACITY ? undefined : this.opacity,
      blend: this.smooth ? undefined : 0,
      grey: this.muted === 0 ? undefined : Math.round(this.muted * 100),
    };
  }

  readonly query = $derived(writeAddress(this.address()));

  note(kind: Notice['kind'], text: string): void {
    if (this.notices.some((notice) => notice.text === text)) return;
    const id = ++this.noticeCount;
    this.notices = [...this.notices.slice(-3), { id, kind, text }];
    setTimeout(() => this.dismiss(id), NOTICE_MS);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
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
      this.note(
        'error',
        `The server is ${older} than this page (protocol ${hello.protocol}, here ${protocolVersion}): reload the page.`,
      );
    }
    this.hello = hello;
    if (this.timeline.capacity !== hello.limits.history) this.timeline = new Timeline(hello.limits.history);
  }

  private enter(state: StateMessage): void {
    const before = this.session;
    this.session = state;
    if (before?.session !== state.session) {
      this.timeline = new Timeline(this.hello?.limits.history ?? 1000);
      this.held = null;
      this.replay = 0;
      this.requested = '';
    }
    this.setRange(state.oldest, state.newest);
    const joined = state.reply === this.joinId;
    if (joined || before?.session !== state.session || before.policy !== state.policy) this.adoptPolicy();
    if (joined) this.resume();
    else this.askOverlays();
  }

  /** A new policy may lack the layer or target that was chosen: the nearest choice, said aloud. */
  private adoptPolicy(): void {
    if (!this.hello || !this.policy) return;
    const { method, layer, target, factor } = this.wanted;
    const wish: OverlayChoice = {
      method: method ?? this.choice.method,
      layer: layer ?? this.choice.layer,
      target: target ?? this.choice.target,
      factor: factor ?? this.choice.factor,
    };
    const { choice, problems } = chooseOverlay(wish, this.hello.methods, this.policy);
    for (const problem of problems) this.note('error', problem);
    this.choice = choice;
  }

  /** After joining, fresh or again: back to where this page was, or where its address says. */
  private resume(): void {
    this.requested = '';
    this.ackDue = null;
    this.seekPending = false;
    this.seekAsked = null;
    this.askOverlays();
    const { at } = this.wanted;
    const step = this.held ?? this.wanted.step;
    if (this.fresh) {
      // Level and seed decide an episode: playing to the same step finds the same instant.
      if (at) this.send({ type: 'step', count: at });
    } else if (step !== undefined && (step !== this.newest || this.session?.playing)) {
      if (step < this.oldest || step > this.newest) {
        this.note(
          'note',
          `Step ${step} is no longer held (${this.oldest} to ${this.newest} are): this is the nearest.`,
        );
      }
      this.seek(step);
    }
    this.wanted = {};
    this.askHistory();
  }

  private arrive(frame: FrameMessage): void {
    if (frame.session !== this.session?.session) return;
    this.ackDue = frame.frame;
    const answers = frame.overlays.length > 0 && matches(frame, this.choice);
    const overlay = frame.overlays[0];
    if (answers && overlay?.ok) this.factors = overlay.factors ?? [];
    this.cache.add(frame, answers ? this.requested : '');
    this.setRange(frame.oldest, frame.newest);
    this.timeline.addFrame(frame);
    this.rows++;
    const wanted = this.held === null ? frame.live : frame.step === this.held;
    if (wanted) this.show(frame, answers);
    // What is not shown is never drawn, so nothing else would ask for the next.
    else this.drawn();
    if (!frame.live) {
      this.seekPending = false;
      this.askSeek();
    }
  }

  private show(frame: FrameMessage, current: boolean): void {
    const layout = this.cache.layout(frame.scene.layout);
    if (!layout) {
      this.note('error', `The server sent a frame of layout ${frame.scene.layout} before the layout itself.`);
      return;
    }
    this.shown = { frame, layout, current };
  }

  private refuse(message: Extract<ServerMessage, { type: 'error' }>): void {
    this.historyPending = false;
    this.seekPending = false;
    if (message.code === 'unknown-session' && message.reply === this.joinId) {
      this.note('note', JOINED_AGAIN);
      this.wanted = { ...this.address(), ...this.wanted, session: undefined, step: undefined };
      this.session = null;
      this.join();
      return;
    }
    if (message.code === 'not-held') {
      // The instant fell off while the question travelled.
      if (this.held !== null) this.seek(Math.max(this.held, this.oldest));
      return;
    }
    if (message.reply === this.joinId && message.code === 'unknown-policy') {
      this.wanted = { ...this.wanted, policy: undefined };
      this.join();
    }
    this.note('error', message.message);
  }

  // Requests ------------------------------------------------------------------------------------------------------

  private join(): void {
    const session = this.session?.session ?? this.wanted.session;
    const { policy, level, seed, at } = this.wanted;
    this.fresh = session === undefined;
    this.joinId = ++this.messageId;
    this.socket?.send({
      type: 'join',
      id: this.joinId,
      protocol: protocolVersion,
      session,
      policy,
      levelSeed: level,
      seed,
      playing: at === undefined,
    });
  }

  private send(message: ClientMessageInput): void {
    this.socket?.send({ ...message, id: ++this.messageId });
  }

  private askOverlays(): void {
    const request: OverlayRequest = overlayRequest(this.choice);
    const overlays = this.choice.method === '' ? [] : [request];
    const signature = signatureOf(this.choice);
    if (signature === this.requested) return;
    this.requested = signature;
    if (this.shown) this.shown = { ...this.shown, current: matches(this.shown.frame, this.choice) };
    this.send({ type: 'setOverlays', overlays });
  }

  /** While dragging the latest place wins: the next question waits for the answer, but not for a slow one. */
  private askSeek(): void {
    if (this.held === null || this.held === this.seekAsked) return;
    const wait = this.seekPending ? this.seekAt + SEEK_MS - performance.now() : 0;
    if (wait > 0) {
      this.seekTimer ??= setTimeout(() => {
        this.seekTimer = undefined;
        this.askSeek();
      }, wait);
      return;
    }
    this.seekPending = true;
    this.seekAt = performance.now();
    this.seekAsked = this.held;
    this.send({ type: 'seek', step: this.held });
  }

  private askHistory(): void {
    if (this.historyPending || this.link !== 'open' || !this.session) return;
    // Held, this page gets no frames: the numbers still go on.
    const missing = this.timeline.missing();
    const from = missing?.from ?? this.newest + 1;
    if (!missing && this.held === null) return;
    this.historyPending = true;
    this.send({ type: 'history', from, to: missing?.to ?? from + this.timeline.capacity });
  }

  /** Held, this page hears of newer steps from the history alone. */
  private learnNewest(newest: number): void {
    if (newest > this.newest) this.setRange(Math.max(this.oldest, newest - this.timeline.capacity + 1), newest);
  }

  private setRange(oldest: number, newest: number): void {
    this.oldest = oldest;
    this.newest = newest;
    this.timeline.setRange(oldest, newest);
    if (this.held !== null && this.held < oldest) this.seek(oldest);
  }

  private replayNext(): void {
    const milliseconds = 1000 / (this.session?.stepsPerSecond ?? 12);
    this.replayTimer = setTimeout(() => {
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
    }, milliseconds);
  }
}

/** Do the maps of this frame answer this choice? */
function matches(frame: FrameMessage, choice: OverlayChoice): boolean {
  const overlay = frame.overlays[0];
  return overlay !== undefined && overlay.ok
    ? overlay.method === choice.method &&
        overlay.layer === choice.layer &&
        overlay.target === choice.target &&
        (overlay.factor ?? null) === choice.factor
    : overlay?.request === signatureOf(choice).slice(0, 64);
}
