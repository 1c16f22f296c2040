/** What a TD residual is made of, for the report and for people. */

export interface ResidualReport {
  readonly residual: number;
  readonly reward: number;
  readonly gamma: number;
  readonly valueBefore: number;
  /** Null where the episode terminated: nothing follows. */
  readonly discountedValueAfter: number | null;
}

export function residualLine({ residual, reward, gamma, valueBefore, discountedValueAfter }: ResidualReport): string {
  const short = (value: number): string => value.toPrecision(6);
  const after = discountedValueAfter === null ? '0 (the episode terminated)' : short(discountedValueAfter);
  return `TD residual ${short(residual)}: reward ${reward}, value after x ${gamma} ${after}, value before ${short(valueBefore)}`;
}
