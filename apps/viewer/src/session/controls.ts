/**
 * What people do to the session that all its viewers share: its pace, its policy, its level, and who plays. Where this
 * page looks is the clock's matter.
 */
import type { ClientMessageInput, StateMessage } from '@saccade/protocol';

/** What the controls need of the rest of the page. */
export interface ControlsPort {
  send(message: ClientMessageInput): void;
  session(): StateMessage | null;
  /** Steps a second that are offered, in order. */
  speeds(): readonly number[];
  /** Global step on the screen. */
  step(): number;
  /** Whoever changes the agent's course wants to see what comes of it. */
  goLive(): void;
}

export class Controls {
  private readonly port: ControlsPort;

  constructor(port: ControlsPort) {
    this.port = port;
  }

  togglePlay(): void {
    this.port.send({ type: this.port.session()?.playing ? 'pause' : 'play' });
  }

  setSpeed(stepsPerSecond: number): void {
    this.port.send({ type: 'setSpeed', stepsPerSecond });
  }

  changeSpeed(direction: -1 | 1): void {
    const now = this.port.session()?.stepsPerSecond ?? 0;
    const speeds = this.port.speeds();
    const next = direction > 0 ? speeds.find((speed) => speed > now) : speeds.findLast((speed) => speed < now);
    if (next !== undefined) this.setSpeed(next);
  }

  setPolicy(policy: string): void {
    this.port.goLive();
    this.port.send({ type: 'setPolicy', policy });
  }

  setLevel(levelSeed: number): void {
    this.port.goLive();
    this.port.send({ type: 'setLevel', levelSeed });
  }

  /** A level of one's own; what is wrong with it the server says. */
  setLevelText(text: string): void {
    this.port.goLive();
    this.port.send({ type: 'setLevelText', text });
  }

  nextLevel(): void {
    this.port.goLive();
    this.port.send({ type: 'nextLevel' });
  }

  /** Takes the controls of the session, or gives them back to its policy. */
  toggleSteering(): void {
    if (this.port.session()?.yours) {
      this.port.send({ type: 'handBack' });
      return;
    }
    if (this.port.session()?.recording) this.port.send({ type: 'branch', step: this.port.step() });
    else this.port.goLive();
    this.port.send({ type: 'takeOver' });
  }

  /** From the shown step of a recording the agent plays on: the same world, a future of its own. */
  playOn(): void {
    this.port.send({ type: 'branch', step: this.port.step() });
    this.port.send({ type: 'play' });
  }

  /** What whoever took over wants from now on. */
  act(action: number): void {
    this.port.send({ type: 'act', action });
  }
}
