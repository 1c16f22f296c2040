/** Time, handed in: who hosts a session has a clock, libs have none. */
export interface Clock {
  /** Milliseconds on a steady clock. */
  now(): number;
  /** Runs `work` once, so many milliseconds from now. @returns what calls it off */
  after(milliseconds: number, work: () => void): () => void;
}
