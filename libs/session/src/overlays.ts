/**
 * Overlays that all sessions share: computed once for each distinct (policy, observation, request), whoever asks and
 * however many ask at once, and kept for scrubbing under a limit in bytes.
 */
import { CancelledError, hashBytes } from '@saccade/core';
import type { Overlay, OverlayRequest } from '@saccade/protocol';
import { Canceller } from './canceller.ts';
import type { CancelSignal } from './canceller.ts';
import { comparesWithBefore } from './explaining.ts';
import type { DraftListener, OverlayMap, Sight } from './explaining.ts';
import type { Clock } from './clock.ts';
import type { HeldInstant } from './history.ts';

export interface OverlayEngine {
  /** @param draft is handed what there is of a map that takes long */
  explain(
    hash: string,
    sight: Sight,
    request: OverlayRequest,
    signal?: CancelSignal,
    draft?: DraftListener,
  ): Promise<OverlayMap>;
}

/** What of an instant a map depends on. */
export type Explainable = Pick<HeldInstant, 'policyHash' | 'observation' | 'state' | 'before'>;

/** What a request asks, without what the asker calls it. Equal for equal overlays of one frame. */
export function requestKey({ method, layer, target, factor, options }: OverlayRequest): string {
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([method, layer, target, factor ?? null, sorted]);
}

interface Pending {
  readonly result: Promise<{ readonly map: OverlayMap; readonly milliseconds: number }>;
  readonly controller: Canceller;
  /** Who wants to see drafts. */
  readonly watching: Set<(draft: Draft) => void>;
  /** The last that was shown. */
  draft?: Draft;
  waiting: number;
}

interface Draft {
  readonly map: OverlayMap;
  readonly milliseconds: number;
}

/** Maps that are there within this time come without drafts, and drafts no more often. Milliseconds. */
export const draftInterval = 100;

/** Of the cached maps: about a thousand at 64x64. */
const defaultLimit = 16 * 2 ** 20;
/** Small ones too: two overlays of everything that a session holds. Pages keep what they were sent themselves. */
const mostKept = 2000;
/** Of a map, beside its values: what it is called by, objects around it. Bytes, as measured. */
const overhead = 2000;
/** Of a number in a plain list. */
const numberBytes = 8;

/** Of a cached map, about. */
function bytesOf({ map, channels, factors }: OverlayMap): number {
  const listed = (channels?.positive.length ?? 0) * 2 + (factors?.length ?? 0) * 8;
  return map.byteLength + listed * numberBytes + overhead;
}

export class OverlayService {
  private readonly cache = new Map<string, OverlayMap>();
  private readonly pending = new Map<string, Pending>();
  private bytes = 0;
  /** How often the engine was asked: what tests count. */
  computed = 0;

  constructor(
    private readonly engine: OverlayEngine,
    private readonly clock: Clock,
    private readonly limit = defaultLimit,
  ) {}

  /**
   * What goes wrong is said by the overlay, so that the frame itself still reaches its viewers.
   * @param draft is handed overlays that are not finished, in order, before the promise is settled
   * @throws CancelledError once `signal` is aborted; the computation goes on while others wait for it
   */
  async get(
    instant: Explainable,
    request: OverlayRequest,
    signal: CancelSignal,
    draft?: (overlay: Overlay) => void,
  ): Promise<Overlay> {
    const led = comparesWithBefore(request) ? instant.before : undefined;
    const before = led ? `${hashBytes(led.observation)} ${led.reward} ${led.terminated}` : '';
    const key = `${instant.policyHash} ${hashBytes(instant.observation)} ${before} ${requestKey(request)}`;
    try {
      const cached = this.cache.get(key);
      if (cached) {
        this.cache.delete(key);
        this.cache.set(key, cached);
        return { ok: true, request: request.id, ...cached, milliseconds: 0 };
      }
      const watch =
        draft && (({ map, milliseconds }: Draft) => draft({ ok: true, request: request.id, ...map, milliseconds }));
      const { map, milliseconds } = await this.wait(key, instant, request, signal, watch);
      return { ok: true, request: request.id, ...map, milliseconds };
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
      return { ok: false, request: request.id, error: message };
    }
  }

  private async wait(
    key: string,
    instant: Explainable,
    request: OverlayRequest,
    signal: CancelSignal,
    watch: ((draft: Draft) => void) | undefined,
  ) {
    if (signal.aborted) throw new CancelledError(request.method);
    const pending = this.pending.get(key) ?? this.start(key, instant, request);
    pending.waiting++;
    if (watch) {
      pending.watching.add(watch);
      if (pending.draft) watch(pending.draft);
    }
    let leave = (): void => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new CancelledError(request.method));
      signal.addEventListener('abort', leave);
    });
    try {
      return await Promise.race([pending.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (watch) pending.watching.delete(watch);
      pending.waiting--;
      if (pending.waiting === 0) pending.controller.abort();
    }
  }

  private start(key: string, instant: Explainable, request: OverlayRequest): Pending {
    const controller = new Canceller();
    const began = this.clock.now();
    this.computed++;
    // Also when it is given up: a newcomer must not wait for what is being cancelled.
    const forget = (): void => {
      if (this.pending.get(key) === pending) this.pending.delete(key);
    };
    const since = (): number => Math.round(10 * (this.clock.now() - began)) / 10;
    let held: OverlayMap | undefined;
    let callOff: (() => void) | undefined;
    let shownAt = began;
    const show = (): void => {
      callOff = undefined;
      if (!held || controller.signal.aborted) return;
      pending.draft = { map: held, milliseconds: since() };
      held = undefined;
      shownAt = this.clock.now();
      for (const watch of [...pending.watching]) watch(pending.draft);
    };
    // The newest replaces those that wait; what arrives after its time is shown at once.
    const drafted = (map: OverlayMap): void => {
      held = map;
      const left = shownAt + draftInterval - this.clock.now();
      if (left <= 0) {
        callOff?.();
        show();
      } else callOff ??= this.clock.after(left, show);
    };
    const result = this.engine
      .explain(
        instant.policyHash,
        { observation: instant.observation, state: instant.state, before: instant.before },
        request,
        controller.signal,
        drafted,
      )
      .then((map) => {
        this.keep(key, map);
        return { map, milliseconds: since() };
      })
      .finally(() => {
        held = undefined;
        callOff?.();
        forget();
      });
    // Whoever waits hears of a failure; when nobody waits any more, nobody has to.
    result.catch(() => undefined);
    const pending: Pending = { result, controller, watching: new Set(), waiting: 0 };
    this.pending.set(key, pending);
    controller.signal.addEventListener('abort', forget);
    return pending;
  }

  private keep(key: string, map: OverlayMap): void {
    if (this.cache.has(key)) return;
    this.cache.set(key, map);
    this.bytes += bytesOf(map);
    for (const [oldest, gone] of this.cache) {
      if (this.bytes <= this.limit && this.cache.size <= mostKept) return;
      this.cache.delete(oldest);
      this.bytes -= bytesOf(gone);
    }
  }
}
