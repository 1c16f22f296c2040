/** Named values with intervals on one axis, as SVG text: a row each, colours by group. */
import { ticks } from './chart.ts';
import { numberText } from './document.ts';
import type { Block } from './document.ts';
import { escapeHtml } from './escape.ts';
import { seriesColour } from './palette.ts';

type Intervals = Extract<Block, { kind: 'intervals' }>;

const width = 720;
const rowHeight = 20;
const margin = { top: 8, right: 60, bottom: 44 };
/** Pixels that a character of the labels takes, about, and the most that labels may. */
const characterWidth = 6.1;
const widestLabel = 260;

export function intervalsSvg({ caption, x, rows, band, reference }: Intervals): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const legend = groups.length > 1 ? 22 : 0;
  const top = margin.top + legend;
  const longest = rows.reduce((most, { name }) => Math.max(most, name.length), 0);
  const left = Math.min(widestLabel, longest * characterWidth + 16);
  const height = top + rows.length * rowHeight + margin.bottom;
  const all = rows
    .flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
    .concat(band ?? [], reference ? [reference.value] : [])
    .filter(Number.isFinite);
  const [least, most] = [Math.min(...all, 0), Math.max(...all, 0)];
  const pad = (most - least || 1) * 0.04;
  const [from, to] = [least - pad, most + pad];
  const px = (value: number): string =>
    (left + ((value - from) / (to - from)) * (width - left - margin.right)).toFixed(1);
  const bottom = top + rows.length * rowHeight;
  const parts: string[] = [];
  if (band) {
    parts.push(
      `<rect class="band" x="${px(band[0])}" y="${top}" width="${(Number(px(band[1])) - Number(px(band[0]))).toFixed(1)}" height="${bottom - top}"/>`,
    );
  }
  for (const tick of ticks(from, to)) {
    const u = px(tick);
    parts.push(`<line class="${tick === 0 ? 'zero' : 'grid'}" x1="${u}" x2="${u}" y1="${top}" y2="${bottom}"/>`);
    parts.push(`<text x="${u}" y="${bottom + 16}" text-anchor="middle">${numberText(tick)}</text>`);
  }
  if (reference) {
    const u = px(reference.value);
    parts.push(`<line class="reference" x1="${u}" x2="${u}" y1="${top}" y2="${bottom}"/>`);
    parts.push(`<text class="quiet" x="${u}" y="${top - 3}" text-anchor="middle">${escapeHtml(reference.name)}</text>`);
  }
  rows.forEach(({ name, group, value, low, high }, i) => {
    const v = top + (i + 0.5) * rowHeight;
    const colour = seriesColour(groups.indexOf(group));
    const shown =
      name.length * characterWidth > left ? `${name.slice(0, Math.floor(left / characterWidth) - 2)}…` : name;
    parts.push(`<text x="${left - 10}" y="${v}" text-anchor="end" dy=".35em">${escapeHtml(shown)}</text>`);
    if (!Number.isFinite(value)) return;
    if (low !== undefined && high !== undefined && Number.isFinite(low) && Number.isFinite(high)) {
      parts.push(`<line stroke="${colour}" stroke-width="2" x1="${px(low)}" x2="${px(high)}" y1="${v}" y2="${v}"/>`);
    }
    const label = `${name}: ${numberText(value)}${low === undefined || high === undefined ? '' : ` (${numberText(low)} to ${numberText(high)})`}`;
    parts.push(
      `<circle fill="${colour}" cx="${px(value)}" cy="${v}" r="4"><title>${escapeHtml(label)}</title></circle>`,
    );
    parts.push(
      `<text class="quiet" x="${width - 4}" y="${v}" text-anchor="end" dy=".35em">${numberText(round(value))}</text>`,
    );
  });
  if (legend > 0) {
    let at = 4;
    groups.forEach((group, i) => {
      parts.push(`<circle fill="${seriesColour(i)}" cx="${at + 4}" cy="${margin.top}" r="4"/>`);
      parts.push(`<text x="${at + 13}" y="${margin.top}" dy=".35em">${escapeHtml(group)}</text>`);
      at += group.length * characterWidth + 30;
    });
  }
  const middle = left + (width - left - margin.right) / 2;
  parts.push(`<text x="${middle}" y="${height - 8}" text-anchor="middle">${escapeHtml(x)}</text>`);
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(caption)}">${parts.join('')}</svg>`;
}

/** Three digits beside a dot are enough. */
const round = (value: number): number => Number(value.toPrecision(3));
