/** The engine of training and evaluation: `jit` on ONNX Runtime threads. */
import { createJit } from '@saccade/jit';
import type { Compile } from '@saccade/nn';
import { createThreadedRuntime } from './threadedRuntime.ts';

export interface TrainingEngine {
  readonly compile: Compile;
  /** For people: `ONNX Runtime, CPU, 2 threads`. */
  readonly description: string;
  dispose(): Promise<void>;
}

export async function createTrainingEngine(threads: number): Promise<TrainingEngine> {
  const tf = await import('@tensorflow/tfjs');
  // Tracing needs a backend to give back; the plain one computes nothing here.
  tf.env().set('IS_NODE', false);
  await tf.setBackend('cpu');
  const { runtime, dispose } = createThreadedRuntime(threads);
  return {
    compile: createJit(runtime).compile,
    description: `ONNX Runtime, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    dispose,
  };
}
