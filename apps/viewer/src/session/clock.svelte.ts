/**
 * Where in time the page looks: live, or held at an instant, and how it walks from there. The session plays on
 * meanwhile; nothing here knows how frames come, only that they can be asked for.
 */
import type { ClientMessageInput } from '@saccade/protocol';
import { createSeekPacer } from './seekPacer.ts';

/** What the clock needs of the rest of the page. */
export interface ClockPort {
  send(message: ClientMessageInput): void;
  /** Puts the instant on the screen at once, if its frame is at hand. @returns whether all that is asked of it is */
  recall(step: number): boolean;
  /** Global step of the frame that is on the screen; -1 before the first. */
  shownStep(): number;
  stepsPerSecond(): number;
  /** Does an agent play on beyond the newest step? If not, what is held is all that there is: a recording. */
  endless(): boolean;
}

/** What the page's walk does at the ends: nothing, begin again, or stay within a stretch of steps. */
export type Loop = 'off' | 'all' | 'selection';

/** Global steps, both included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export class Clock {
  /** The instant at which this page holds, or null while it follows live. */
  held = $state<number | null>(null);
  /** Direction in which the page itself walks through what is held; 0 stands still. */
  replay = $state<-1 | 0 | 1>(0);
  /** Global steps that can be seeked to, both included; `newest` -1 before the first. */
  oldest = $state(0);
  newest = $state(-1);
  loop = $state<Loop>('off');
  /** Chosen by hand; what the loop `selection` stays within. */
  selection = $state.raw<Stretch | null>(null);

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
    if (!this.port.endless()) {
      this.seek(this.newest);
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
    this.pacer.want(target, this.port.recall(target));
  }

  goLive(): void {
    if (this.held === null) return;
    this.setReplay(0);
    if (!this.port.endless()) {
      this.seek(this.newest);
      return;
    }
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
    // At the end of a recording there is nothing to walk to: it begins again.
    if (direction > 0 && this.held === this.newest && !this.port.endless()) this.seek(this.oldest);
    this.replay = direction;
    if (direction !== 0) this.replayNext();
  }

  /** Off, all, selection (where there is one), off. */
  nextLoop(): void {
    const order: readonly Loop[] = this.selection ? ['off', 'all', 'selection'] : ['off', 'all'];
    this.setLoop(order[(order.indexOf(this.loop) + 1) % order.length]);
  }

  /** Live, the loop takes hold of the page and walks: otherwise nobody would see it. */
  setLoop(loop: Loop): void {
    this.loop = loop;
    const stretch = this.stretch();
    if (!stretch || this.newest < 0) return;
    const outside = this.held === null || this.held < stretch.from || this.held > stretch.to;
    if (!outside) return;
    this.seek(stretch.from);
    this.setReplay(1);
  }

  /** Chooses the stretch of steps to loop; null drops it. */
  select(stretch: Stretch | null): void {
    if (stretch === null || stretch.from === stretch.to) {
      this.selection = null;
      if (this.loop === 'selection') this.loop = 'off';
      return;
    }
    this.selection = { from: Math.min(stretch.from, stretch.to), to: Math.max(stretch.from, stretch.to) };
  }

  /** Begins or ends the selection at the shown step. */
  selectEdge(edge: keyof Stretch): void {
    if (this.step < 0) return;
    const { from, to } = this.selection ?? { from: this.oldest, to: this.newest };
    const wanted =
      edge === 'from'
        ? { from: this.step, to: Math.max(to, this.step) }
        : { from: Math.min(from, this.step), to: this.step };
    this.select(wanted);
    if (this.selection) this.setLoop('selection');
  }

  /** What the walk stays within, as far as it is still held. */
  private stretch(): Stretch | null {
    const { loop, selection, oldest, newest } = this;
    if (loop === 'off') return null;
    if (loop === 'all' || !selection) return { from: oldest, to: newest };
    const from = Math.max(selection.from, oldest);
    return { from, to: Math.max(Math.min(selection.to, newest), from) };
  }

  /** What can be seeked to has changed. */
  setRange(oldest: number, newest: number): void {
    this.oldest = Math.max(oldest, 0);
    if (this.selection && this.selection.to < this.oldest) this.select(null);
    this.newest = newest;
    if (this.held !== null && this.held < this.oldest) this.seek(this.oldest);
  }

  /** Another session, with a time of its own. */
  reset(): void {
    this.held = null;
    this.replay = 0;
    this.loop = 'off';
    this.selection = null;
  }

  /** An answer to a seek has come: the next one may be asked for. */
  settled(): void {
    this.pacer.settled();
  }

  /** What is asked of the server next is meant for the shown step. */
  tell(): void {
    this.pacer.flush();
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
        const stretch = this.stretch();
        let next = this.held + this.replay;
        if (stretch && (next > stretch.to || next < stretch.from)) next = this.replay > 0 ? stretch.from : stretch.to;
        if (next > this.newest && this.port.endless()) {
          this.goLive();
          this.port.send({ type: 'play' });
          return;
        }
        if (next < this.oldest || next > this.newest) {
          this.setReplay(0);
          return;
        }
        this.seek(next);
      }
      this.replayNext();
    }, 1000 / this.port.stepsPerSecond());
  }
}
