/** The engine that apps use, for tests too heavy for plain TensorFlow.js and for parity with it. */
import * as ort from 'onnxruntime-node';
import { createJit, runtimeOf } from '@saccade/jit';

export const jitCompile = createJit<ort.InferenceSession.SessionOptions>(runtimeOf(ort), {
  limitBytes: 2 ** 29,
  session: { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' },
}).compile;
