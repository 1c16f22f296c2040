/** A report as one HTML file that needs nothing beside it: no script, no font, no picture from elsewhere. */
import { chartSvg } from './chart.ts';
import { numberText } from './document.ts';
import type { Block, Report } from './document.ts';
import { escapeHtml } from './escape.ts';
import type { Picture } from './picture.ts';

const style = `
:root{color-scheme:light dark;--ink:#1c1b22;--paper:#fdfcfa;--quiet:#6b6878;--line:#dedbe6}
@media(prefers-color-scheme:dark){:root{--ink:#eceaf4;--paper:#17161d;--quiet:#a19db3;--line:#34323f}}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:2.5rem auto;max-width:60rem;padding:0 1.25rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
p{max-width:44rem}.summary{font-size:1.1rem}.origin,figcaption,caption{color:var(--quiet);font-size:.85rem;text-align:left}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;margin:.6rem 0}caption{padding:.3rem 0}
th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid var(--line)}
figure{margin:.8rem 0}.pictures{display:flex;flex-wrap:wrap;gap:.9rem}.pictures div{font-size:.8rem;color:var(--quiet)}
img{image-rendering:pixelated;display:block;background:#8883}svg{width:100%;max-width:44rem;font-size:11px;fill:var(--ink)}
svg .grid{stroke:var(--line)}`;

function tableHtml({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows
    .map((row) => {
      const cells = row.map((value, i) => {
        const text = escapeHtml(typeof value === 'number' ? numberText(value) : value);
        return i === 0 ? `<th scope="row">${text}</th>` : `<td>${text}</td>`;
      });
      return `<tr>${cells.join('')}</tr>`;
    })
    .join('');
  return `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function blockHtml(block: Block, pngOf: (picture: Picture) => string): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'table':
      return tableHtml(block);
    case 'pictures': {
      const items = block.pictures.map(({ picture, text }) => {
        const [width, height] = [picture.width * block.scale, picture.height * block.scale];
        const alt = escapeHtml(text);
        return `<div><img src="data:image/png;base64,${pngOf(picture)}" width="${width}" height="${height}" alt="${alt}">${alt}</div>`;
      });
      return `<figure><figcaption>${escapeHtml(block.caption)}</figcaption><div class="pictures">${items.join('')}</div></figure>`;
    }
    case 'chart':
      return `<figure><figcaption>${escapeHtml(block.caption)}</figcaption>${chartSvg(block)}</figure>`;
    default:
      return block satisfies never;
  }
}

/** @param pngOf a picture's PNG file, base64 */
export function reportHtml(report: Report, pngOf: (picture: Picture) => string): string {
  const { title, summary, origin, sections } = report;
  const from = Object.entries(origin)
    .map(([name, value]) => `${escapeHtml(name)}: ${escapeHtml(String(value))}`)
    .join(' · ');
  const body = sections
    .map(({ title: heading, blocks }) => {
      const inner = blocks.map((block) => blockHtml(block, pngOf)).join('\n');
      return `<section><h2>${escapeHtml(heading)}</h2>\n${inner}</section>`;
    })
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><p class="summary">${escapeHtml(summary)}</p>
${body}
<p class="origin">${from}</p></main></body></html>
`;
}
