/**
 * Where in time the page looks: live, or held at an instant, and how it walks from there. The session plays on
 * meanwhile; nothing here knows how frames come, only that they can be asked for.
 */
import type { ClientMessageInput } from '@saccade/protocol';
import { createSeekPacer } from './seekPacer.ts';

/** What the clock needs of the rest of the page. */
export interface ClockPort {
  send(message: ClientMessageInput): void;
  /** Puts the instant on the screen at once, if its frame is at hand. */
  recall(step: number): void;
  /** Global step of the frame that is on the screen; -1 before the first. */
  shownStep(): number;
  stepsPerSecond(): number;
}

export class Clock {
  /** The instant at which this page holds, or null while it follows live. */
  held = $state<number | null>(null);
  /** Direction in which the page itself walks through what is held; 0 stands still. */
  replay = $state<-1 | 0 | 1>(0);
  /** Global steps that can be seeked to, both included; `newest` -1 before the first. */
  oldest = $state(0);
  newest = $state(-1);

  private readonly port: ClockPort;
  private readonly pacer;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: ClockPort) {
    this.port = port;
    this.pacer = createSeekPacer(
      (step) => port.send({ type: 'seek', step }),
      () => performance.now(),
    );
  }

  get step(): number {
    return this.held ?? this.port.shownStep();
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
    this.port.send({ type: 'step', count: target - this.newest });
  }

  /** Holds at the instant with this global step, or the nearest one that is held. */
  seek(step: number): void {
    if (this.newest < 0) return;
    const target = Math.min(Math.max(Math.round(step), this.oldest), this.newest);
    this.held = target;
    this.port.recall(target);
    this.pacer.want(target);
  }

  goLive(): void {
    if (this.held === null) return;
    this.setReplay(0);
    this.held = null;
    this.pacer.forget();
    this.port.send({ type: 'follow' });
  }

  setReplay(direction: -1 | 0 | 1): void {
    clearTimeout(this.timer);
    if (direction > 0 && this.held === null) {
      this.port.send({ type: 'play' });
      return;
    }
    if (direction < 0 && this.held === null) this.seek(this.newest);
    this.replay = direction;
    if (direction !== 0) this.replayNext();
  }

  /** What can be seeked to has changed. */
  setRange(oldest: number, newest: number): void {
    this.oldest = Math.max(oldest, 0);
    this.newest = newest;
    if (this.held !== null && this.held < this.oldest) this.seek(this.oldest);
  }

  /** Another session, with a time of its own. */
  reset(): void {
    this.held = null;
    this.replay = 0;
  }

  /** An answer to a seek has come: the next one may be asked for. */
  settled(): void {
    this.pacer.settled();
  }

  /** No answer will come any more. */
  forget(): void {
    this.pacer.forget();
  }

  stop(): void {
    this.pacer.forget();
    clearTimeout(this.timer);
  }

  private replayNext(): void {
    this.timer = setTimeout(() => {
      if (this.replay === 0 || this.held === null) return;
      // A step whose picture has not come yet is waited for, so that no instant is skipped unseen.
      if (this.port.shownStep() === this.held) {
        const next = this.held + this.replay;
        if (next > this.newest) {
          this.goLive();
          this.port.send({ type: 'play' });
          return;
        }
        if (next < this.oldest) {
          this.setReplay(0);
          return;
        }
        this.seek(next);
      }
      this.replayNext();
    }, 1000 / this.port.stepsPerSecond());
  }
}
