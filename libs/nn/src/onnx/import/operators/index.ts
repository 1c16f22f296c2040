/** Every operator that a policy's graph may use on activations, by its ONNX name. */
import { elementwiseOperators } from './elementwise.ts';
import type { Operator } from './operator.ts';
import { productOperators } from './products.ts';
import { shapingOperators } from './shaping.ts';
import { windowOperators } from './windows.ts';

export const operators: Readonly<Record<string, Operator>> = {
  ...elementwiseOperators,
  ...windowOperators,
  ...productOperators,
  ...shapingOperators,
};
