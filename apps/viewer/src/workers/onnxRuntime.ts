/**
 * The `Compile` of a page's worker: jit on ONNX Runtime compiled to wasm, from this page's own origin. Its runs block
 * the event loop of their worker.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import { InputError } from '@saccade/core';
import { createJit, defaultJitOptions, runtimeOf } from '@saccade/jit';
import type { Compile } from '@saccade/nn';

export interface PageRuntime {
  readonly compile: Compile;
  /** That one run may use: 1 unless the page is isolated from other origins. */
  readonly threads: number;
  /** For people: `ONNX Runtime 1.30.0 (wasm, 1 thread)`. */
  readonly description: string;
}

/** A module that uses one instruction of wasm's fixed-width SIMD, which ONNX Runtime is built with. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** Why this browser cannot run the engine, or null. */
export function whyNoEngine(): string | null {
  if (typeof WebAssembly !== 'object') return 'This browser has no WebAssembly, which the agent computes with.';
  try {
    if (!WebAssembly.validate(simdProbe))
      return 'This browser’s WebAssembly has no SIMD, which the agent computes with.';
    // Compiling is what a content policy forbids; validating is not.
    new WebAssembly.Module(simdProbe);
    return null;
  } catch (error) {
    return `This page may not run WebAssembly, which the agent computes with: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Threads need memory that they share, which browsers give to isolated pages only. */
function threadsFor(most: number): number {
  const shared = typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated;
  return shared ? Math.max(1, Math.min(most, navigator.hardwareConcurrency)) : 1;
}

/**
 * To be called once a worker.
 * @param wasm bytes of `ort-wasm-simd-threaded.wasm`
 * @param mostThreads that one run may use where the page allows threads
 * @throws InputError when the browser lacks what the engine needs
 */
export async function createPageRuntime(wasm: Uint8Array, mostThreads = 1): Promise<PageRuntime> {
  const reason = whyNoEngine();
  if (reason !== null) throw new InputError(reason);
  const threads = threadsFor(mostThreads);
  env.logLevel = 'error';
  env.wasm.numThreads = threads;
  env.wasm.wasmBinary = wasm;
  env.wasm.wasmPaths = { mjs: new URL(glueUrl, import.meta.url).href };
  const session: InferenceSession.SessionOptions = {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  };
  const { compile } = createJit(runtimeOf({ InferenceSession, Tensor }), { ...defaultJitOptions, session });
  const count = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { compile, threads, description: `ONNX Runtime ${env.versions.web ?? ''} (wasm, ${count})` };
}
