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
import type { Address } from './address.ts';
import { readAddress, writeAddress } from './address.ts';
import { Clock } from './clock.svelte.ts';
import { Controls } from './controls.ts';
import { Entry } from './entry.ts';
import { Features } from './features.svelte.ts';
import { FrameCache } from './frameCache.ts';
import { Lenses } from './lenses.svelte.ts';
import type { Link, LinkStatus, OpenLink } from './link.ts';
import { Look } from './look.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Numbers } from './numbers.svelte.ts';
import { Panes } from './panes.svelte.ts';
import { Supposition } from './supposition.svelte.ts';
import { Recordings } from './recordings.svelte.ts';
import { Thumbnails } from './thumbnails.svelte.ts';

/** What is on the screen: an instant with the layout that it plays in. */
export interface Shown {
  readonly frame: FrameMessage;
  readonly layout: Layout;
}

/** Steps a second offered as speeds; the server's limits cut the list. */
const SPEEDS = [1, 2, 4, 8, 12, 15, 24, 30, 60] as const;

export class Player {
  link = $state<LinkStatus>('connecting');
  linkReason = $state('');
  hello = $state.raw<HelloMessage | null>(null);
  session = $state.raw<StateMessage | null>(null);
  shown = $state.raw<Shown | null>(null);

  readonly notices = new Notices();
  readonly look = new Look();
  readonly policy = $derived(this.hello?.policies.find(({ name }) => name === this.session?.policy) ?? null);
  readonly lenses = new Lenses(
    () => ({ frame: this.shown?.frame ?? null, hello: this.hello, policy: this.policy }),
    this.look,
  );
  /** What the factors of layers are. */
  readonly features: Features = new Features((message) => void this.send(message));
  /** Who plays beside the session's own agent. */
  readonly panes: Panes = new Panes({
    send: (message) => void this.send(message),
    session: () => this.session,
    frame: () => this.shown?.frame ?? null,
    hello: () => this.hello,
    paint: (signed) => (this.look.visible ? this.lenses.paintOptions(signed, 0) : null),
    held: () => this.clock.held,
    lenses: () => this.lenses.choices.length,
    goLive: () => this.clock.goLive(),
    error: (text) => this.notices.error(text),
  });
  /** Where in time the page looks. */
  readonly clock: Clock = new Clock({
    send: (message) => void this.send(message),
    recall: (step) => this.recall(step),
    shownStep: () => this.shown?.frame.step ?? -1,
    stepsPerSecond: () => this.session?.stepsPerSecond ?? 12,
    endless: () => this.session?.recording == null,
  });
  /** What is known of every step that is held. */
  readonly numbers: Numbers = new Numbers({
    ask: (from, to) => void this.send({ type: 'history', from, to }),
    ready: () => this.link === 'open' && this.session !== null,
    holding: () => this.clock.held !== null,
    newest: () => this.clock.newest,
    actionTitle: (action) => actionTitle(this.policy?.actions[action] ?? ''),
  });
  readonly recordings: Recordings = new Recordings({
    server: () => this.socket?.server ?? false,
    send: (message) => void this.send(message),
    session: () => this.session,
    open: (id) => this.openRecording(id),
    setPolicy: (name) => this.controls.setPolicy(name),
    tell: (text) => this.notices.tell(text),
    error: (text) => this.notices.error(text),
  });
  /** Small pictures of the steps that are held. */
  readonly thumbnails: Thumbnails = new Thumbnails((steps) => {
    if (this.link === 'open' && this.session !== null) this.send({ type: 'thumbnails', steps: [...steps] });
  });
  readonly playing = $derived(this.clock.held === null ? (this.session?.playing ?? false) : this.clock.replay !== 0);
  /** The global step on the screen; -1 before the first. */
  readonly step = $derived(this.clock.step);
  readonly speeds = $derived.by(() => {
    const limits = this.hello?.limits;
    return SPEEDS.filter((speed) => !limits || (speed >= limits.slowest && speed <= limits.fastest));
  });
  /** The session's pace, policy, level, and who plays. */
  readonly controls: Controls = new Controls({
    send: (message) => void this.send(message),
    session: () => this.session,
    speeds: () => this.speeds,
    step: () => this.step,
    goLive: () => this.clock.goLive(),
  });
  /** What if the level, or the policy, were otherwise? */
  readonly whatIf: Supposition = new Supposition({
    send: (message) => this.send(message),
    shown: () => this.shown,
    session: () => this.session,
    overlay: () => this.lenses.requests()[0],
    playing: () => this.playing,
    hold: () => this.hold(),
    goLive: () => this.clock.goLive(),
    complain: (message) => this.notices.error(message),
  });
  /** The address of what is on the screen. */
  readonly address = $derived.by((): Address => {
    const { session, shown, lenses, look } = this;
    const still = shown !== null && (this.clock.held !== null || session?.playing === false);
    return {
      session: session?.session,
      ...(session?.recording
        ? { recording: session.recording.info.id }
        : {
            policy: session?.policy,
            level: shown?.frame.levelSeed ?? session?.levelSeed,
            seed: session?.seed,
            at: still ? shown.frame.scene.step : undefined,
          }),
      step: still ? this.step : undefined,
      ...(still ? this.changes() : {}),
      ...this.panes.write(),
      ...lenses.write(),
      ...look.write(lenses.method?.signed ?? true),
    };
  });
  readonly query = $derived(writeAddress(this.address));

  /** What this page changed of the shown instant. */
  private changes(): Address {
    const { editor, turns } = this.whatIf;
    const turned = turns.filter(({ strength }) => strength > 0);
    return {
      edits: editor.edits.length > 0 ? editor.edits : undefined,
      turns: turned.length > 0 ? turned : undefined,
    };
  }

  private socket: Link | null = null;
  /** Changes that the address asks for, until the instant that they are of is shown. */
  private wish: Address | null = null;
  private readonly cache = new FrameCache();
  private readonly entry = new Entry();
  private ackDue: number | null = null;
  /** Signature of the overlays that the server was last asked for. */
  private requested: string | null = null;
  private messageId = 0;

  /** Opens the connection. @param query of the page's address */
  start(query: string, openLink: OpenLink): void {
    const { address, problems } = readAddress(query);
    this.entry.wanted = address;
    this.look.read(address);
    for (const problem of problems) this.notices.error(problem);
    this.socket = openLink({
      status: (status, reason) => {
        this.link = status;
        this.linkReason = reason;
        if (status === 'open') this.join();
        else {
          this.numbers.settled();
          this.features.forgetPending();
          this.whatIf.lost();
        }
      },
      message: (message) => this.receive(message),
      unreadable: (reason) => this.notices.error(`The server sent something that this page cannot read: ${reason}`),
    });
    this.numbers.start();
  }

  stop(): void {
    this.socket?.close();
    this.clock.stop();
    this.numbers.stop();
  }

  // What people do ------------------------------------------------------------------------------------------------

  /** Plays or pauses: the session while this page follows it, else its own walk through what is held. */
  togglePlay(): void {
    if (this.clock.held !== null) this.clock.setReplay(this.clock.replay === 0 ? 1 : 0);
    else this.controls.togglePlay();
  }

  /** Changes lenses, and asks the server for what they need then. */
  changeLenses(change: (lenses: Lenses) => readonly string[] | void): void {
    for (const problem of change(this.lenses) ?? []) this.notices.error(problem);
    this.askOverlays();
  }

  /** Holds where this page looks; the session rests too where nobody else watches it. */
  private hold(): void {
    const { session } = this;
    this.clock.setReplay(0);
    if (session?.playing && session.viewers <= 1) this.send({ type: 'pause' });
    if (this.clock.held === null && this.shown) this.clock.seek(this.shown.frame.step);
  }

  /** To the nearest notable moment before or after the shown step. */
  seekMoment(direction: -1 | 1): void {
    const next = this.numbers.momentFrom(this.step, direction);
    if (next) this.clock.seek(next.step);
  }

  /** Shows a recording that the server lists. */
  openRecording(id: string): void {
    this.enterAnew({ recording: id });
  }

  /** From a recording to an agent: plays on in its place, with the policy and the level that it showed. */
  leaveRecording(): void {
    const { session } = this;
    if (session?.recording) this.enterAnew({ policy: session.policy, level: session.levelSeed });
  }

  /** Into another session, with the lenses that there are. */
  private enterAnew(wanted: Address): void {
    this.entry.wanted = wanted;
    this.session = null;
    this.join();
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
        this.numbers.settled();
        if (message.session !== this.session?.session) return;
        this.learnNewest(message.from + message.values.length - 1);
        this.numbers.addHistory(message);
        return;
      case 'features':
        this.features.arrive(message);
        return;
      case 'featurePicture':
        this.features.arrivePicture(message);
        return;
      case 'recorded':
        this.recordings.made(message.recording);
        return;
      case 'thumbnails':
        if (message.session === this.session?.session) this.thumbnails.arrive(message);
        return;
      case 'supposed':
      case 'factorReadings':
      case 'measured':
        this.whatIf.receive(message);
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
    if (!this.session) this.resize(hello.limits.history);
  }

  private enter(state: StateMessage): void {
    const before = this.session;
    this.session = state;
    this.panes.settle();
    const another = before?.session !== state.session;
    if (another) {
      this.shown = null;
      this.clock.reset();
    }
    // A recording is held whole, and so is what a branch from it left of it.
    const whole = state.recording ?? before?.recording;
    const history = this.hello?.limits.history ?? 0;
    const capacity = state.recording ? state.newest + 1 : Math.max(history, (whole?.info.steps ?? 0) + 1);
    if (another || (before.recording !== null) !== (state.recording !== null)) this.resize(capacity);
    this.whatIf.enter(state);
    this.setRange(state.oldest, state.newest);
    // Somebody branched from the recording: what happens now is to be seen.
    if (!another && before.recording && !state.recording) this.clock.goLive();
    const joined = this.entry.answers(state.reply);
    // A new policy may lack the layer or target that was chosen: the nearest choice, said aloud.
    if (joined || another || before.policy !== state.policy) {
      for (const problem of this.lenses.adopt(this.entry.wanted)) this.notices.error(problem);
    }
    if (joined) this.resume();
    else this.askOverlays();
  }

  /** After joining, fresh or again: back to where this page was, or where its address says. */
  private resume(): void {
    const wanted = this.entry.take();
    if (wanted.edits || wanted.turns) this.wish = wanted;
    const { oldest, newest } = this.clock;
    const step = this.clock.held ?? wanted.step;
    this.requested = null;
    this.ackDue = null;
    this.clock.forget();
    this.askOverlays();
    if (this.session?.recording) {
      this.clock.seek(step ?? 0);
    } else if (this.entry.fresh) {
      this.panes.restore(wanted);
      // Level and seed decide an episode: playing to the same step finds the same instant.
      if (wanted.at) this.send({ type: 'step', count: wanted.at });
    } else if (step !== undefined && (step !== newest || this.session?.playing)) {
      if (step < oldest || step > newest) {
        this.notices.tell(`Step ${step} is not held (${oldest} to ${newest} are): this is the nearest.`);
      }
      this.clock.seek(step);
    }
    this.numbers.ask();
  }

  private arrive(frame: FrameMessage): void {
    if (frame.session !== this.session?.session) return;
    this.ackDue = frame.frame;
    this.cache.add(frame);
    this.setRange(frame.oldest, frame.newest);
    this.numbers.addFrame(frame);
    this.thumbnails.add(frame.step, frame.observation);
    const { held } = this.clock;
    const wanted = held === null ? frame.live : frame.step === held;
    const { shown } = this;
    // An instant never changes: what is on the screen with all its maps need not be drawn again.
    const there =
      shown?.frame.step === frame.step && shown.frame.session === frame.session && this.isWhole(shown.frame);
    if (wanted && !there) this.show(frame);
    // What is not shown is never drawn, so nothing else would ask for the next.
    else this.drawn();
    if (!frame.live) this.clock.settled();
  }

  private recall(step: number): boolean {
    const cached = this.cache.get(step);
    if (cached && cached !== this.shown?.frame) this.show(cached);
    return cached !== undefined && this.isWhole(cached);
  }

  /** Does a frame hold, finished, every map that is asked for? */
  private isWhole({ overlays, companions }: FrameMessage): boolean {
    const finished = (id: string): boolean =>
      overlays.some((overlay) => overlay.request === id && overlay.ok && overlay.draft === undefined);
    // Maps of companions say nothing of what they were asked for.
    return companions.length === 0 && this.lenses.requests().every(({ id }) => finished(id));
  }

  private show(frame: FrameMessage): void {
    const layout = this.cache.layout(frame.scene.layout);
    if (layout) {
      this.shown = { frame, layout };
      this.change(frame);
    } else this.notices.error(`The server sent a frame of layout ${frame.scene.layout} before the layout itself.`);
  }

  /** Does to the instant what the address says, once it is on the screen. */
  private change(frame: FrameMessage): void {
    const { wish } = this;
    if (!wish) return;
    const { edits = [], turns = [], at, step } = wish;
    const here = at === undefined ? frame.step === step : frame.scene.step === at;
    if (here) {
      this.wish = null;
      this.whatIf.restore(edits, turns);
      return;
    }
    // Where the page holds, or where a new session has come as far as it was asked to, nothing else will come.
    if (frame.step !== this.clock.held && frame.step < (at ?? 0)) return;
    this.wish = null;
    this.notices.tell(`Link: its changes are of step ${at ?? step}, which is not shown: this is the level as it was.`);
  }

  private refuse({ code, reply, message }: ErrorMessage): void {
    this.panes.settle();
    this.numbers.settled();
    if (this.whatIf.refuse({ type: 'error', code, reply, message })) return;
    const joining = this.entry.answers(reply);
    if (code === 'unknown-session' && joining) {
      this.notices.tell('The server no longer has this session: a new one began at the same place.');
      const { recording, step } = { ...this.address, ...this.entry.wanted };
      this.entry.wanted = {
        ...this.address,
        ...this.entry.wanted,
        session: undefined,
        step: recording === undefined ? undefined : step,
      };
      this.session = null;
      this.join();
      return;
    }
    if (code === 'not-held') {
      // The instant fell off while the question travelled.
      const { held, oldest } = this.clock;
      if (held !== null) this.clock.seek(Math.max(held, oldest));
      this.clock.settled();
      return;
    }
    this.notices.error(message);
    this.clock.settled();
    // What cannot be opened leaves the page where nothing plays: the nearest thing is an agent.
    if (joining && code !== 'unknown-policy' && this.entry.wanted.recording !== undefined) {
      this.entry.wanted = { ...this.entry.wanted, recording: undefined, step: undefined };
      this.join();
      return;
    }
    if (code === 'unknown-policy' && joining) {
      this.entry.wanted = { ...this.entry.wanted, policy: undefined };
      this.join();
    }
  }

  // Requests ------------------------------------------------------------------------------------------------------

  private join(): void {
    this.entry.join(this.session?.session, (message) => this.send(message));
  }

  /** @returns the message's id, which its answer carries */
  private send(message: ClientMessageInput): number {
    this.socket?.send({ ...message, id: ++this.messageId });
    return this.messageId;
  }

  private askOverlays(): void {
    const { signature } = this.lenses;
    if (signature === this.requested) return;
    this.requested = signature;
    this.clock.tell();
    this.send({ type: 'setOverlays', overlays: this.lenses.requests() });
  }

  /** Held, this page hears of newer steps from the history alone. */
  private learnNewest(newest: number): void {
    const { oldest } = this.clock;
    const { capacity } = this.numbers.timeline;
    if (newest > this.clock.newest) this.setRange(Math.max(oldest, newest - capacity + 1), newest);
  }

  /** What is held begins anew, or may be longer. */
  private resize(capacity: number): void {
    this.numbers.reset(capacity);
    this.thumbnails.reset(capacity);
  }

  private setRange(oldest: number, newest: number): void {
    this.numbers.timeline.setRange(Math.max(oldest, 0), newest);
    this.clock.setRange(oldest, newest);
  }
}
