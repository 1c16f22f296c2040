/**
 * The numbers of the steps that are held, whole: what frames brought, and for steps that went by unseen what the
 * server's history says when asked; and what is made of them, advantages and notable moments.
 */
import type { FrameMessage, HistoryMessage } from '@saccade/protocol';
import { advantagesOf, noAdvantages } from './advantages.ts';
import { momentsOf } from './moments.ts';
import type { Moment } from './moments.ts';
import { Timeline } from './timeline.ts';
import type { Row } from './timeline.ts';

const ASK_MS = 400;
const WAIT_MS = 5000;
/** How many instants the page expects to hold before the server says. */
const CAPACITY = 1000;

/** What the numbers need of the rest of the page. */
export interface NumbersPort {
  /** Asks for from <= step < to. */
  ask(from: number, to: number): void;
  /** Can anything be asked? */
  ready(): boolean;
  /** While the page holds at an instant it gets no frames, and hears of newer steps from the history alone. */
  holding(): boolean;
  newest(): number;
  actionTitle(action: number): string;
}

export class Numbers {
  /** Counts changes of the timeline's rows, so that charts know when to draw. */
  rows = $state(0);
  timeline = new Timeline(CAPACITY);
  /** By global step, as last assessed. */
  advantages = $state.raw(noAdvantages);
  moments = $state.raw<readonly Moment[]>([]);

  private readonly port: NumbersPort;
  private pending = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(port: NumbersPort) {
    this.port = port;
  }

  start(): void {
    this.timer = setInterval(() => this.ask(), ASK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Begins anew: another session, or another length of what is held. */
  reset(capacity = this.timeline.capacity): void {
    this.timeline = new Timeline(capacity);
  }

  addFrame(frame: FrameMessage): void {
    if (this.timeline.addFrame(frame)) this.rows++;
  }

  addHistory(history: HistoryMessage): void {
    this.timeline.addHistory(history);
    this.rows++;
  }

  /** The last question was answered, or never will be. */
  settled(): void {
    this.pending = false;
  }

  /** Asks for what is missing, one question at a time. */
  ask(): void {
    if (this.pending || !this.port.ready()) return;
    const missing = this.timeline.missing();
    if (!missing && !this.port.holding()) return;
    this.pending = true;
    const from = missing?.from ?? this.port.newest() + 1;
    this.port.ask(from, missing?.to ?? from + this.timeline.capacity);
  }

  /** Resolves when the numbers of every step are here, those too that went by unseen. Rejects when they do not come. */
  async all(): Promise<void> {
    const deadline = performance.now() + WAIT_MS;
    while (this.timeline.missing()) {
      if (performance.now() > deadline) throw new Error('the server has not sent every step’s numbers');
      this.ask();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Says how the steps of the timeline turned out; whoever draws it calls this first, at a pace of its own. */
  assess(rows: readonly Row[]): void {
    this.advantages = advantagesOf(rows);
    this.moments = momentsOf(rows, this.advantages, (action) => this.port.actionTitle(action));
  }

  /** The nearest notable moment before or after a step. */
  momentFrom(step: number, direction: -1 | 1): Moment | undefined {
    return direction > 0
      ? this.moments.find((moment) => moment.step > step)
      : this.moments.findLast((moment) => moment.step < step);
  }
}
