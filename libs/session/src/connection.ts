/**
 * One page at the other end of a wire, whatever the wire is: checks what it sends and turns messages into calls.
 * Nothing thrown gets past it.
 */
import { CancelledError, InputError } from '@saccade/core';
import { parseClientMessage, protocolVersion } from '@saccade/protocol';
import type { ClientMessage, ErrorCode, HelloMessage, ServerMessage } from '@saccade/protocol';
import type { Audience } from './audience.ts';
import { Canceller } from './canceller.ts';
import type { CancelSignal } from './canceller.ts';
import { choosePolicy } from './catalogue.ts';
import type { OfferedPolicy } from './catalogue.ts';
import type { Directory } from './directory.ts';
import type { FeatureSource } from './featureSource.ts';
import type { HeldInstant } from './history.ts';
import type { SessionLimits } from './limits.ts';
import type { Session, SessionStart } from './session.ts';
import { thumbnailsOf } from './thumbnails.ts';
import { Measuring } from './measuring.ts';
import type { SupposeEngine } from './supposeEngine.ts';
import { Viewer } from './viewer.ts';
import { Workbench } from './workbench.ts';

/** Changes the course of the agent, for all viewers: while one of them plays, theirs alone. */
const steering: ReadonlySet<ClientMessage['type']> = new Set([
  ...(['play', 'pause', 'step', 'setSpeed', 'setPolicy', 'setLevel', 'setLevelText', 'nextLevel'] as const),
  ...(['turnFactors'] as const),
  ...(['takeOver', 'act', 'branch', 'edit', 'setCompanions'] as const),
]);

export interface ConnectionContext {
  /** What is offered now: pages may bring more. */
  readonly offered: { readonly policies: readonly OfferedPolicy[]; hello(): HelloMessage };
  readonly directory: Directory;
  readonly limits: SessionLimits;
  /** Policy and level of a session whose first viewer names none. */
  readonly start: {
    readonly policy: string;
    readonly levelSeed: number;
    readonly seed: number;
    readonly recording?: string;
  };
  /** @throws InputError when there is no such recording, or it cannot be shown; CancelledError */
  readonly open: (recording: string, signal: CancelSignal) => Promise<Omit<SessionStart, 'id' | 'playing'>>;
  /** Answers "what if"; where there is none, the page is told so. */
  readonly supposing?: SupposeEngine;
  /** Where there are none, the page is told so. */
  readonly features?: FeatureSource;
  /** Told of faults of our own. */
  readonly report: (error: unknown) => void;
}

/** What a page did wrong: a code for programs beside the line for people. */
export class Refusal extends InputError {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export class Connection {
  private viewer: Viewer | null = null;
  private workbench: Workbench | null = null;
  private measuring: Measuring | null = null;
  /** Of the recording that is being opened. */
  private opening: Canceller | null = null;

  /** @param send towards the page */
  constructor(
    private readonly send: (message: ServerMessage) => void,
    private readonly context: ConnectionContext,
  ) {}

  /** Says what there is. */
  open(): void {
    this.send(this.context.offered.hello());
  }

  /** @param raw what came over the wire */
  receive(raw: unknown): void {
    try {
      const message = parse(raw);
      const result = this.handle(message);
      result?.catch((error: unknown) => this.refuse(raw, error));
    } catch (error) {
      this.refuse(raw, error);
    }
  }

  /** Answers a message with an error. */
  refuse(raw: unknown, error: unknown): void {
    const id = (raw as { id?: unknown } | null | undefined)?.id;
    const reply = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? { reply: id } : {};
    if (error instanceof InputError) {
      const code = error instanceof Refusal ? error.code : 'bad-value';
      this.send({ type: 'error', ...reply, code, message: error.message });
      return;
    }
    this.context.report(error);
    this.send({ type: 'error', ...reply, code: 'internal', message: 'internal: the server failed at this' });
  }

  /** The page is gone. */
  leave(): void {
    const { viewer } = this;
    this.opening?.abort();
    this.workbench?.dispose();
    this.measuring?.stop();
    this.viewer = null;
    if (!viewer) return;
    viewer.leave();
    this.context.directory.noteViewers(viewer.audience);
  }

  private features(): FeatureSource {
    if (this.context.features) return this.context.features;
    throw new InputError('features: expected a server that knows some, got one without');
  }

  private joined(): Viewer {
    if (!this.viewer) throw new Refusal('not-joined', 'session: expected join first, got something else');
    return this.viewer;
  }

  private join(message: Extract<ClientMessage, { type: 'join' }>): Promise<void> | void {
    const { directory, offered, start } = this.context;
    if (message.protocol !== protocolVersion) {
      throw new Refusal('version', `protocol: expected ${protocolVersion}, got ${message.protocol}: reload the page`);
    }
    const { session, policy, levelSeed, seed, playing = true } = message;
    if (session !== undefined) {
      const audience = directory.find(session);
      if (!audience) throw new Refusal('unknown-session', `session: expected one that exists, got ${session}`);
      return this.enter(audience, message.id);
    }
    const nothing = policy === undefined && levelSeed === undefined && seed === undefined;
    const recording = message.recording ?? (nothing ? start.recording : undefined);
    if (recording !== undefined) return this.joinRecording(recording, message.id);
    const audience = directory.create({
      policy: namedPolicy(offered.policies, policy ?? start.policy),
      levelSeed: levelSeed ?? start.levelSeed,
      seed: seed ?? start.seed,
      playing,
    });
    this.enter(audience, message.id);
  }

  /** Replays the recording first: who joins sees all of it at once. */
  private async joinRecording(id: string, reply: number | undefined): Promise<void> {
    const { directory, open } = this.context;
    this.opening?.abort();
    const opening = new Canceller();
    this.opening = opening;
    try {
      const start = await open(id, opening.signal);
      this.enter(directory.create({ ...start, playing: false }), reply);
    } catch (error) {
      // Whoever left is told nothing.
      if (!(error instanceof CancelledError)) throw error;
    } finally {
      if (this.opening === opening) this.opening = null;
    }
  }

  private enter(audience: Audience | undefined, reply: number | undefined): void {
    const { directory, limits } = this.context;
    if (!audience)
      throw new Refusal('too-many', `session: expected at most ${limits.sessions}, all of them are watched`);
    this.leave();
    this.viewer = new Viewer(audience, (answer) => this.send(answer));
    this.viewer.join(reply);
    directory.noteViewers(audience);
  }

  /** "What if". A question that a later one of the same viewer overtook is not answered. */
  private async suppose(session: Session, message: Supposing): Promise<void> {
    const { supposing, directory } = this.context;
    if (!supposing) throw new InputError(`${message.type}: expected a server that answers "what if", got one without`);
    this.workbench ??= new Workbench(supposing, directory.host);
    this.measuring ??= new Measuring(supposing);
    const reply = message.id === undefined ? {} : { reply: message.id };
    try {
      switch (message.type) {
        case 'suppose': {
          const supposed = await this.workbench.suppose(session, heldInstant(session, message.step), message);
          return this.send({ type: 'supposed', ...reply, ...supposed });
        }
        case 'readFactors': {
          const readings = await this.workbench.readFactors(session, heldInstant(session, message.step), message);
          return this.send({ type: 'factorReadings', ...reply, ...readings });
        }
        case 'turnFactors': {
          const { policy } = session;
          const hash = await supposing.turned(policy.hash, message.turns);
          // The session may have another policy by now.
          if (session.policy === policy) session.turnFactors(message.turns, hash);
          return;
        }
        case 'measure':
          return await this.measuring.run(session.policy, message.turns, message.levels, (measured) =>
            this.send({ type: 'measured', ...reply, session: session.id, ...measured }),
          );
        default:
          return message satisfies never;
      }
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
    }
  }

  private handle(message: ClientMessage): Promise<void> | void {
    if (message.type === 'join') return this.join(message);
    const viewer = this.joined();
    const { session } = viewer.audience;
    if (session.control.taken && !session.control.holds(viewer) && steering.has(message.type)) {
      throw new Refusal(
        'not-yours',
        `${message.type}: expected free controls, but another viewer of this session plays`,
      );
    }
    switch (message.type) {
      case 'play':
        return session.play();
      case 'pause':
        return session.pause();
      case 'step':
        return session.step(message.count);
      case 'setSpeed': {
        const { slowest, fastest } = this.context.limits;
        const { stepsPerSecond } = message;
        if (stepsPerSecond >= slowest && stepsPerSecond <= fastest) return session.setSpeed(stepsPerSecond);
        throw new InputError(`speed: expected ${slowest} to ${fastest} steps a second, got ${stepsPerSecond}`);
      }
      case 'setPolicy':
        return session.setPolicy(namedPolicy(this.context.offered.policies, message.policy));
      case 'setLevel':
        return session.setLevel(message.levelSeed);
      case 'setLevelText':
        return session.setLevelText(message.text);
      case 'nextLevel':
        return session.nextLevel();
      case 'takeOver':
        return session.takeOver(viewer);
      case 'act':
        if (!session.control.holds(viewer)) {
          throw new Refusal('not-yours', 'act: expected takeOver first, got an action of a viewer who watches');
        }
        return session.control.want(message.action, session.policy.policy.actions);
      case 'handBack':
        return session.control.release(viewer);
      case 'branch':
        return session.branch(heldInstant(session, message.step), [], message.seed);
      case 'edit':
        return session.branch(
          heldInstant(session, message.step ?? session.history.newest),
          message.edits,
          message.seed,
        );
      case 'suppose':
      case 'readFactors':
      case 'turnFactors':
      case 'measure':
        return this.suppose(session, message);
      case 'stopMeasuring':
        return this.measuring?.stop();
      case 'setCompanions': {
        const specs = message.companions.map(({ policy, seed, levelSeed }) => ({
          policy: namedPolicy(this.context.offered.policies, policy),
          seed,
          levelOffset: levelSeed === undefined ? null : (levelSeed - session.levelSeed) >>> 0,
        }));
        return session.setCompanions(specs, message.step);
      }
      case 'features': {
        const { layer, policy, id } = message;
        const about = { type: 'features', ...(id === undefined ? {} : { reply: id }), policy, layer } as const;
        const chosen = namedPolicy(this.context.offered.policies, policy);
        return this.features().layer(chosen, layer, (result) => this.send({ ...about, result }));
      }
      case 'featurePicture': {
        const { layer, policy, factor, id } = message;
        const about = { type: 'featurePicture', ...(id === undefined ? {} : { reply: id }), policy, layer } as const;
        const chosen = namedPolicy(this.context.offered.policies, policy);
        return this.features().picture(chosen, layer, factor, (result) => this.send({ ...about, factor, result }));
      }
      case 'record':
        return session.record(message.from);
      case 'stopRecording':
        return session.stopRecording();
      case 'setOverlays':
        return viewer.setOverlays(message.overlays, message.id);
      case 'seek': {
        heldInstant(session, message.step);
        return viewer.seek(message.step, message.id);
      }
      case 'follow':
        return viewer.follow(message.id);
      case 'history': {
        const rows = session.history.rows(message.from, message.to);
        const reply = message.id === undefined ? {} : { reply: message.id };
        return this.send({ type: 'history', ...reply, session: session.id, ...rows });
      }
      case 'thumbnails': {
        const reply = message.id === undefined ? {} : { reply: message.id };
        const pictures = thumbnailsOf(session.history, message.steps);
        return this.send({ type: 'thumbnails', ...reply, session: session.id, ...pictures });
      }
      case 'ack':
        return viewer.ack(message.frame);
      default:
        return message satisfies never;
    }
  }
}

type Supposing = Extract<ClientMessage, { type: 'suppose' | 'readFactors' | 'turnFactors' | 'measure' }>;

function parse(raw: unknown): ClientMessage {
  try {
    return parseClientMessage(raw);
  } catch (error) {
    throw error instanceof InputError ? new Refusal('bad-message', error.message) : error;
  }
}

function heldInstant(session: Session, step: number): HeldInstant {
  const instant = session.history.at(step);
  if (instant) return instant;
  const { oldest, newest } = session.history;
  throw new Refusal('not-held', `step: expected ${oldest} to ${newest}, got ${step}`);
}

function namedPolicy(policies: readonly OfferedPolicy[], name: string): OfferedPolicy {
  try {
    return choosePolicy(policies, name);
  } catch (error) {
    throw error instanceof InputError ? new Refusal('unknown-policy', error.message) : error;
  }
}
