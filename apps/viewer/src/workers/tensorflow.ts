/**
 * What of TensorFlow.js a page needs where `jit` traces: ops and their gradients, no backend that computes and no
 * layers, which together are three quarters of its bytes. The build of the page puts this in `@tensorflow/tfjs`'s place.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';

export * from '@tensorflow/tfjs-core';
