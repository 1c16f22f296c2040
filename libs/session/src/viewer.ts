/**
 * One page that watches a session: where it looks, what it asked to have explained, and what is on its way to it.
 * One frame is in flight at a time; until the page has drawn it, later ones replace each other.
 */
import { CancelledError, internalError } from '@saccade/core';
import type { FrameMessage, Overlay, OverlayRequest, RecordingInfo, ServerMessage } from '@saccade/protocol';
import { Canceller } from './canceller.ts';
import type { Audience, AudienceMember } from './audience.ts';
import type { CompanionInstant } from './companions.ts';
import type { LiveFrame } from './feed.ts';
import type { HeldInstant } from './history.ts';

export class Viewer implements AudienceMember {
  requests: readonly OverlayRequest[] = [];
  private heldAt: number | null = null;
  private inFlight: number | null = null;
  private frames = 0;
  /** Global step of the last live frame under the present requests. */
  private offered = -1;
  /** How much of its maps came with it. */
  private offeredShare = 0;
  private heldFrame: LiveFrame | null = null;
  private seeking: Canceller | null = null;
  private reply: number | undefined;
  private readonly layouts = new Set<number>();
  private gone = false;

  constructor(
    readonly audience: Audience,
    private readonly send: (message: ServerMessage) => void,
  ) {}

  get idle(): boolean {
    return this.inFlight === null && !this.gone;
  }

  get follows(): boolean {
    return this.heldAt === null;
  }

  /** Says the state, then lets frames come. */
  join(reply: number | undefined): void {
    this.audience.add(this);
    this.tellState(reply);
    this.audience.place(this);
  }

  leave(): void {
    this.gone = true;
    this.seeking?.abort();
    this.audience.remove(this);
  }

  setOverlays(requests: readonly OverlayRequest[], reply: number | undefined): void {
    this.requests = requests;
    this.refresh(reply);
  }

  /** Holds at an instant that is held. */
  seek(step: number, reply: number | undefined): void {
    this.heldAt = step;
    this.refresh(reply);
  }

  follow(reply: number | undefined): void {
    this.heldAt = null;
    this.refresh(reply);
  }

  /** The page has drawn `frame`. */
  ack(frame: number): void {
    if (frame !== this.inFlight) return;
    this.inFlight = null;
    if (this.heldAt === null) this.audience.pump(this);
    else this.sendHeld();
  }

  offer(frame: LiveFrame): void {
    const { step } = frame.instant;
    const share = shareOf(frame);
    const completes = step === this.offered && share > this.offeredShare;
    if (!this.idle || !this.follows || (step <= this.offered && !completes)) return;
    this.offered = step;
    this.offeredShare = share;
    this.sendFrame(frame, true);
  }

  tellState(reply: number | undefined): void {
    const { session, members } = this.audience;
    this.send({ ...session.state(this), viewers: members.size, ...(reply === undefined ? {} : { reply }) });
  }

  tellRecorded(recording: RecordingInfo): void {
    this.send({ type: 'recorded', session: this.audience.session.id, recording });
  }

  tellFailure(error: unknown): void {
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
    this.send({ type: 'error', code: 'internal', message });
  }

  /** What is shown has to be shown anew: another instant, or other overlays. */
  private refresh(reply: number | undefined): void {
    this.reply = reply;
    this.offered = -1;
    this.heldFrame = null;
    this.seeking?.abort();
    this.seeking = null;
    this.audience.place(this);
    if (this.heldAt !== null) void this.hold(this.heldAt);
  }

  private async hold(step: number): Promise<void> {
    const instant = this.audience.session.history.at(step);
    if (!instant) return;
    const controller = new Canceller();
    this.seeking = controller;
    try {
      const explained = await this.audience.explain(instant, this.requests, controller.signal, (draft) => {
        if (controller.signal.aborted) return;
        this.heldFrame = { instant, ...draft };
        this.sendHeld();
      });
      if (controller.signal.aborted) return;
      this.heldFrame = { instant, ...explained };
      this.sendHeld();
    } catch (error) {
      if (!(error instanceof CancelledError)) this.tellFailure(error);
    }
  }

  private sendHeld(): void {
    if (!this.idle || !this.heldFrame) return;
    const frame = this.heldFrame;
    this.heldFrame = null;
    this.sendFrame(frame, false);
  }

  private sendFrame({ instant, overlays, companions }: LiveFrame, live: boolean): void {
    const { session } = this.audience;
    this.sendLayout(instant.scene.layout);
    this.inFlight = this.frames++;
    const reply = this.reply;
    this.reply = undefined;
    const { oldest, newest } = session.history;
    this.send({
      ...frameOf(instant),
      ...(reply === undefined ? {} : { reply }),
      frame: this.inFlight,
      session: session.id,
      oldest,
      newest,
      live,
      overlays: overlays.map((overlay, i): Overlay => ({ ...overlay, request: this.requests[i].id })),
      ...beside(
        instant.companions,
        companions.map((overlay) => overlay && { ...overlay, request: this.requests[0].id }),
      ),
    });
  }

  private sendLayout(number: number): void {
    if (this.layouts.has(number)) return;
    const { session } = this.audience;
    const layout = session.history.layout(number);
    if (!layout) throw internalError(`layout ${number} is held by no instant`);
    this.layouts.add(number);
    this.send({ type: 'layout', session: session.id, layout });
  }
}

/** 0 without maps, 1 with all of them finished; the sum grows whenever one gets better. */
function shareOf({ overlays, companions }: LiveFrame): number {
  const all = [...overlays, ...companions].filter((overlay) => overlay !== null);
  const share = (overlay: Overlay): number => (overlay.ok ? (overlay.draft ?? 1) : 1);
  return all.length === 0 ? 0 : all.reduce((sum, overlay) => sum + share(overlay), 0) / all.length;
}

type Sent = Omit<
  FrameMessage,
  'reply' | 'frame' | 'session' | 'oldest' | 'newest' | 'live' | 'overlays' | keyof Beside
>;

type Beside = Pick<FrameMessage, 'companions' | 'companionObservations'>;

/** What the agents beside the session's own saw, thought and did. */
function beside(instants: readonly CompanionInstant[], overlays: readonly (Overlay | null)[]): Beside {
  const size = instants.reduce((sum, { observation }) => sum + observation.length, 0);
  const companionObservations = new Uint8Array(size);
  let end = 0;
  const companions = instants.map((instant, i) => {
    const { policy, seed, levelSeed, episodeStep, waiting, observation } = instant;
    const { action, probabilities, value, reward } = instant;
    const start = end;
    companionObservations.set(observation, start);
    end += observation.length;
    return {
      policy,
      seed,
      levelSeed,
      step: episodeStep,
      waiting,
      observation: [start, end] as [number, number],
      action,
      probabilities: [...probabilities],
      value,
      reward,
      return: instant.return,
      end: instant.end,
      overlay: overlays[i],
    };
  });
  return { companions, companionObservations };
}

function frameOf(instant: HeldInstant): Sent {
  const { episode, step, policy, levelSeed, observation, scene } = instant;
  const { action, actor, probabilities, logits, value, reward, end, waiting } = instant;
  return {
    type: 'frame',
    waiting,
    episode,
    step,
    policy,
    levelSeed,
    observation,
    scene,
    action,
    actor,
    probabilities,
    logits,
    value,
    reward,
    return: instant.return,
    end,
  };
}
