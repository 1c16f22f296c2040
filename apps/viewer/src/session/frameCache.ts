/**
 * What was received of one session: frames by global step, so that scrubbing back shows what was shown then without
 * asking again, and the layouts that they play in. Anything of another session replaces it all.
 */
import type { FrameMessage, Layout } from '@saccade/protocol';

/** More than the episodes that the held instants can belong to. */
const MOST_LAYOUTS = 1100;

export class FrameCache {
  private readonly frames = new Map<number, FrameMessage>();
  private readonly layouts = new Map<number, Layout>();
  private session = '';

  private enter(session: string): void {
    if (session === this.session) return;
    this.frames.clear();
    this.layouts.clear();
    this.session = session;
  }

  addLayout(session: string, layout: Layout): void {
    this.enter(session);
    this.layouts.set(layout.layout, layout);
    for (const number of this.layouts.keys()) {
      if (this.layouts.size <= MOST_LAYOUTS) break;
      this.layouts.delete(number);
    }
  }

  layout(number: number): Layout | undefined {
    return this.layouts.get(number);
  }

  add(frame: FrameMessage): void {
    this.enter(frame.session);
    this.frames.set(frame.step, frame);
    for (const step of this.frames.keys()) {
      if (step < frame.oldest || step > frame.newest) this.frames.delete(step);
    }
  }

  get(step: number): FrameMessage | undefined {
    return this.frames.get(step);
  }
}
