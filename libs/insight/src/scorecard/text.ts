/** A scorecard for a terminal: all methods by all metrics, one grid a target. */
import { scorecardTargets } from './frameMaps.ts';
import { scorecardMetrics } from './metrics.ts';
import type { ScorecardMetric } from './metrics.ts';
import type { ScoredPolicy } from './report.ts';
import { scorecardControls } from './score.ts';

const significance = 0.05;

/** Numbers as mean +- half of the 95% interval; * better than the best control. */
export function scorecardLines({ name, scores, comparisons }: ScoredPolicy, methods: readonly string[]): string[] {
  const metrics = Object.keys(scorecardMetrics) as ScorecardMetric[];
  return scorecardTargets.flatMap((target) => {
    const header = [
      '',
      ...metrics.map((metric) => `${metric}${scorecardMetrics[metric].better === 'higher' ? '↑' : '↓'}`),
    ];
    const rows = [...methods, ...scorecardControls].map((map) => [
      `${map}${scores.checks[map]?.fails ? ' †' : ''}`,
      ...metrics.map((metric) => {
        const entry = comparisons[target][metric].entries[map];
        if (entry === undefined) return '–';
        const { estimate, low, high } = entry.mean;
        const better = (entry.advantage?.estimate ?? 0) > 0 && (entry.adjusted ?? 1) < significance;
        return `${estimate.toFixed(3)}±${((high - low) / 2).toFixed(3)}${better ? '*' : ''}`;
      }),
    ]);
    const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
    const line = (row: readonly string[]): string =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
    return [
      `${name}, ${target === 'value' ? 'value' : 'logit of the action taken, less the mean'}:`,
      ...[header, ...rows].map(line),
      '',
    ];
  });
}
