/**
 * The viewers of one session: groups them into feeds, decides which overlays are computed, and answers who holds at
 * an earlier instant.
 */
import type { Overlay, OverlayRequest, RecordingInfo } from '@saccade/protocol';
import type { CancelSignal } from './canceller.ts';
import { Feed } from './feed.ts';
import type { Explained, FeedViewer } from './feed.ts';
import type { HeldInstant } from './history.ts';
import { requestKey } from './overlays.ts';
import type { Explainable } from './overlays.ts';
import type { Session, SessionListener } from './session.ts';

/** What the audience must know of a viewer. */
export interface AudienceMember extends FeedViewer {
  readonly requests: readonly OverlayRequest[];
  /** Does it follow live? */
  readonly follows: boolean;
  /** The shared state has changed. */
  tellState(reply: number | undefined): void;
  tellRecorded(info: RecordingInfo): void;
  tellFailure(error: unknown): void;
}

export class Audience implements SessionListener {
  readonly members = new Set<AudienceMember>();
  private readonly feeds = new Map<string, Feed>();

  constructor(readonly session: Session) {}

  /** The others hear of it; the member itself is to be told the state, and then placed. */
  add(member: AudienceMember): void {
    this.members.add(member);
    this.session.listeners.add(this);
    for (const other of this.members) if (other !== member) other.tellState(undefined);
    this.session.wake();
  }

  remove(member: AudienceMember): void {
    this.members.delete(member);
    this.session.control.release(member);
    this.place(member);
    if (this.members.size === 0) this.session.listeners.delete(this);
    this.changed();
  }

  /** Puts a member into the feed of its present requests; to be called whenever they or `follows` change. */
  place(member: AudienceMember): void {
    const key = keyOf(member.requests);
    const wanted = this.members.has(member) && member.follows;
    if (wanted && !this.feeds.has(key)) this.feeds.set(key, this.open(member.requests));
    for (const [other, feed] of this.feeds) {
      if (wanted && other === key) feed.viewers.add(member);
      else feed.viewers.delete(member);
      if (feed.viewers.size > 0) continue;
      feed.dispose();
      this.feeds.delete(other);
    }
    this.pump(member);
  }

  private open(requests: readonly OverlayRequest[]): Feed {
    return new Feed(
      this.session,
      requests,
      (instant, wanted, signal, draft) => this.explain(instant, wanted, signal, draft),
      (error) => this.failed(error),
    );
  }

  /** A member has become idle. */
  pump(member: AudienceMember): void {
    this.feeds.get(keyOf(member.requests))?.pump();
  }

  /** The first few distinct overlays that members asked for, in the order in which they came. */
  private computed(): Set<string> {
    const keys = new Set<string>();
    for (const { requests } of this.members) for (const request of requests) keys.add(requestKey(request));
    return new Set([...keys].slice(0, this.session.host.limits.overlays));
  }

  /**
   * Overlays of one instant, in the order of the requests, and the first request's of each companion. All of them
   * together are at most as many as a session computes live.
   * @param draft is handed what there is, once there is something of each and whenever one gets better
   * @throws CancelledError
   */
  async explain(
    instant: HeldInstant,
    requests: readonly OverlayRequest[],
    signal: CancelSignal,
    draft?: (draft: Explained) => void,
  ): Promise<Explained> {
    const allowed = this.computed();
    const { overlays, limits } = this.session.host;
    const refused = ({ id }: OverlayRequest): Overlay => {
      const error = `overlay: expected at most ${limits.overlays} different overlays in a session, got one more: its viewers share them`;
      return { ok: false, request: id, error };
    };
    const wanted = requests.length;
    const slots = new Array<Overlay | null | undefined>(wanted + instant.companions.length).fill(undefined);
    const put = (slot: number, overlay: Overlay | null): void => {
      slots[slot] = overlay;
      if (!draft || !slots.some((one) => one?.ok && one.draft !== undefined)) return;
      const all = slots.filter((one) => one !== undefined);
      if (all.length < slots.length) return;
      draft({ overlays: all.slice(0, wanted).filter((one) => one !== null), companions: all.slice(wanted) });
    };
    const get = async (slot: number, of: Explainable, request: OverlayRequest): Promise<Overlay> => {
      const overlay = await overlays.get(of, request, signal, (unfinished) => put(slot, unfinished));
      put(slot, overlay);
      return overlay;
    };
    const refuse = (slot: number, request: OverlayRequest): Overlay => {
      put(slot, refused(request));
      return refused(request);
    };
    const own = requests.map((request, i) =>
      allowed.has(requestKey(request)) ? get(i, instant, request) : refuse(i, request),
    );
    const [first] = requests;
    const beside = instant.companions.map((companion, i) => {
      const slot = wanted + i;
      if (!first) {
        put(slot, null);
        return null;
      }
      const refusing = !allowed.has(requestKey(first)) || i >= limits.overlays - allowed.size;
      return refusing ? refuse(slot, first) : get(slot, companion, first);
    });
    // Together: who leaves cancels all of them, and a rejection that nobody awaits yet would end the whole server.
    const [made, companions] = await Promise.all([Promise.all(own), Promise.all(beside)]);
    return { overlays: made, companions };
  }

  played(): void {
    for (const feed of this.feeds.values()) feed.pump();
  }

  changed(): void {
    for (const member of this.members) member.tellState(undefined);
  }

  recorded(info: RecordingInfo): void {
    for (const member of this.members) member.tellRecorded(info);
  }

  failed(error: unknown): void {
    for (const member of this.members) member.tellFailure(error);
  }
}

function keyOf(requests: readonly OverlayRequest[]): string {
  return requests.map(requestKey).join(' ');
}
