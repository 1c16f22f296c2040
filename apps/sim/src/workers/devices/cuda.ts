/**
 * TensorFlow's CUDA library through `@tensorflow/tfjs-node-gpu`, an optional package whose library is downloaded by
 * `npm run setup:cuda`. Eager: the library's own kernels are fast. Not run on hardware by us until a card shows a run.
 */
import * as tf from '@tensorflow/tfjs';
import { eagerCompile } from '@saccade/nn';
import type { Opening } from './engine.ts';

/** What tfjs-node's backend tells of itself. */
interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/** @param importModule importing the package registers TensorFlow.js's backend `tensorflow` */
export async function openCuda(importModule: () => Promise<unknown>): Promise<Opening> {
  const before = tf.getBackend();
  try {
    await importModule();
  } catch (error) {
    return {
      reason: `@tensorflow/tfjs-node-gpu does not load (${firstLine(error)}); npm run setup:cuda installs its library`,
    };
  }
  const giveBack = async (reason: string): Promise<Opening> => {
    if (before) await tf.setBackend(before);
    return { reason };
  };
  if (tf.findBackendFactory('tensorflow') === null) {
    return giveBack('@tensorflow/tfjs-node-gpu loads but registers no backend');
  }
  if (!(await tf.setBackend('tensorflow'))) return giveBack("TensorFlow's backend does not start");
  if ((tf.backend() as NodeBackend).isUsingGpuDevice !== true) {
    return giveBack('TensorFlow sees no GPU (it needs an NVIDIA driver and CUDA 11.2)');
  }
  return {
    engine: {
      device: 'cuda',
      compile: eagerCompile,
      description: 'TensorFlow on CUDA',
      beside: false,
      dispose: () => Promise.resolve(),
    },
  };
}
