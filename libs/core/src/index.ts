export { createStream, restoreStream, normal, shuffle } from './random.ts';
export type { RandomStream, RandomState } from './random.ts';
export { InputError, CancelledError, internalError } from './errors.ts';
export { throwIfAborted } from './cancellation.ts';
export type { Cancellation } from './cancellation.ts';
export { expectShape, expectLength, sameShape, sizeOf } from './shapes.ts';
export type { Shape } from './shapes.ts';
export { createHasher, hashBytes } from './hash.ts';
export type { Hasher } from './hash.ts';
