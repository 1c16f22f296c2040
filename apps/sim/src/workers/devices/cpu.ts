/** The usual engine: `jit` on ONNX Runtime, a session of one thread in each of several threads. */
import * as tf from '@tensorflow/tfjs';
import { createJit } from '@saccade/jit';
import { createThreadedRuntime } from '../threadedRuntime.ts';
import type { Imports, Opening } from './engine.ts';

/** @param importModule imported here only to learn whether it loads: the threads import it for themselves */
export async function openOnnxRuntime(threads: number, importModule: Imports['onnxRuntime']): Promise<Opening> {
  try {
    await importModule();
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { reason: `onnxruntime-node does not load (${why}); npm ci in the folder of Saccade installs it` };
  }
  // Tracing takes a backend's place and gives it back; the plain one computes nothing here, and needs no greeting.
  tf.env().set('IS_NODE', false);
  await tf.setBackend('cpu');
  const { runtime, dispose } = await createThreadedRuntime(threads);
  const description = `ONNX Runtime on the CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { engine: { device: 'cpu', compile: createJit(runtime).compile, description, beside: true, dispose } };
}
