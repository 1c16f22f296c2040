/** A report as one HTML file that needs nothing beside it: no script, no font, no picture from elsewhere. */
import { chartSvg } from './chart.ts';
import { numberText } from './document.ts';
import type { Block, Report } from './document.ts';
import { escapeHtml } from './escape.ts';
import { intervalsSvg } from './intervals.ts';
import type { Picture } from './picture.ts';

const style = `
:root{color-scheme:light dark;--ink:#1c1b22;--paper:#fdfcfa;--panel:#f5f3f8;--quiet:#5f5c6b;--line:#dedbe6;--accent:#4f3cc9}
@media(prefers-color-scheme:dark){:root{--ink:#eceaf4;--paper:#17161d;--panel:#201f29;--quiet:#aba7bc;--line:#3a3846;--accent:#b0a4ff}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:2.5rem auto 4rem;max-width:62rem;padding:0 1.25rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .8rem;text-wrap:balance}
h2{font-size:1.2rem;margin:2.6rem 0 .7rem;padding-top:1.1rem;border-top:1px solid var(--line)}
p{max-width:46rem;margin:.5rem 0}
.summary{font-size:1.12rem;padding:.9rem 1.1rem;background:var(--panel);border-left:4px solid var(--accent);border-radius:0 6px 6px 0;max-width:50rem}
nav{font-size:.9rem;margin:1rem 0 0}nav a{color:var(--accent);margin-right:1.1rem;white-space:nowrap}
figcaption,caption{color:var(--quiet);font-size:.875rem;text-align:left;max-width:46rem}
caption{caption-side:top;padding:.3rem 0;min-width:min(24rem,80vw)}figcaption{margin-bottom:.5rem}
.scroll{overflow-x:auto;margin:.8rem 0}table{border-collapse:collapse;font-size:.875rem}
th,td{padding:.28rem .7rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums;font-weight:400;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}thead th{white-space:normal;border-bottom:2px solid var(--line);font-weight:600;vertical-align:bottom}
td.text{text-align:left;white-space:normal;min-width:16rem}
figure{margin:1.1rem 0}figure.narrow{display:inline-block;vertical-align:top;margin-right:.5rem}
.swatch{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.45em;vertical-align:-.05em;box-shadow:0 0 0 1px var(--line)}
.pictures{display:flex;flex-wrap:wrap;gap:1rem}
.pictures div{font-size:.8rem;line-height:1.35;color:var(--quiet);max-width:100%}
img{image-rendering:pixelated;display:block;background:#8883;border-radius:3px;margin-bottom:.25rem;max-width:100%;object-fit:contain;height:auto}
svg{width:100%;max-width:46rem;font-size:11px;fill:var(--ink);display:block}
svg .grid{stroke:var(--line)}svg .zero{stroke:var(--quiet)}svg .band{fill:var(--accent);opacity:.12}svg .quiet{fill:var(--quiet)}
svg .reference{stroke:var(--quiet);stroke-dasharray:3 3}
details{margin-top:2.6rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.875rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}dd{margin:0;overflow-wrap:anywhere}
@media(max-width:40rem){body{margin-top:1.25rem}h1{font-size:1.4rem}.summary{font-size:1rem}}
@media print{nav{display:none}}`;

/** A heat map's cell, by the number's magnitude: `none` is bare, `full` carries the accent at half strength, so that its number stays legible. */
function shadeStyle(value: number, [none, full]: readonly [number, number]): string {
  const share = Math.min(1, Math.max(0, (Math.abs(value) - none) / (full - none)));
  if (!Number.isFinite(share)) return '';
  return ` style="background:color-mix(in srgb,var(--accent) ${(50 * share).toFixed(0)}%,transparent)"`;
}

/** Characters up to which a cell of text is a figure (`0.12 (0.10 to 0.14)`), set right as numbers are. */
const longestFigure = 32;

/** Text made safe, its negative numbers with a minus sign. */
const prose = (text: string): string => escapeHtml(text.replace(/(^|[\s(])-(?=\d)/g, '$1−'));

function tableHtml({ caption, columns, rows, shade }: Extract<Block, { kind: 'table' }>): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows
    .map((row) => {
      const cells = row.map((value, i) => {
        const text = prose(typeof value === 'number' ? numberText(value) : value);
        if (i === 0) return `<th scope="row">${text}</th>`;
        if (typeof value === 'number') return `<td${shade ? shadeStyle(value, shade) : ''}>${text}</td>`;
        return value.length > longestFigure ? `<td class="text">${text}</td>` : `<td>${text}</td>`;
      });
      return `<tr>${cells.join('')}</tr>`;
    })
    .join('');
  return `<div class="scroll"><table><caption>${prose(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Pixels between pictures, and half of the page: two figures that fit stand side by side. */
const pictureGap = 16;
const halfPage = 464;

function blockHtml(block: Block, pngOf: (picture: Picture) => string): string {
  switch (block.kind) {
    case 'text':
      return `<p>${prose(block.text)}</p>`;
    case 'table':
      return tableHtml(block);
    case 'pictures': {
      const items = block.pictures.map(({ picture, text }) => {
        const [width, height] = [picture.width * block.scale, picture.height * block.scale];
        const alt = prose(text);
        return `<div style="width:${width}px"><img src="data:image/png;base64,${pngOf(picture)}" width="${width}" height="${height}" alt="${alt}">${alt}</div>`;
      });
      const all = block.pictures.reduce(
        (sum, { picture }) => sum + picture.width * block.scale + pictureGap,
        -pictureGap,
      );
      const figure =
        all <= halfPage ? `<figure class="narrow" style="width:${halfPage}px;max-width:100%">` : '<figure>';
      const swatch =
        block.colour === undefined
          ? ''
          : `<span class="swatch" style="background:#${block.colour.toString(16).padStart(6, '0')}"></span>`;
      return `${figure}<figcaption>${swatch}${prose(block.caption)}</figcaption><div class="pictures">${items.join('')}</div></figure>`;
    }
    case 'chart':
      return `<figure><figcaption>${prose(block.caption)}</figcaption>${chartSvg(block)}</figure>`;
    case 'intervals':
      return `<figure><figcaption>${prose(block.caption)}</figcaption>${intervalsSvg(block)}</figure>`;
    default:
      return block satisfies never;
  }
}

/** @param pngOf a picture's PNG file, base64 */
export function reportHtml(report: Report, pngOf: (picture: Picture) => string): string {
  const { title, summary, origin, sections } = report;
  const from = Object.entries(origin)
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd>`)
    .join('');
  const contents = sections
    .map(({ title: heading }, i) => `<a href="#section-${i + 1}">${escapeHtml(heading)}</a>`)
    .join(' ');
  const body = sections
    .map(({ title: heading, blocks }, i) => {
      const inner = blocks.map((block) => blockHtml(block, pngOf)).join('\n');
      return `<section id="section-${i + 1}"><h2>${escapeHtml(heading)}</h2>\n${inner}</section>`;
    })
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><p class="summary">${prose(summary)}</p>
${sections.length > 1 ? `<nav aria-label="Contents">${contents}</nav>` : ''}
${body}
<details open><summary>How this page was made</summary><dl>${from}</dl></details></main></body></html>
`;
}
