/** The value through the episode, with its ends: an SVG that stretches to its place, and a slider that lies on it. */
import { fixed } from '@saccade/insight';
import type { AnnotatedFrame } from '@saccade/protocol';
import { drawing, element } from './dom.ts';

export interface Chart {
  readonly root: HTMLElement;
  readonly slider: HTMLInputElement;
  show(at: number, text: string): void;
}

const HEIGHT = 100;

/** Runs of frames of one episode. */
function runsOf(frames: readonly AnnotatedFrame[]): (readonly [from: number, to: number])[] {
  const runs: [number, number][] = [];
  frames.forEach(({ episode }, i) => {
    if (i > 0 && frames[i - 1].episode === episode) runs[runs.length - 1][1] = i;
    else runs.push([i, i]);
  });
  return runs;
}

export function createChart(frames: readonly AnnotatedFrame[], seek: (at: number) => void): Chart {
  const last = Math.max(1, frames.length - 1);
  const values = frames.map(({ value }) => value);
  const low = Math.min(0, ...values);
  const high = Math.max(low + 1e-6, ...values);
  const yOf = (value: number): number => (1 - (value - low) / (high - low)) * HEIGHT;
  const svg = drawing('svg', {
    viewBox: `0 0 ${last} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
    class: 'plot',
  });
  for (const [from, to] of runsOf(frames)) {
    const points = values.slice(from, to + 1).map((value, i) => `${from + i} ${yOf(value).toFixed(2)}`);
    const line = `M${points.join('L')}`;
    svg.append(
      drawing('path', { class: 'area', d: `${line}L${to} ${HEIGHT}L${from} ${HEIGHT}Z` }),
      drawing('path', { class: 'line', d: line, 'vector-effect': 'non-scaling-stroke' }),
    );
  }
  const playhead = element('span', { class: 'playhead' });
  const marks = frames.flatMap(({ end, action }, i) =>
    end && action !== null
      ? [
          element('span', {
            class: `mark ${end.cause === 'coin' ? 'good' : 'bad'}`,
            style: `left:${(100 * i) / last}%`,
          }),
        ]
      : [],
  );
  const slider = element('input', {
    type: 'range',
    min: 0,
    max: frames.length - 1,
    value: 0,
    'aria-label': 'Step',
    input: (event: Event) => seek(Number((event.currentTarget as HTMLInputElement).value)),
  });
  const root = element(
    'div',
    { class: 'chart' },
    element('span', { class: 'axis high' }, fixed(high, 1)),
    element('span', { class: 'axis low' }, fixed(low, 1)),
    element('div', { class: 'area-of-plot' }, svg, ...marks, playhead, slider),
  );
  return {
    root,
    slider,
    show(at, text) {
      slider.value = String(at);
      slider.setAttribute('aria-valuetext', text);
      playhead.style.left = `${(100 * at) / last}%`;
    },
  };
}
