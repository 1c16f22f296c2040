/** Charts as SVG text: points with intervals, joined where asked, axes with round numbers. */
import { escapeHtml } from './escape.ts';
import { numberText } from './document.ts';
import type { Block } from './document.ts';
import { seriesColour } from './palette.ts';

type Chart = Extract<Block, { kind: 'chart' }>;

const width = 640;
const height = 320;
const margin = { left: 64, right: 150, top: 16, bottom: 44 };
/** About five round numbers that span low to high. */
export function ticks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => span / size <= 6) ?? span;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function range(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const pad = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.05;
  return [low - pad, high + pad];
}

export function chartSvg({ caption, x, y, series, lines, logarithmic }: Chart): string {
  const toX = (value: number): number => (logarithmic ? Math.log10(value) : value);
  const points = series.flatMap((one) => one.points);
  const [left, right] = range(points.map((point) => toX(point.x)));
  const [low, high] = range(points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]));
  const px = (value: number): number =>
    margin.left + ((toX(value) - left) / (right - left)) * (width - margin.left - margin.right);
  const py = (value: number): number =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const at = (value: number): string => value.toFixed(1);
  const parts: string[] = [];
  for (const tick of ticks(low, high)) {
    const v = at(py(tick));
    parts.push(`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${v}" y2="${v}"/>`);
    parts.push(`<text x="${margin.left - 6}" y="${v}" text-anchor="end" dy=".35em">${numberText(tick)}</text>`);
  }
  for (const tick of ticks(left, right)) {
    const value = logarithmic ? 10 ** tick : tick;
    if (logarithmic && !Number.isInteger(tick)) continue;
    const u = at(px(value));
    parts.push(`<line class="grid" x1="${u}" x2="${u}" y1="${margin.top}" y2="${height - margin.bottom}"/>`);
    parts.push(`<text x="${u}" y="${height - margin.bottom + 18}" text-anchor="middle">${numberText(value)}</text>`);
  }
  series.forEach((one, index) => {
    const colour = seriesColour(index, one.colour);
    const shown = one.points.filter((point) => Number.isFinite(point.y) && Number.isFinite(toX(point.x)));
    if (lines && shown.length > 1) {
      const path = shown.map((point) => `${at(px(point.x))},${at(py(point.y))}`).join(' ');
      parts.push(`<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${path}"/>`);
    }
    for (const point of shown) {
      const u = at(px(point.x));
      if (point.low !== undefined && point.high !== undefined) {
        parts.push(
          `<line stroke="${colour}" x1="${u}" x2="${u}" y1="${at(py(point.low))}" y2="${at(py(point.high))}"/>`,
        );
      }
      const radius = lines && shown.length > 60 ? 1 : 3;
      const label = point.label ?? `${one.name}: ${numberText(point.x)}, ${numberText(point.y)}`;
      parts.push(
        `<circle fill="${colour}" cx="${u}" cy="${at(py(point.y))}" r="${radius}"><title>${escapeHtml(label)}</title></circle>`,
      );
    }
    const legend = margin.top + 16 * index + 8;
    parts.push(`<circle fill="${colour}" cx="${width - margin.right + 14}" cy="${legend}" r="4"/>`);
    parts.push(`<text x="${width - margin.right + 24}" y="${legend}" dy=".35em">${escapeHtml(one.name)}</text>`);
  });
  const middle = margin.left + (width - margin.left - margin.right) / 2;
  parts.push(`<text x="${middle}" y="${height - 8}" text-anchor="middle">${escapeHtml(x)}</text>`);
  parts.push(
    `<text transform="translate(14 ${(height - margin.bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(y)}</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(caption)}">${parts.join('')}</svg>`;
}
