import { defaultSessionLimits } from '@saccade/session';
import type { SessionLimits } from '@saccade/session';
/** Every bound of the server in one place: its sessions', what one viewer may send, how many there may be. */

export interface ServerLimits extends SessionLimits {
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
}

export const defaultLimits: ServerLimits = {
  ...defaultSessionLimits,
  viewers: 256,
  messageBytes: 32 * 1024,
  // Base64: a recording of four thousand steps, and a policy of 32 MB.
  uploadBytes: { '/api/recordings': 17 * 2 ** 20, '/api/policies': 46 * 2 ** 20 },
  broughtPolicies: 8,
  requests: 1000,
  burst: 400,
  messagesPerSecond: 200,
};
