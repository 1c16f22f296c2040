/** One row of a benchmark, as people and machines read it. */

export interface Row {
  /** Suite-unique, such as `coinrun-hard/1-core`. */
  readonly name: string;
  /** Median. */
  readonly value: number;
  /** `steps/s`, `ms` ... */
  readonly unit: string;
  /** Smallest and largest of the runs. */
  readonly spread: readonly [number, number];
  /** Milliseconds of the fixed calibration loop, measured beside this row: how fast the machine was just then. */
  readonly calibration: number;
  /** What was timed beside it in the same run, or why nothing was: `unavailable: ...`. */
  readonly peer?: string;
  readonly peerValue?: number;
  /** How many times better than the peer, above 1 being better. */
  readonly ratio?: number;
  /** The same by processor time over all threads, from the turn of least time of each: other work disturbs it less. */
  readonly processorRatio?: number;
  /** What else a reader needs to know. */
  readonly note?: string;
}

export interface Report {
  row(row: Omit<Row, 'calibration'>): void;
}

const number = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

/** A fixed amount of arithmetic, ms: absolute figures of two machines compare through it. */
export function calibrationLoop(): number {
  const start = performance.now();
  let x = 1;
  for (let i = 1; i <= 20_000_000; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  if (x === 0) throw new Error('internal: the calibration loop was optimised away');
  return performance.now() - start;
}

/** Prints rows as they come: JSON lines for machines, a table for people. */
export function createReport(json: boolean, write: (line: string) => void): Report {
  if (!json) write(`${'name'.padEnd(44)}${'median'.padStart(12)}  ${'unit'.padEnd(12)}${'spread'.padEnd(24)}against`);
  return {
    row(given) {
      const row: Row = { ...given, calibration: calibrationLoop() };
      if (json) return write(JSON.stringify(row));
      const { name, value, unit, spread, peer, peerValue, ratio, processorRatio, note } = row;
      const byProcessor = processorRatio === undefined ? '' : `, ${processorRatio.toFixed(2)}x by processor time`;
      const against =
        peer === undefined
          ? ''
          : peerValue === undefined
            ? peer
            : `${peer} ${number(peerValue)}${ratio === undefined ? '' : ` (${ratio.toFixed(2)}x${byProcessor})`}`;
      write(
        `${name.padEnd(44)}${number(value).padStart(12)}  ${unit.padEnd(12)}${spread.map(number).join(' to ').padEnd(24)}${against}${note ? ` [${note}]` : ''}`,
      );
    },
  };
}
