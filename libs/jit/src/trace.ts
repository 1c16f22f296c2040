/**
 * Runs a TensorFlow.js function once, on symbols, and keeps the graph of what it did. Tracing is synchronous; whatever
 * happens, the backend that was active before is active again afterwards.
 */
import * as tf from '@tensorflow/tfjs';
import { InputError, internalError } from '@saccade/core';
import type { CompilableFunction, HostDtype, Signature, Tensors, TensorSpec } from '@saccade/nn';
import { randomMessage, TraceBackend } from './backend.ts';
import { callSite, TraceError, withDeepStacks } from './callSite.ts';
import { forbidOutside } from './outside.ts';
import { Graph } from './graph.ts';
import type { Value } from './graph.ts';
import { kernels } from './kernels/index.ts';
import type { KernelCall } from './kernels/call.ts';
import { cast, rowMajor, traced } from './traced.ts';
import type { Traced } from './traced.ts';

/** A function as data: its ONNX bytes, and what goes in and comes out. */
export interface TracedGraph {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** What one run holds at its peak, bytes, weights included: an estimate from the shapes and the order of the nodes. */
  readonly peakBytes: number;
  /**
   * The bytes of an ONNX model (operator set 18), the same array each time; input and output names are the function's
   * own. With the other three fields they are all that another thread needs to run the function.
   */
  toOnnx(): Uint8Array;
}

const BACKEND = 'saccade-trace';

/**
 * Traces `fn` into a graph. Each signature input becomes a graph input, each constant an initialiser.
 * @throws InputError naming the kernel and the call site when `fn` uses a kernel that has no ONNX form here, touches a
 *   tf.variable, draws random numbers, reads a traced value, or uses a tensor that is neither input nor constant
 */
export function trace(fn: CompilableFunction, signature: Signature): TracedGraph {
  const graph = new Graph();
  const outputs = withBackend(graph, (backend) => {
    const inputs = tensorsOf(backend, signature.inputs, (name, spec) => inputOf(graph, name, spec));
    const constants = tensorsOf(backend, signature.constants ?? {}, (_, { shape, dtype, data }) =>
      held(graph, graph.constant(dtype, shape, data), shape),
    );
    const results = fn(inputs, constants);
    const values = Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => {
        if (!(tensor instanceof tf.Tensor)) {
          throw new InputError(`trace: expected a tensor as output ${name}, got ${String(tensor)}`);
        }
        return [name, rowMajor(graph, backend.symbol(`output ${name}`, tensor))] as const;
      }),
    );
    // Results may have been kept (tf.keep), out of reach of the tidy around us.
    tf.dispose(results);
    return values;
  });
  const specs = Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, { shape: value.shape, dtype: hostDtype(value) }] as const),
  );
  // Names are shared by inputs and outputs in ONNX.
  for (const name of Object.keys(specs)) {
    if (name in signature.inputs)
      throw new InputError(`trace: expected different names, got an input and an output ${name}`);
  }
  const bytes = graph.encode(outputs);
  const inputs = mapSpecs(signature.inputs);
  return { inputs, outputs: specs, peakBytes: graph.peakBytes(outputs), toOnnx: () => bytes };
}

/** Only shape and type: a signature may be given whole tensors, whose data must not be kept alive. */
function mapSpecs(specs: Signature['inputs']): Record<string, TensorSpec> {
  return Object.fromEntries(Object.entries(specs).map(([name, { shape, dtype }]) => [name, { shape, dtype }] as const));
}

function hostDtype({ type }: Value): HostDtype {
  if (type === 'int64') throw internalError('an int64 output');
  return type;
}

function tensorsOf<S>(
  backend: TraceBackend,
  specs: Readonly<Record<string, S>>,
  make: (name: string, spec: S) => Traced,
): Tensors {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, backend.tensor(make(name, spec))] as const),
  );
}

function inputOf(graph: Graph, name: string, { shape, dtype }: TensorSpec): Traced {
  return held(graph, graph.input(name, dtype, shape), shape);
}

/** Bytes are float32 to the function. */
function held(graph: Graph, value: Value, shape: readonly number[]): Traced {
  if (value.type === 'uint8') return traced('float32', shape, cast(graph, value, 'float32'));
  if (value.type === 'int64') throw internalError('an int64 tensor');
  return traced(value.type, shape, value);
}

let registered = false;

/** Kernels are registered with TensorFlow.js at the first trace, under a backend name of our own. */
function registerKernels(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const own = backend as TraceBackend;
        const result = kernel(callOf(own, kernelName, inputs, attrs ?? {}));
        return 'dtype' in result ? own.info(result) : result.map((part) => own.info(part));
      },
    });
  }
}

function callOf(
  backend: TraceBackend,
  kernel: string,
  inputs: Partial<tf.NamedTensorInfoMap>,
  attributes: object,
): KernelCall {
  const optional = (name: string): Traced | undefined => {
    const tensor = inputs[name];
    return tensor === undefined || tensor === null ? undefined : backend.symbol(`kernel ${kernel}`, tensor);
  };
  return {
    graph: backend.graph,
    kernel,
    attributes: { ...attributes },
    optional,
    input: (name) => {
      const tensor = optional(name);
      if (tensor === undefined) throw internalError(`kernel ${kernel}: no input ${name}`);
      return tensor;
    },
    get list() {
      return Object.keys(inputs).flatMap((name) => optional(name) ?? []);
    },
  };
}

/** Runs `body` on a fresh trace backend and puts everything back as it was, also when it throws. */
function withBackend<T>(graph: Graph, body: (backend: TraceBackend) => T): T {
  const engine = tf.engine();
  const previous = engine.backendName as string | null | undefined;
  if (previous === BACKEND) throw new InputError('trace: expected no trace within a trace, got one');
  registerKernels();
  const backend = new TraceBackend(graph);
  tf.registerBackend(BACKEND, () => backend, 0);
  const outside = forbidOutside(backend);
  try {
    // Both calls finish at once: the promise only matters for backends that load something.
    void tf.setBackend(BACKEND);
    return withDeepStacks(() => {
      try {
        let result: T | undefined;
        tf.tidy(() => {
          result = body(backend);
        });
        outside.expectNothingRead();
        return result as T;
      } catch (error) {
        throw explained(error);
      }
    });
  } finally {
    outside.restore();
    disposeTape();
    if (previous !== null && previous !== undefined) void tf.setBackend(previous);
    tf.removeBackend(BACKEND);
  }
}

/** A gradient that throws half way leaves what it saved on the tape; without this each failed trace leaks tensors. */
function disposeTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const node of state.activeTape ?? []) node.saved?.forEach((tensor) => tensor.dispose());
  (state as { activeTape: unknown }).activeTape = null;
}

/** Adds the call site, and says in our words which kernel is missing. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const missing = /Kernel '(.+?)' not registered/.exec(error.message)?.[1];
  if (missing === undefined && !(error instanceof TraceError)) return error;
  const site = callSite(error.stack);
  const at = site === undefined ? '' : ` (at ${site})`;
  const message = missing === undefined ? error.message : missingMessage(missing);
  return new InputError(`${message}${at}`, { cause: error });
}

function missingMessage(kernel: string): string {
  if (kernel === 'Multinomial') return randomMessage(kernel);
  return `kernel ${kernel}: expected a kernel that can be traced, got one without an ONNX form here`;
}
