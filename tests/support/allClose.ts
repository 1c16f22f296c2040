/** The one matcher for floats: every element within `absolute + relative * |expected|`, the tolerance stated. */
import { expect } from 'vitest';

export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

interface AllCloseMatchers<R = unknown> {
  toBeAllClose(expected: ArrayLike<number>, tolerance?: Tolerance): R;
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-explicit-any -- merging repeats vitest's own declaration
  interface Matchers<T = any> extends AllCloseMatchers<T> {}
}

expect.extend({
  toBeAllClose(received: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance = {}) {
    const { absolute = 1e-6, relative = 1e-5 } = tolerance;
    if (received.length !== expected.length) {
      return { pass: false, message: () => `expected ${expected.length} values, got ${received.length}` };
    }
    let worst = -1;
    let worstExcess = 0;
    for (let i = 0; i < expected.length; i++) {
      const excess = Math.abs(received[i] - expected[i]) - (absolute + relative * Math.abs(expected[i]));
      if (!(excess <= worstExcess)) {
        worst = i;
        worstExcess = excess;
      }
    }
    return {
      pass: worst === -1,
      message: () =>
        worst === -1
          ? `expected some value to differ by more than ${absolute} + ${relative} |expected|`
          : `value ${worst} of ${expected.length}: expected ${expected[worst]}, got ${received[worst]} (tolerance ${absolute} + ${relative} |expected|)`,
    };
  },
});
