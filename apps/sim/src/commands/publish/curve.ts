/** The learning curve of a card: share of levels solved against environment steps, in training and held out. */

interface Point {
  readonly steps: number;
  readonly share: number;
}

const width = 720;
const height = 300;
const margin = { left: 56, right: 16, top: 36, bottom: 44 };

function path(points: readonly Point[], x: (steps: number) => number, y: (share: number) => number): string {
  return points
    .map(({ steps, share }, i) => `${i === 0 ? 'M' : 'L'}${x(steps).toFixed(1)} ${y(share).toFixed(1)}`)
    .join('');
}

/** Means over about sixty stretches: single rollouts are noisy. */
function smoothed(points: readonly Point[]): Point[] {
  const size = Math.max(1, Math.floor(points.length / 60));
  const stretches: Point[] = [];
  for (let i = 0; i + size <= points.length; i += size) {
    const stretch = points.slice(i, i + size);
    stretches.push({
      steps: stretch[stretch.length - 1].steps,
      share: stretch.reduce((sum, point) => sum + point.share, 0) / size,
    });
  }
  return stretches;
}

function pointsOf(entries: readonly Record<string, unknown>[]): Point[] {
  return entries.flatMap(({ steps, solveRate }) =>
    typeof steps === 'number' && typeof solveRate === 'number' ? [{ steps, share: solveRate }] : [],
  );
}

/** @param training lines of curve.jsonl; @param heldOut lines of evaluations.jsonl. Returns SVG. */
export function curvePicture(
  training: readonly Record<string, unknown>[],
  heldOut: readonly Record<string, unknown>[],
): string {
  const trained = smoothed(pointsOf(training));
  const tested = pointsOf(heldOut);
  const last = Math.max(1, ...[...trained, ...tested].map(({ steps }) => steps));
  const x = (steps: number): number => margin.left + ((width - margin.left - margin.right) * steps) / last;
  const y = (share: number): number => height - margin.bottom - (height - margin.top - margin.bottom) * share;
  const shares = [0, 0.25, 0.5, 0.75, 1];
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * last);
  const text = (px: number, py: number, anchor: string, words: string, style = 'l'): string =>
    `<text class="${style}" x="${px.toFixed(1)}" y="${py.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" role="img" aria-label="Share of levels solved against environment steps">
<style>.b{fill:#fbfbfd}.g{stroke:#d8dce6}.l{fill:#5b6478;font-size:12px}.a{stroke:#3b6fd4;fill:none;stroke-width:2}.h{stroke:#d9822b;fill:none;stroke-width:2}.ha{fill:#d9822b}.t{fill:#1a1f2e;font-size:13px;font-weight:600}@media (prefers-color-scheme:dark){.b{fill:#11141c}.g{stroke:#2a3142}.l{fill:#a5aec2}.t{fill:#eef1f8}}</style>
<rect class="b" width="${width}" height="${height}" rx="10"/>
${shares.map((share) => `<line class="g" x1="${margin.left}" x2="${width - margin.right}" y1="${y(share)}" y2="${y(share)}"/>${text(margin.left - 8, y(share) + 4, 'end', `${share * 100}%`)}`).join('\n')}
${ticks.map((steps) => text(x(steps), height - margin.bottom + 18, 'middle', `${(steps / 1e6).toFixed(2)}`)).join('\n')}
${text(width / 2, height - 8, 'middle', 'environment steps, millions')}
${text(margin.left, 20, 'start', 'Levels solved', 't')}
<path class="a" d="M${width - 300} 16h24"/>${text(width - 270, 20, 'start', 'in training')}
<path class="h" d="M${width - 160} 16h24"/>${text(width - 130, 20, 'start', 'held-out levels')}
<path class="a" d="${path(trained, x, y)}"/>
<path class="h" d="${path(tested, x, y)}"/>
${tested.map(({ steps, share }) => `<circle class="ha" cx="${x(steps).toFixed(1)}" cy="${y(share).toFixed(1)}" r="3"/>`).join('')}
</svg>
`;
}
