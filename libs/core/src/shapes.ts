/** Shape checks with one wording: function, what was expected, what came. */
import { InputError } from './errors.ts';

export type Shape = readonly number[];

/** Number of elements of `shape`; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** `computeAdvantages: expected values [129, 8], got [128, 8]`. A -1 in `expected` accepts any length. */
export function expectShape(where: string, what: string, expected: Shape, got: Shape): void {
  const fits = expected.length === got.length && expected.every((axis, i) => axis === -1 || axis === got[i]);
  if (!fits) {
    const wanted = expected.map((axis) => (axis === -1 ? 'any' : String(axis))).join(', ');
    throw new InputError(`${where}: expected ${what} [${wanted}], got [${got.join(', ')}]`);
  }
}

/** Throws unless `data` has as many elements as `shape` says. */
export function expectLength(where: string, what: string, shape: Shape, length: number): void {
  if (sizeOf(shape) !== length) {
    throw new InputError(`${where}: expected ${what} [${shape.join(', ')}] (${sizeOf(shape)} values), got ${length}`);
  }
}
