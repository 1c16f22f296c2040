/** What sessions are lent by whoever hosts them: a server, or a page for itself. */
import type { Recording, RecordingInfo } from '@saccade/protocol';
import type { Clock } from './clock.ts';
import type { ActingPolicy } from './frames.ts';
import type { SessionLimits } from './limits.ts';
import type { OverlayService } from './overlays.ts';

export interface SessionHost {
  readonly clock: Clock;
  readonly limits: SessionLimits;
  readonly overlays: OverlayService;
  /** Of the package: recordings say it. */
  readonly version: string;
  /** @param hash of the policy's bytes @param observation bytes 0-255, [height, width, channel] */
  act(hash: string, observation: Uint8Array): ReturnType<ActingPolicy['act']>;
  /** Puts a recording where others find it; left out where there is no such place. */
  readonly keep?: (recording: Recording) => Promise<RecordingInfo>;
  /** A name that nobody guesses: who knows a session's name may join it. */
  newId(): string;
}
