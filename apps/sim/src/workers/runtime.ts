/**
 * The `Compile` of one thread: jit on ONNX Runtime's CPU provider, or TensorFlow.js itself where that does not load. Its
 * runs block the event loop of their thread.
 */
import * as tf from '@tensorflow/tfjs';
import type { InferenceSession } from 'onnxruntime-node';
import { createJit, defaultJitOptions, runtimeOf } from '@saccade/jit';
import type { Compile } from '@saccade/nn';
import type { Imports } from './devices/engine.ts';
import { installedImports } from './devices/imports.ts';
import { openLastResort } from './devices/lastResort.ts';

/** @param threads that one run may use */
export async function createCompile(threads: number, imports: Imports = installedImports): Promise<Compile> {
  const runtime = await imports.onnxRuntime().catch(() => undefined);
  if (runtime === undefined) return (await openLastResort(imports)).compile;
  // Tracing takes a backend's place and gives it back; the plain one computes nothing here, and needs no greeting.
  tf.env().set('IS_NODE', false);
  await tf.setBackend('cpu');
  const session: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Every session has threads of its own, which spin while it runs. Those of the one that ran last would spin on, and
    // take a core from the next: two sessions in turn took 75 ms so and 42 ms when spinning ends with the run.
    extra: { session: { force_spinning_stop: '1' } },
  };
  return createJit(runtimeOf(runtime), { ...defaultJitOptions, session }).compile;
}
