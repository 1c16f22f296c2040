/** What a kernel is here: a function that appends nodes for one TensorFlow.js kernel and says which value is the result. */
import { TraceError } from '../callSite.ts';
import type { Graph } from '../graph.ts';
import type { Traced } from '../traced.ts';

export interface KernelCall {
  readonly graph: Graph;
  /** The kernel's TensorFlow.js name, for messages. */
  readonly kernel: string;
  /** Attributes by name, as TensorFlow.js passes them. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** A tensor by name; kernels that take a list name them 0, 1, 2 ... */
  input(name: string): Traced;
  optional(name: string): Traced | undefined;
  /** All tensors, for kernels that take a list. */
  readonly list: readonly Traced[];
}

export type Kernel = (call: KernelCall) => Traced | readonly Traced[];
export type KernelTable = Readonly<Record<string, Kernel>>;

/** The attributes of a call, as the kernel's TensorFlow.js interface types them. */
export function attributesOf<A>(call: KernelCall): A {
  return call.attributes as A;
}

/** The user wrote something that this kernel cannot put into a graph. */
export function unsupported(call: KernelCall, expected: string, got: string): TraceError {
  return new TraceError(`kernel ${call.kernel}: expected ${expected}, got ${got}`);
}
