/** Elements in one line each: the single file has no framework. */

type Attributes = Readonly<Record<string, string | number | boolean | ((event: never) => void)>>;

/** @param attributes functions listen to the event they are named by; true and false set or leave out */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value as unknown as EventListener);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

export function drawing(tag: string, attributes: Readonly<Record<string, string | number>> = {}): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** Icons on the page's 16-pixel grid. */
const shapes = {
  play: 'M5 3.2v9.6a.6.6 0 0 0 .92.5l7.2-4.8a.6.6 0 0 0 0-1l-7.2-4.8A.6.6 0 0 0 5 3.2z',
  pause: 'M4.5 3h2.4v10H4.5zM9.1 3h2.4v10H9.1z',
  back: 'M9.5 4 5.5 8l4 4',
  forward: 'M6.5 4l4 4-4 4',
  first: 'M11.5 4 7.5 8l4 4M4.5 4v8',
  last: 'M4.5 4l4 4-4 4M11.5 4v8',
  theme: 'M8 2.2a5.8 5.8 0 1 0 0 11.6zM8 2.2a5.8 5.8 0 0 1 0 11.6',
} as const;
export type IconName = keyof typeof shapes;

const filled: ReadonlySet<IconName> = new Set(['play', 'pause']);

export function icon(name: IconName): SVGElement {
  const svg = drawing('svg', { width: 16, height: 16, viewBox: '0 0 16 16', 'aria-hidden': 'true' });
  const line = { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'stroke-linecap': 'round' };
  svg.append(drawing('path', { d: shapes[name], ...(filled.has(name) ? { fill: 'currentColor' } : line) }));
  return svg;
}
