/**
 * Panes: agents beside the session's own, other policies or other seeds, each drawn with the main lens. The server
 * plays them in step; this says who they are, and paints what they see.
 */
import type { ClientMessageInput, Companion, CompanionRequest, FrameMessage, HelloMessage } from '@saccade/protocol';
import type { PolicyInfo, StateMessage } from '@saccade/protocol';
import { mostPanes } from '@saccade/protocol';
import { pictureOf } from '../scene/overlayPicture.ts';
import type { OverlayPicture, PictureOptions } from '../scene/overlayPicture.ts';
import type { Address } from './address.ts';

export interface Pane {
  readonly agent: Companion;
  readonly policy: PolicyInfo | null;
  /** RGB bytes 0-255, [height, width, 3]. */
  readonly observation: Uint8Array;
  /** Null while there is none. */
  readonly picture: OverlayPicture | null;
  /** Why there is none. */
  readonly problem: string | null;
}

export interface PanesPort {
  send(message: ClientMessageInput): void;
  session(): StateMessage | null;
  frame(): FrameMessage | null;
  hello(): HelloMessage | null;
  /** How the main lens is painted; null while overlays are hidden. */
  paint(signed: boolean): Omit<PictureOptions, 'height' | 'width'> | null;
  /** Global step at which the page holds; null while it follows live. */
  held(): number | null;
  /** Lenses that stand on the same instant, the one on the world included. */
  lenses(): number;
  goLive(): void;
  error(text: string): void;
}

export class Panes {
  private readonly port: PanesPort;

  constructor(port: PanesPort) {
    this.port = port;
  }

  /** What was asked for and not answered yet. */
  private asked = $state.raw<readonly CompanionRequest[] | null>(null);
  /** As the server was last asked for them. */
  readonly agents = $derived.by(
    (): readonly CompanionRequest[] =>
      this.asked ??
      (this.port.session()?.companions ?? []).map(({ policy, seed, levelSeed, ownLevel }) => ({
        policy,
        seed,
        ...(ownLevel ? { levelSeed } : {}),
      })),
  );
  readonly list = $derived.by((): readonly Pane[] => {
    const frame = this.port.frame();
    return (frame?.companions ?? []).map((agent) => this.paneOf(agent, frame as FrameMessage));
  });
  /** How many more there may be, of agents and lenses together. */
  readonly room = $derived.by(() => Math.max(0, mostPanes - this.port.lenses() - this.agents.length));

  private paneOf(agent: Companion, frame: FrameMessage): Pane {
    const policy = this.port.hello()?.policies.find(({ name }) => name === agent.policy) ?? null;
    const observation = frame.companionObservations.subarray(...agent.observation);
    const base = { agent, policy, observation };
    const { overlay } = agent;
    if (!overlay) return { ...base, picture: null, problem: null };
    if (!overlay.ok) return { ...base, picture: null, problem: overlay.error };
    const options = this.port.paint(overlay.signed);
    if (!options) return { ...base, picture: null, problem: null };
    const [height, width] = policy?.observationShape ?? [64, 64];
    try {
      return { ...base, picture: pictureOf(overlay, { ...options, height, width }), problem: null };
    } catch (error) {
      return { ...base, picture: null, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Asks for these agents; the episode comes back to the step at which the page holds, or else to its newest. */
  set(agents: readonly CompanionRequest[]): void {
    const most = mostPanes - this.port.lenses();
    if (agents.length > most) {
      this.port.error(
        `Compare: expected at most ${mostPanes} panes side by side, agents and lenses together, got ${agents.length + this.port.lenses()}`,
      );
      return;
    }
    // Live, what is shown may be on its way back to where another agent was added: the server knows where that is.
    const step = this.port.held();
    this.asked = agents;
    this.port.goLive();
    this.port.send({ type: 'setCompanions', companions: [...agents], ...(step === null ? {} : { step }) });
  }

  /** The server has said who plays, or that it will not have it. */
  settle(): void {
    this.asked = null;
  }

  add(agent: CompanionRequest): void {
    this.set([...this.agents, agent]);
  }

  replace(i: number, change: Partial<CompanionRequest>): void {
    this.set(this.agents.map((agent, at) => (at === i ? { ...agent, ...change } : agent)));
  }

  remove(i: number): void {
    this.set(this.agents.filter((_, at) => at !== i));
  }

  /** What an address wants, in time to be played before anything else. */
  restore({ panes }: Address): void {
    if (panes) this.port.send({ type: 'setCompanions', companions: panes.map((pane) => ({ ...pane })) });
  }

  write(): Address {
    return { panes: this.agents.length > 0 ? this.agents : undefined };
  }
}
