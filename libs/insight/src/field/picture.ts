/** A vector field drawn over a level. */
import type { Picture } from '../report/picture.ts';
import type { VectorField } from './vectorField.ts';

const ink = [20, 16, 40] as const;
const tip = [226, 54, 24] as const;
const halo = [255, 255, 255] as const;

/** In cells: half the shaft's width, half the tip's and its length, and the light rim that tells it from any backdrop. */
const shaft = 0.045;
const tipHalf = 0.13;
const tipLength = 0.22;
const rim = 0.04;

/** Half the arrow's width at `along` of its `length`; negative before and behind it. In pixels. */
function halfWidth(along: number, length: number, scale: number): number {
  const head = Math.min(tipLength * scale, length * 0.6);
  if (along < 0 || along > length) return -Math.max(-along, along - length);
  const inHead = along - (length - head);
  return inHead < 0 ? shaft * scale : tipHalf * scale * (1 - inHead / head) * Math.min(1, head / (tipLength * scale));
}

/** A copy of `backdrop` with an arrow in every place: full length (half a cell) is 1, the red end is the tip. */
export function fieldPicture(
  backdrop: Picture,
  { places, arrows }: VectorField,
  { scale, left, bottom }: { readonly scale: number; readonly left: number; readonly bottom: number },
): Picture {
  const { width, height } = backdrop;
  const rgba = backdrop.rgba.slice();
  const mix = (at: number, colour: readonly number[], cover: number): void => {
    for (let c = 0; c < 3; c++) rgba[at + c] += (colour[c] - rgba[at + c]) * cover;
  };
  for (let i = 0; i < places.length / 2; i++) {
    const x = (places[2 * i] + 0.5 - left) * scale;
    const y = height - (places[2 * i + 1] + 0.5 - bottom) * scale;
    const [dx, dy] = [arrows[2 * i] * scale * 0.5, -arrows[2 * i + 1] * scale * 0.5];
    // A place without a direction still shows that it was asked: a dot.
    const length = Math.max(Math.hypot(dx, dy), 0.02 * scale);
    const [ux, uy] = Math.hypot(dx, dy) > 0 ? [dx / Math.hypot(dx, dy), dy / Math.hypot(dx, dy)] : [1, 0];
    const reach = Math.ceil(length + (tipHalf + rim) * scale + 1);
    for (let row = Math.max(0, Math.floor(y - reach)); row <= Math.min(height - 1, y + reach); row++) {
      for (let column = Math.max(0, Math.floor(x - reach)); column <= Math.min(width - 1, x + reach); column++) {
        const [px, py] = [column + 0.5 - x, row + 0.5 - y];
        const along = px * ux + py * uy;
        const inside = halfWidth(along, length, scale) - Math.abs(px * uy - py * ux);
        const at = (row * width + column) * 4;
        mix(at, halo, Math.max(0, Math.min(1, inside + rim * scale + 0.5)) * 0.8);
        mix(at, along > length * 0.55 ? tip : ink, Math.max(0, Math.min(1, inside + 0.5)));
      }
    }
  }
  return { width, height, rgba };
}
