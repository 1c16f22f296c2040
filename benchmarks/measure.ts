/** Timing: the median of five runs, after one that does not count. */

export interface Measurement {
  readonly median: number;
  readonly spread: readonly [number, number];
}

const runs = 5;

export function medianOf(values: readonly number[]): Measurement {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], spread: [sorted[0], sorted[sorted.length - 1]] };
}

/** Calls `run` once unmeasured and five times measured. Returns what `figure` makes of the seconds of each. */
export async function measure(
  run: () => Promise<void> | void,
  figure: (seconds: number) => number,
): Promise<Measurement> {
  await run();
  const values: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await run();
    values.push(figure((performance.now() - start) / 1000));
  }
  return medianOf(values);
}
