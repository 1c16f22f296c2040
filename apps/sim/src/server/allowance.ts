/** A bucket of tokens: how many messages somebody may still send. */
export interface Allowance {
  /** Takes one; false when there is none. */
  take(): boolean;
  /** How many were refused since one was last granted. */
  readonly refused: number;
}

/** @param now milliseconds on any steady clock */
export function createAllowance(burst: number, perSecond: number, now: () => number): Allowance {
  let tokens = burst;
  let filled = now();
  let refused = 0;
  return {
    take() {
      const time = now();
      tokens = Math.min(burst, tokens + ((time - filled) * perSecond) / 1000);
      filled = time;
      if (tokens < 1) {
        refused++;
        return false;
      }
      tokens--;
      refused = 0;
      return true;
    },
    get refused() {
      return refused;
    },
  };
}
