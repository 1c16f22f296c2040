/** A vector field drawn over a level. */
import type { Picture } from '../report/picture.ts';
import type { VectorField } from './vectorField.ts';

const ink = [20, 16, 40] as const;
const head = [230, 60, 30] as const;

/** A copy of `backdrop` with an arrow in every place: full length (half a cell) is 1, the red end is the tip. */
export function fieldPicture(
  backdrop: Picture,
  { places, arrows }: VectorField,
  { scale, left, bottom }: { readonly scale: number; readonly left: number; readonly bottom: number },
): Picture {
  const { width, height } = backdrop;
  const rgba = backdrop.rgba.slice();
  const dot = (x: number, y: number, [r, g, b]: readonly [number, number, number]): void => {
    const [column, row] = [Math.round(x), Math.round(y)];
    if (column < 0 || row < 0 || column >= width || row >= height) return;
    rgba.set([r, g, b, 255], (row * width + column) * 4);
  };
  const steps = 2 * scale;
  for (let i = 0; i < places.length / 2; i++) {
    const x = (places[2 * i] + 0.5 - left) * scale;
    const y = height - (places[2 * i + 1] + 0.5 - bottom) * scale;
    const [dx, dy] = [arrows[2 * i] * scale * 0.5, -arrows[2 * i + 1] * scale * 0.5];
    for (let k = 0; k <= steps; k++) {
      const share = k / steps;
      dot(x + dx * share, y + dy * share, share > 0.7 ? head : ink);
      dot(x + dx * share, y + dy * share + 1, share > 0.7 ? head : ink);
    }
  }
  return { width, height, rgba };
}
