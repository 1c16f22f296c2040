/**
 * The port through which differentiable functions reach an engine. A function is written once in TensorFlow.js;
 * whoever runs it is handed a `Compile`: the eager one below, or the one of `@saccade/jit`, which traces it into an
 * ONNX graph. Only functions of fixed shape are compiled; loops, tolerances and decisions stay on the host.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Shape } from '@saccade/core';

/** `uint8` inputs arrive in the function as float32 tensors with the values 0-255. */
export type HostDtype = 'float32' | 'int32' | 'uint8' | 'bool';

export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: HostDtype;
}

export type HostData = Float32Array | Int32Array | Uint8Array;

/** A tensor in plain memory, row-major. `bool` is stored as Uint8Array of 0 and 1. */
export interface HostTensor extends TensorSpec {
  readonly data: HostData;
}

export type HostTensors = Readonly<Record<string, HostTensor>>;
export type Tensors = Record<string, tf.Tensor>;

/**
 * A pure function of named tensors. It must not capture tensors, read values back, or draw random numbers: whatever
 * varies is an input. It returns tensors that the caller disposes.
 */
export type CompilableFunction = (inputs: Tensors, constants: Tensors) => Tensors;

export interface Signature {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Captured values (usually the parameters): an engine may fold them into its graph. Not copied: never mutate. */
  readonly constants?: HostTensors;
}

export interface CompiledFunction {
  /** Runs on one set of inputs, each as long as its spec says. The outputs are the caller's. */
  (inputs: Readonly<Record<string, HostData>>): Promise<Record<string, HostTensor>>;
  /** Releases the engine's memory; calling afterwards is an error. */
  dispose(): void;
}

export type Compile = (fn: CompilableFunction, signature: Signature) => Promise<CompiledFunction>;
