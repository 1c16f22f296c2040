/** Pictures from NumPy's files: observations to explain, and what to compare them with. */
import { readFile } from 'node:fs/promises';
import { InputError, sameShape } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { References } from '@saccade/insight';
import type { Network } from '@saccade/nn';
import { decodeNpy } from '../../storage/npy.ts';
import type { NpyArray } from '../../storage/npy.ts';
import { customBaseline } from './settings.ts';

export async function readNpy(path: string): Promise<NpyArray> {
  return decodeNpy(new Uint8Array(await readFile(path)), path);
}

/** @throws InputError unless it is one observation of finite numbers, of the given type where one is given */
export function expectObservation(
  { values, shape }: NpyArray,
  { observationShape }: Network,
  path: string,
  type?: 'uint8' | 'float32',
): void {
  const grey = observationShape[observationShape.length - 1] === 1;
  // Grey pictures often come without their one channel.
  if (!sameShape(shape, observationShape) && !(grey && sameShape([...shape, 1], observationShape))) {
    const expected = `an observation [${observationShape.join(', ')}]`;
    throw new InputError(`${path}: expected ${expected}, got [${shape.join(', ')}]`);
  }
  const found = values instanceof Uint8Array ? 'uint8' : 'float32';
  if (type !== undefined && found !== type) throw new InputError(`${path}: expected ${type}, got ${found}`);
  if (found === 'uint8') return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at !== -1) {
    throw new InputError(`${path}: expected finite values, got ${values[at]} at [${placeOf(at, shape).join(', ')}]`);
  }
}

/** Row-major. */
function placeOf(at: number, shape: Shape): number[] {
  let rest = at;
  return shape.map((_, axis) => {
    const stride = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return index;
  });
}

/** `--baseline`, if given: at the scale of the observation that it is compared with. */
export async function readBaseline(
  path: string | undefined,
  network: Network,
  type: 'uint8' | 'float32',
): Promise<References> {
  if (path === undefined) return {};
  const picture = await readNpy(path);
  expectObservation(picture, network, path, type);
  return { [customBaseline]: picture.values };
}
