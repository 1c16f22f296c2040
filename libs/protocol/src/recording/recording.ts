/** A recording as it is in memory; docs/recordings.md describes its files. */
import type { RecordingEvent } from './events.ts';
import type { Manifest } from './manifest.ts';
import type { RecordedStep } from './steps.ts';

export interface Recording {
  readonly manifest: Manifest;
  readonly steps: readonly RecordedStep[];
  readonly events: readonly RecordingEvent[];
}
