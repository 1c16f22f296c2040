/** A map of an attribution method, with what it is a map of. */
import type { Attribution } from '@saccade/attribution';
import type { NamedTarget } from './target.ts';

export interface Explanation extends Attribution {
  readonly method: string;
  readonly layer: string;
  readonly target: NamedTarget;
  /** Why maps of this method mislead, where they do. */
  readonly warning?: string;
}
