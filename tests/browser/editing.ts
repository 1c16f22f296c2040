/** Editing the level with the mouse or a finger: where its cells lie on the screen, and what is said of the edits. */
import type { Locator, Page } from 'playwright-core';

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** From cells, y up, to the page's pixels. */
export async function mappingOf(page: Page): Promise<(x: number, y: number) => Spot> {
  const layer = page.getByTestId('edit-layer');
  const box = await layer.boundingBox();
  const [left, bottom, cell] = await layer.evaluate((element) => {
    const { left: l, bottom: b, cell: c } = (element as HTMLElement).dataset;
    return [Number(l), Number(b), Number(c)];
  });
  if (!box) throw new Error('the level is not on the screen');
  return (x, y) => ({ x: box.x + (x - left) * cell, y: box.y + box.height - (y - bottom) * cell });
}

/** Two cells right of the middle of what the agent sees and two above it, in cells. */
export async function besideAgent(page: Page): Promise<Spot> {
  return page.getByTestId('edit-layer').evaluate((element) => {
    const { left, bottom, cell } = (element as HTMLElement).dataset;
    const { width, height } = element.getBoundingClientRect();
    const middle = { x: Number(left) + width / 2 / Number(cell), y: Number(bottom) + height / 2 / Number(cell) };
    return { x: Math.floor(middle.x) + 2.5, y: Math.floor(middle.y) + 2.5 };
  });
}

/** There once `count` edits are answered. */
export function editsOf(page: Page, count: number): Locator {
  return page.locator(`[data-testid="what-if"][data-edits="${count}"]`);
}

/** `6.99 → 7.05 (+0.06)` */
export function valueOf(page: Page): Promise<string> {
  return page.getByTestId('what-if-value').innerText();
}
