/**
 * The charts under the scrubber: small multiples that share its axis of steps. uPlot draws; where in time the page
 * looks, and pointing, belong to the timeline around them.
 */
import uPlot from 'uplot';
import type { Row } from '../session/timeline.ts';

export interface ChartColours {
  readonly line: string;
  readonly fill: string;
  readonly bar: string;
  readonly grid: string;
  readonly text: string;
  readonly font: string;
}

export interface ChartSpec {
  readonly of: (row: Row) => number | null;
  readonly bars: boolean;
  /** Range of the vertical axis from the smallest and largest known value. */
  readonly range: (least: number, most: number) => readonly [number, number];
  /** Places on the vertical axis that are labelled. */
  readonly ticks: (low: number, high: number) => number[];
  /** Draws the axis of steps below itself. */
  readonly steps: boolean;
}

/** Pixels: room for the labels of the vertical axis, and for the steps below the last chart. */
export const AXIS_WIDTH = 40;
export const STEPS_HEIGHT = 22;

export interface Chart {
  resize(width: number, height: number): void;
  /** Rows in order; the axis goes from `first` to `last`. */
  draw(rows: readonly Row[], first: number, last: number): void;
  destroy(): void;
}

/** Columns for uPlot: a gap wherever a new episode begins. */
export function columnsOf(rows: readonly Row[], of: (row: Row) => number | null): [number[], (number | null)[]] {
  const steps: number[] = [];
  const values: (number | null)[] = [];
  let before: Row | undefined;
  for (const row of rows) {
    if (before && before.episode !== row.episode) {
      steps.push(before.step + 0.5);
      values.push(null);
    }
    steps.push(row.step);
    values.push(of(row));
    before = row;
  }
  return [steps, values];
}

export function createChart(host: HTMLElement, spec: ChartSpec, colours: () => ChartColours): Chart {
  let first = 0;
  let last = 1;
  let low = 0;
  let high = 1;
  const axis = {
    stroke: () => colours().text,
    ticks: { show: false },
    border: { show: false },
  };
  const font = colours().font;
  const plot = new uPlot(
    {
      width: 100,
      height: 40,
      padding: [5, 0, spec.steps ? 0 : 5, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false, range: () => [first, last] }, y: { range: () => [low, high] } },
      series: [
        {},
        {
          stroke: () => (spec.bars ? colours().bar : colours().line),
          fill: () => (spec.bars ? colours().bar : colours().fill),
          width: spec.bars ? 0 : 1.5,
          spanGaps: false,
          points: { show: false },
          ...(spec.bars ? { paths: uPlot.paths.bars?.({ size: [1, 3, 3], align: 0 }) } : {}),
        },
      ],
      axes: [
        { ...axis, show: spec.steps, size: STEPS_HEIGHT, gap: 4, font, grid: { show: false }, space: 90 },
        {
          ...axis,
          size: AXIS_WIDTH,
          gap: 6,
          font,
          grid: { stroke: () => colours().grid, width: 1 },
          splits: () => spec.ticks(low, high),
          values: (_, splits) => splits.map((value) => String(Number(value.toFixed(1))).replace('-', '\u2212')),
        },
      ],
    },
    [[], []],
    host,
  );
  return {
    resize: (width, height) => plot.setSize({ width, height }),
    draw(rows, from, to) {
      first = from;
      last = to;
      let least = Infinity;
      let most = -Infinity;
      for (const row of rows) {
        const value = spec.of(row);
        if (value === null) continue;
        if (value < least) least = value;
        if (value > most) most = value;
      }
      [low, high] = spec.range(least, most);
      plot.setData(columnsOf(rows, spec.of));
    },
    destroy: () => plot.destroy(),
  };
}
