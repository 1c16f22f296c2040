/** How an evaluation's summary reads, for people and for machines. */
import type { EvaluationSummary } from '@saccade/agent';

export interface NamedSummary extends EvaluationSummary {
  readonly name: string;
}

/** What a machine reads; names as in published tables. */
export function asDocument(summary: NamedSummary): Record<string, unknown> {
  const { name, episodes, solveRate, interval, meanReturn, meanLength, failures } = summary;
  return {
    name,
    solve_rate: solveRate,
    ci95: interval,
    episodes,
    mean_return: meanReturn,
    mean_length: meanLength,
    failures,
  };
}

export const percentText = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** `saw 12, lava 3`, the commonest first */
export function failuresText(failures: EvaluationSummary['failures']): string {
  const causes = Object.entries(failures)
    .sort(([, a], [, b]) => b - a)
    .map(([cause, count]) => `${cause} ${count}`);
  return causes.join(', ') || 'none';
}

export function asLine({ name, solveRate, interval, meanReturn, failures }: NamedSummary): string {
  const share = `${percentText(solveRate).padStart(6)} solved (95%: ${interval.map(percentText).join(' to ')})`;
  return `${name.padEnd(34)} ${share}, mean return ${meanReturn.toFixed(2)}, failures: ${failuresText(failures)}`;
}
