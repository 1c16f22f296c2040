/** Every bound of the server in one place: what one session holds, what one viewer may send, how many there may be. */
export interface ServerLimits {
  /** Instants that a session holds, 16 kB each. */
  readonly history: number;
  /** Distinct overlays that a session computes live, and that one viewer may ask for. */
  readonly overlays: number;
  /** Steps a second. */
  readonly slowest: number;
  readonly fastest: number;
  readonly sessions: number;
  readonly viewers: number;
  /** Bytes of one message from a page. */
  readonly messageBytes: number;
  /** Bytes of an upload, by its path; whatever else has a body is held to `messageBytes`. */
  readonly uploadBytes: Readonly<Record<string, number>>;
  /** Policies that pages may bring while the server runs. */
  readonly broughtPolicies: number;
  /** HTTP requests of one address in ten seconds. */
  readonly requests: number;
  /** Messages of one page: this many at once, refilled at this rate a second. */
  readonly burst: number;
  readonly messagesPerSecond: number;
  /** A session without viewers is kept for so long, ms: a page that lost its connection comes back to it. */
  readonly sessionGrace: number;
}

export const defaultLimits: ServerLimits = {
  history: 1000,
  overlays: 4,
  slowest: 0.5,
  fastest: 120,
  sessions: 16,
  viewers: 256,
  messageBytes: 32 * 1024,
  // Base64: a recording of four thousand steps, and a policy of 32 MB.
  uploadBytes: { '/api/recordings': 17 * 2 ** 20, '/api/policies': 46 * 2 ** 20 },
  broughtPolicies: 8,
  requests: 1000,
  burst: 400,
  messagesPerSecond: 200,
  sessionGrace: 5 * 60 * 1000,
};

/** Level seeds are unsigned 32-bit integers. */
export const largestSeed = 2 ** 32 - 1;
/** Speed of a new session, steps a second: CoinRun's own pace. */
export const defaultSpeed = 15;
