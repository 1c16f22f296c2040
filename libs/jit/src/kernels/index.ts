/** Every TensorFlow.js kernel that a traced function may use, by its name. */
import type { KernelTable } from './call.ts';
import { convolutions } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { indexing } from './indexing.ts';
import { pools } from './pooling.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resizing.ts';
import { shaping } from './shaping.ts';

export const kernels: KernelTable = {
  ...elementwise,
  ...reductions,
  ...shaping,
  ...indexing,
  ...convolutions,
  ...pools,
  ...resizing,
  ...products,
};
