/**
 * What the viewers of a session who ask for the same overlays have in common: their live frames. For each new frame
 * the overlays are computed once, for all of them; who is still drawing the last one simply gets a later one.
 */
import { CancelledError } from '@saccade/core';
import type { Overlay, OverlayRequest } from '@saccade/protocol';
import { Canceller } from './canceller.ts';
import type { CancelSignal } from './canceller.ts';
import type { HeldInstant } from './history.ts';
import type { Session } from './session.ts';

/** The maps of one instant; their `request` is to be replaced by each viewer's own names. */
export interface Explained {
  /** In the order of the requests. */
  readonly overlays: readonly Overlay[];
  /** The first request's, one for each companion; null where nothing was asked. */
  readonly companions: readonly (Overlay | null)[];
}

export interface LiveFrame extends Explained {
  readonly instant: HeldInstant;
}

export interface FeedViewer {
  /** Can it take a frame now? */
  readonly idle: boolean;
  /** Takes the frame, unless it has it already. */
  offer(frame: LiveFrame): void;
}

export class Feed {
  readonly viewers = new Set<FeedViewer>();
  private latest: LiveFrame | undefined;
  /** Of a newer instant than the latest, with maps that are not finished. */
  private draft: LiveFrame | undefined;
  private working = false;
  /** The first maps take their time. */
  private impatient = false;
  private readonly controller = new Canceller();

  constructor(
    private readonly session: Session,
    readonly requests: readonly OverlayRequest[],
    private readonly explain: (
      instant: HeldInstant,
      requests: readonly OverlayRequest[],
      signal: CancelSignal,
      draft: (draft: Explained) => void,
    ) => Promise<Explained>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Offers what there is, and makes what is newer if somebody could take it. */
  pump(): void {
    const ready = this.draft ?? this.latest;
    if (ready) for (const viewer of this.viewers) if (viewer.idle) viewer.offer(ready);
    const newest = this.session.newest();
    if (newest && this.impatient && !ready) this.offerBare(newest);
    if (this.working || !newest || newest === this.latest?.instant) return;
    if (![...this.viewers].some(({ idle }) => idle)) return;
    if (this.requests.length === 0) {
      this.latest = { instant: newest, overlays: [], companions: newest.companions.map(() => null) };
      this.pump();
      return;
    }
    this.working = true;
    this.make(newest)
      .catch((error: unknown) => {
        if (!(error instanceof CancelledError)) this.failed(error);
      })
      .finally(() => {
        this.working = false;
        this.draft = undefined;
        if (this.latest?.instant === newest) this.pump();
      });
  }

  private async make(instant: HeldInstant): Promise<void> {
    const { clock, limits } = this.session.host;
    const wait = this.latest ? undefined : limits.firstFrameWait;
    const callOff =
      wait === undefined
        ? undefined
        : clock.after(wait, () => {
            this.impatient = true;
            this.pump();
          });
    try {
      const explained = await this.explain(instant, this.requests, this.controller.signal, (draft) => {
        this.draft = { instant, ...draft };
        this.pump();
      });
      this.draft = undefined;
      this.latest = { instant, ...explained };
    } finally {
      callOff?.();
    }
  }

  /** Without its maps: where none is there yet, the world alone is better than nothing. */
  private offerBare(instant: HeldInstant): void {
    const frame = { instant, overlays: [], companions: instant.companions.map(() => null) };
    for (const viewer of this.viewers) if (viewer.idle) viewer.offer(frame);
  }

  dispose(): void {
    this.controller.abort();
    this.viewers.clear();
  }
}
