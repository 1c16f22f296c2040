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

export function intervalsSvg({ caption, x, rows, band, reference, from: origin = 0 }: Intervals): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const names = [...new Set(rows.map(({ name }) => name))];
  const legend = groups.length > 1 ? 22 : 0;
  const top = margin.top + legend + (reference ? 14 : 0);
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  const left = Math.min(widestLabel, longest * characterWidth + 16);
  const height = top + names.length * rowHeight + margin.bottom;
  const all = rows
    .flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
    .concat(band ?? [], reference ? [reference.value] : [])
    .filter(Number.isFinite);
  const [least, most] = [Math.min(...all, origin), Math.max(...all, origin)];
  const pad = (most - least || 1) * 0.04;
  const [from, to] = [least - pad, most + pad];
  const px = (value: number): string =>
    (left + ((value - from) / (to - from)) * (width - left - margin.right)).toFixed(1);
  const bottom = top + names.length * rowHeight;
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
  names.forEach((name, i) => {
    const v = top + (i + 0.5) * rowHeight;
    const own = rows.filter((row) => row.name === name);
    const shown =
      name.length * characterWidth > left ? `${name.slice(0, Math.floor(left / characterWidth) - 2)}…` : name;
    parts.push(`<text x="${left - 10}" y="${v}" text-anchor="end" dy=".35em">${escapeHtml(shown)}</text>`);
    // Several marks of a line keep clear of each other where their intervals would lie on one another.
    const apart = own.some(({ low }) => low !== undefined) ? 5 : 0;
    own.forEach(({ group, value, low, high }, k) => {
      if (!Number.isFinite(value)) return;
      const y = v + (k - (own.length - 1) / 2) * apart;
      const colour = seriesColour(groups.indexOf(group));
      const known = low !== undefined && high !== undefined && Number.isFinite(low) && Number.isFinite(high);
      if (known) {
        parts.push(`<line stroke="${colour}" stroke-width="2" x1="${px(low)}" x2="${px(high)}" y1="${y}" y2="${y}"/>`);
      }
      const label = `${name}, ${group}: ${numberText(value)}${known ? ` (${numberText(low)} to ${numberText(high)})` : ''}`;
      const radius = apart > 0 && own.length > 1 ? 3 : 4;
      parts.push(
        `<circle fill="${colour}" cx="${px(value)}" cy="${y}" r="${radius}"><title>${escapeHtml(label)}</title></circle>`,
      );
    });
    if (own.length === 1 && Number.isFinite(own[0].value)) {
      const text = numberText(round(own[0].value));
      parts.push(`<text class="quiet" x="${width - 4}" y="${v}" text-anchor="end" dy=".35em">${text}</text>`);
    }
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
