/** All sessions of a server: makes them, finds them, and lets go of those that nobody watches any more. */
import { randomBytes } from 'node:crypto';
import type { RecordingInfo } from '@saccade/protocol';
import type { Recording } from '../storage/recordings.ts';
import { Audience } from './audience.ts';
import type { ServerLimits } from './limits.ts';
import { Session } from './session.ts';
import type { SessionStart } from './session.ts';
import type { OverlayService } from './overlays.ts';
import type { ActingPolicy } from '../workers/frames.ts';

interface Entry {
  readonly audience: Audience;
  /** When its last viewer left, ms; undefined while it is watched. */
  leftAt: number | undefined;
}

export class Directory {
  private readonly entries = new Map<string, Entry>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    private readonly overlays: OverlayService,
    private readonly limits: ServerLimits,
    private readonly act: (hash: string, observation: Uint8Array) => ReturnType<ActingPolicy['act']>,
    private readonly keep: (recording: Recording) => Promise<RecordingInfo>,
  ) {
    this.sweeper = setInterval(() => this.sweep(), Math.min(limits.sessionGrace, 30_000));
    this.sweeper.unref();
  }

  get size(): number {
    return this.entries.size;
  }

  find(id: string): Audience | undefined {
    return this.entries.get(id)?.audience;
  }

  /** Undefined when there are as many sessions as there may be, all of them watched. */
  create(start: Omit<SessionStart, 'id'>): Audience | undefined {
    if (this.entries.size >= this.limits.sessions && !this.makeRoom()) return undefined;
    // Unguessable: who knows a session's name may join it.
    const id = randomBytes(9).toString('base64url');
    const session = new Session({ ...start, id }, this.overlays, this.limits, this.act, this.keep);
    const audience = new Audience(session);
    this.entries.set(id, { audience, leftAt: performance.now() });
    return audience;
  }

  /** To be called when a viewer has joined or left. */
  noteViewers(audience: Audience): void {
    const entry = this.entries.get(audience.session.id);
    if (entry) entry.leftAt = audience.members.size > 0 ? undefined : performance.now();
  }

  dispose(): void {
    clearInterval(this.sweeper);
    for (const { audience } of this.entries.values()) audience.session.dispose();
    this.entries.clear();
  }

  private sweep(): void {
    const now = performance.now();
    for (const [id, { leftAt }] of this.entries) {
      if (leftAt !== undefined && now - leftAt > this.limits.sessionGrace) this.remove(id);
    }
  }

  /** Removes the session that has been without viewers for longest. */
  private makeRoom(): boolean {
    const unwatched = [...this.entries].filter(([, { leftAt }]) => leftAt !== undefined);
    const oldest = unwatched.sort(([, a], [, b]) => (a.leftAt ?? 0) - (b.leftAt ?? 0))[0];
    if (!oldest) return false;
    this.remove(oldest[0]);
    return true;
  }

  private remove(id: string): void {
    this.entries.get(id)?.audience.session.dispose();
    this.entries.delete(id);
  }
}
