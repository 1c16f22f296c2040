/** The engine that is always there: `jit` on ONNX Runtime, a session of one thread in each of several threads. */
import * as tf from '@tensorflow/tfjs';
import { createJit } from '@saccade/jit';
import { createThreadedRuntime } from '../threadedRuntime.ts';
import type { Opening } from './engine.ts';

export async function openCpu(threads: number): Promise<Opening> {
  // Tracing takes a backend's place and gives it back; the plain one computes nothing here, and needs no greeting.
  tf.env().set('IS_NODE', false);
  await tf.setBackend('cpu');
  const { runtime, dispose } = await createThreadedRuntime(threads);
  const description = `ONNX Runtime on the CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { engine: { device: 'cpu', compile: createJit(runtime).compile, description, beside: true, dispose } };
}
