/** The `Compile` that runs a TensorFlow.js function on ONNX Runtime: traced once, at native speed ever after. */
import { expectLength, InputError } from '@saccade/core';
import type { Compile, CompiledFunction, HostData, HostDtype, HostTensor, TensorSpec } from '@saccade/nn';
import type { Runtime, RuntimeTensor } from './runtime.ts';
import { createSessionPool } from './sessions.ts';
import { trace } from './trace.ts';
import type { TracedGraph } from './trace.ts';

export interface JitOptions<Options> {
  /** Handed to the runtime with each session: threads, execution providers. */
  readonly session?: Options;
  /** Sessions unused for longest are released beyond this many bytes; made again when called. */
  readonly limitBytes: number;
}

export interface Jit {
  readonly compile: Compile;
  /** Runs a graph that was traced before (or elsewhere: bytes travel to workers). */
  load(graph: TracedGraph): CompiledFunction;
  /** How many sessions are held, and the bytes that they are counted at. */
  held(): { readonly sessions: number; readonly bytes: number };
}

export const defaultJitOptions = { limitBytes: 2 ** 30 } as const;

/** ONNX Runtime's arena grows by doubling, and convolutions take workspace: measured, 2 to 3 times the values alive. */
const ARENA_FACTOR = 2.5;

export function createJit<Options>(runtime: Runtime<Options>, options: JitOptions<Options> = defaultJitOptions): Jit {
  const pool = createSessionPool(options.limitBytes);

  const load = (graph: TracedGraph): CompiledFunction => {
    const key = {};
    const model = graph.toOnnx();
    // The model's own bytes stay here too, so that a released session can be made again.
    const bytes = ARENA_FACTOR * graph.peakBytes + model.length;
    const create = (): ReturnType<typeof runtime.createSession> => runtime.createSession(model, options.session);
    let disposed = false;
    const compiled = async (inputs: Readonly<Record<string, HostData>>): Promise<Record<string, HostTensor>> => {
      if (disposed) throw new InputError('compiled function: expected no call after dispose, got one');
      const feeds: Record<string, RuntimeTensor> = {};
      for (const [name, spec] of Object.entries(graph.inputs)) feeds[name] = feed(runtime, name, spec, inputs[name]);
      return pool.with(key, bytes, create, async (session) => {
        const results = await session.run(feeds);
        return Object.fromEntries(
          Object.entries(graph.outputs).map(([name, spec]) => [name, fetched(spec, results[name])] as const),
        );
      });
    };
    return Object.assign(compiled, {
      dispose: () => {
        disposed = true;
        void pool.release(key);
      },
    });
  };

  return {
    compile: (fn, signature) => {
      // A promise from the start: what is wrong with the function rejects, and does not throw.
      return new Promise((resolve) => resolve(load(trace(fn, signature))));
    },
    load,
    held: () => pool.held(),
  };
}

function feed<O>(runtime: Runtime<O>, name: string, spec: TensorSpec, data: HostData | undefined): RuntimeTensor {
  if (data === undefined) throw new InputError(`compiled function: expected input ${name}, got none`);
  expectLength('compiled function', `input ${name}`, spec.shape, data.length);
  const wanted = arrayOf(spec.dtype);
  if (!(data instanceof wanted)) {
    throw new InputError(`compiled function: expected input ${name} as ${wanted.name}, got ${data.constructor.name}`);
  }
  return runtime.createTensor(spec.dtype, data, spec.shape);
}

function arrayOf(dtype: HostDtype): typeof Float32Array | typeof Int32Array | typeof Uint8Array {
  if (dtype === 'float32') return Float32Array;
  return dtype === 'int32' ? Int32Array : Uint8Array;
}

function fetched(spec: TensorSpec, tensor: RuntimeTensor): HostTensor {
  return { ...spec, data: tensor.data as HostData };
}
