/** Every bound of a session in one place. */
export interface SessionLimits {
  /** Instants that a session holds, 16 kB each. */
  readonly history: number;
  /** Distinct overlays that a session computes live, and that one viewer may ask for. */
  readonly overlays: number;
  /** Steps a second. */
  readonly slowest: number;
  readonly fastest: number;
  readonly sessions: number;
  /** A session without viewers is kept for so long, ms: a page that lost its connection comes back to it. */
  readonly sessionGrace: number;
  /**
   * A viewer who has no frame yet gets one without its maps after so long, ms; left out: it waits for them.
   */
  readonly firstFrameWait?: number;
}

export const defaultSessionLimits: SessionLimits = {
  history: 1000,
  overlays: 4,
  slowest: 0.5,
  fastest: 120,
  sessions: 16,
  sessionGrace: 5 * 60 * 1000,
};

/** Level seeds are unsigned 32-bit integers. */
export const largestSeed = 2 ** 32 - 1;
/** Speed of a new session, steps a second: CoinRun's own pace. */
export const defaultSpeed = 15;
