/** All sessions of a host: makes them, finds them, and lets go of those that nobody watches any more. */
import { Audience } from './audience.ts';
import type { SessionHost } from './host.ts';
import { Session } from './session.ts';
import type { SessionStart } from './session.ts';

interface Entry {
  readonly audience: Audience;
  /** When its last viewer left, ms; undefined while it is watched. */
  leftAt: number | undefined;
}

export class Directory {
  private readonly entries = new Map<string, Entry>();
  private callOff: () => void = () => undefined;

  constructor(readonly host: SessionHost) {
    this.sweepLater();
  }

  get size(): number {
    return this.entries.size;
  }

  find(id: string): Audience | undefined {
    return this.entries.get(id)?.audience;
  }

  /** Undefined when there are as many sessions as there may be, all of them watched. */
  create(start: Omit<SessionStart, 'id'>): Audience | undefined {
    if (this.entries.size >= this.host.limits.sessions && !this.makeRoom()) return undefined;
    const id = this.host.newId();
    const session = new Session({ ...start, id }, this.host);
    const audience = new Audience(session);
    this.entries.set(id, { audience, leftAt: this.host.clock.now() });
    return audience;
  }

  /** To be called when a viewer has joined or left. */
  noteViewers(audience: Audience): void {
    const entry = this.entries.get(audience.session.id);
    if (entry) entry.leftAt = audience.members.size > 0 ? undefined : this.host.clock.now();
  }

  dispose(): void {
    this.callOff();
    for (const { audience } of this.entries.values()) audience.session.dispose();
    this.entries.clear();
  }

  private sweepLater(): void {
    const { clock, limits } = this.host;
    this.callOff = clock.after(Math.min(limits.sessionGrace, 30_000), () => {
      this.sweep();
      this.sweepLater();
    });
  }

  private sweep(): void {
    const now = this.host.clock.now();
    for (const [id, { leftAt }] of this.entries) {
      if (leftAt !== undefined && now - leftAt > this.host.limits.sessionGrace) this.remove(id);
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
