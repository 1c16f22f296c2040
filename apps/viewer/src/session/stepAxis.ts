/** The axis of steps that the scrubber, the episodes and all charts share. */

/** Global steps at its two ends. */
export interface StepDomain {
  readonly first: number;
  readonly last: number;
}

export interface StepAxis extends StepDomain {
  /** Pixels. */
  readonly width: number;
}

/** It grows in a few strides, then slides. @param capacity steps that can be held at most */
export function domainOf(oldest: number, newest: number, capacity: number): StepDomain {
  const held = newest - oldest + 1;
  const span = [200, 500].find((size) => held <= size && size < capacity) ?? capacity;
  return { first: oldest, last: oldest + span - 1 };
}

/** Pixels from the axis's left end. */
export function xOfStep({ first, last, width }: StepAxis, step: number): number {
  return ((step - first) / (last - first)) * width;
}

/** The nearest step. */
export function stepAtX({ first, last, width }: StepAxis, x: number): number {
  return Math.round(first + (x / width) * (last - first));
}
