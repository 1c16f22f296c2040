/** NumPy's array file, version 1.0: `numpy.load` opens it. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
import { expectLength } from '@saccade/core';
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
