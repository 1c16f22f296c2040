/** NumPy's array file, version 1.0: `numpy.load` opens it. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
import { expectLength, InputError, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';

/** Little-endian float32, row-major. @throws InputError when `values` does not fit `shape` */
export function encodeNpy(values: Float32Array, shape: Shape): Uint8Array {
  expectLength('encodeNpy', 'values', shape, values.length);
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${axes}), }`;
  // Magic, version and header length take ten bytes; the data starts at a multiple of 64.
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = new Uint8Array(start + values.byteLength);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.fill(0x20, 10, start - 1);
  file.set(new TextEncoder().encode(header), 10);
  file[start - 1] = 0x0a;
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
  return file;
}

export interface NpyArray {
  /** Row-major. */
  readonly values: Uint8Array | Float32Array;
  readonly shape: Shape;
}

/** Of element types that are read; NumPy's names for the others go into the error. */
const readable: Readonly<Record<string, 'uint8' | 'float32'>> = { '|u1': 'uint8', '<u1': 'uint8', '<f4': 'float32' };

/** Column-major to row-major. */
function rowMajor<T extends Uint8Array | Float32Array>(values: T, shape: Shape): T {
  const out = values.slice() as T;
  const index = shape.map(() => 0);
  for (let to = 0; to < values.length; to++) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis] + index[axis];
    out[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

/**
 * Reads an array of uint8 or float32, versions 1 to 3 of the format.
 * @param name what to call the file in errors
 * @throws InputError when it is foreign, truncated, or of another element type
 */
export function decodeNpy(file: Uint8Array, name: string): NpyArray {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (!magic.every((byte, i) => file[i] === byte)) throw new InputError(`${name}: expected a .npy file, got another`);
  const truncated = (): InputError => new InputError(`${name}: expected a .npy file, but it is truncated`);
  const long = file[6] > 1;
  if (file.length < (long ? 12 : 10)) throw truncated();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = long ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  if (file.length < start) throw truncated();
  const header = new TextDecoder('latin1').decode(file.subarray(long ? 12 : 10, start));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const columnMajor = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const axes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (columnMajor === undefined || axes === undefined)
    throw new InputError(`${name}: expected a .npy header of a plain array`);
  const dtype = type === undefined ? undefined : readable[type];
  if (dtype === undefined)
    throw new InputError(`${name}: expected uint8 or float32, got dtype ${type ?? 'of several fields'}`);
  const shape = axes
    .split(',')
    .filter((axis) => axis.trim() !== '')
    .map(Number);
  const bytes = sizeOf(shape) * (dtype === 'uint8' ? 1 : 4);
  if (file.length - start < bytes) throw truncated();
  // Copied: float32 must be aligned, and the file's buffer may be shared.
  const data = Uint8Array.from(file.subarray(start, start + bytes));
  const values = dtype === 'uint8' ? data : new Float32Array(data.buffer);
  return { values: columnMajor === 'True' ? rowMajor(values, shape) : values, shape };
}
