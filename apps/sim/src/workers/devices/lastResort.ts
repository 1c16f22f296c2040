/**
 * What is left where ONNX Runtime does not load: TensorFlow.js itself, eager and on one thread. WebAssembly lacks the
 * kernels of training and of some gradients; a function that needs one of those computes in plain JavaScript.
 */
import * as tf from '@tensorflow/tfjs';
import { eagerCompile } from '@saccade/nn';
import type { Compile, CompiledFunction } from '@saccade/nn';
import type { Engine, Imports, Opening } from './engine.ts';

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0];

function engineOf(compile: Compile, description: string): Engine {
  return { device: 'cpu', compile, description, beside: false, dispose: () => Promise.resolve() };
}

export async function openPlain(): Promise<{ readonly engine: Engine }> {
  // A greeting that recommends a package which does not install everywhere is left out.
  tf.env().set('IS_NODE', false);
  await tf.setBackend('cpu');
  return { engine: engineOf(eagerCompile, 'TensorFlow.js in plain JavaScript, one thread: slow') };
}

/** @param importModule importing the package registers TensorFlow.js's backend `wasm` */
export async function openWasm(importModule: Imports['wasm']): Promise<Opening> {
  // Started too: it takes the functions that WebAssembly cannot.
  await openPlain();
  const refuse = async (reason: string): Promise<Opening> => {
    await tf.setBackend('cpu');
    return { reason };
  };
  try {
    await importModule();
  } catch (error) {
    return refuse(`@tensorflow/tfjs-backend-wasm does not load (${firstLine(error)})`);
  }
  if (tf.findBackendFactory('wasm') === null) return refuse('@tensorflow/tfjs-backend-wasm registers no backend');
  // Its threads are web workers, which Node does not have.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const started = await tf.setBackend('wasm').catch(() => false);
  if (!started) return refuse("TensorFlow.js's WebAssembly backend does not start");
  const description = 'TensorFlow.js on WebAssembly, one thread; what WebAssembly lacks in plain JavaScript: slow';
  return { engine: engineOf(compileOnEither('wasm', 'cpu'), description) };
}

/** The better of the two. */
export async function openLastResort({ wasm }: Pick<Imports, 'wasm'>): Promise<Engine> {
  const opening = await openWasm(wasm);
  return 'engine' in opening ? opening.engine : (await openPlain()).engine;
}

/** Runs each function on backend `first`, or ever after on `second` once it met a kernel that `first` lacks. */
function compileOnEither(first: string, second: string): Compile {
  return async (fn, signature) => {
    let backend = first;
    const on = <T>(body: () => T): T => {
      // Both backends have been started: this takes effect at once.
      void tf.setBackend(backend);
      return body();
    };
    let compiled = await on(() => eagerCompile(fn, signature));
    const call = async (inputs: Parameters<CompiledFunction>[0]): ReturnType<CompiledFunction> => {
      if (backend === first) {
        try {
          return await on(() => compiled(inputs));
        } catch (error) {
          if (!/Kernel '.+' not registered for backend/.test(String(error))) throw error;
          compiled.dispose();
          backend = second;
          compiled = await on(() => eagerCompile(fn, signature));
        }
      }
      return on(() => compiled(inputs));
    };
    return Object.assign(call, { dispose: () => compiled.dispose() });
  };
}
