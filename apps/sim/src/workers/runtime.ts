/** The `Compile` of one thread: jit on ONNX Runtime's CPU provider. Its runs block the event loop of their thread. */
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createJit, defaultJitOptions, runtimeOf } from '@saccade/jit';
import type { Compile } from '@saccade/nn';

/** @param threads that one run may use */
export async function createCompile(threads: number): Promise<Compile> {
  // Tracing takes a backend's place and gives it back; the plain one computes nothing here, and needs no greeting.
  tf.env().set('IS_NODE', false);
  await tf.setBackend('cpu');
  const session: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  };
  return createJit(runtimeOf({ InferenceSession, Tensor }), { ...defaultJitOptions, session }).compile;
}
