/**
 * The TensorFlow.js backend that is active while a function is traced: its kernels append nodes to a graph, its data are
 * symbols. It holds no numbers but those that the function itself makes.
 */
import * as tf from '@tensorflow/tfjs';
import { TraceError } from './callSite.ts';
import { dataOf } from './graph.ts';
import type { Graph, ConstantData } from './graph.ts';
import { traced } from './traced.ts';
import type { Traced } from './traced.ts';

/** A tensor's key in TensorFlow.js; any object will do. */
type DataId = object;

/** The ops that draw numbers on the host and upload them, by the scopes that TensorFlow.js opens for them. */
const RANDOM_SCOPES = new Set(
  [
    'rand',
    'randomGamma',
    'randomNormal',
    'randomStandardNormal',
    'randomUniform',
    'randomUniformInt',
    'truncatedNormal',
  ].map((name) => `${name}__op`),
);

export function randomMessage(kernel: string): string {
  return `kernel ${kernel}: expected random numbers as inputs of the traced function, got a random op`;
}

export class TraceBackend extends tf.KernelBackend {
  private symbols = new Map<DataId, Traced>();

  constructor(readonly graph: Graph) {
    super();
  }

  /** Makes a tensor that stands for `value`. */
  tensor(value: Traced): tf.Tensor {
    const { dataId, shape, dtype } = this.info(value);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, this);
  }

  info(value: Traced): tf.TensorInfo {
    const dataId = {};
    this.symbols.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  /** What a tensor stands for; `where` opens the message if it is not one of this trace. */
  symbol(where: string, tensor: tf.TensorInfo): Traced {
    const found = this.symbols.get(tensor.dataId);
    if (found !== undefined) return found;
    if (tensor instanceof tf.Variable) {
      throw new TraceError(
        `${where}: expected inputs and constants of the traced function, got the tf.variable ${tensor.name} [${tensor.shape.join(', ')}]`,
      );
    }
    throw new TraceError(
      `${where}: expected captured tensors to be declared constants, got a ${tensor.dtype} tensor [${tensor.shape.join(', ')}] made outside of the traced function`,
    );
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    const random = tf.engine().state.scopeStack.find(({ name }) => RANDOM_SCOPES.has(name));
    if (random !== undefined) throw new TraceError(randomMessage(random.name.slice(0, -'__op'.length)));
    return this.info(this.literal(values, shape, dtype)).dataId;
  }

  private literal(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Traced {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new TraceError(`traced function: expected float32, int32 or bool tensors, got ${dtype}`);
    }
    const numbers = values as ArrayLike<number>;
    // Copied: the caller may go on writing into its array.
    const data: ConstantData =
      dtype === 'float32'
        ? Float32Array.from(numbers)
        : dtype === 'int32'
          ? Int32Array.from(numbers)
          : Uint8Array.from(numbers, (x) => (x ? 1 : 0));
    return traced(dtype, shape, this.graph.constant(dtype, shape, data));
  }

  override readSync(dataId: DataId): tf.BackendValues {
    const symbol = this.symbols.get(dataId);
    const constant = symbol?.rowMajor;
    if (constant !== undefined && (constant.data !== undefined || constant.splat !== undefined))
      return dataOf(constant).slice();
    throw new TraceError(
      `dataSync: expected no reading of values while a function is traced, got a read of a traced ${symbol?.dtype ?? ''} tensor [${symbol?.shape.join(', ') ?? ''}]`,
    );
  }

  override read(dataId: DataId): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override disposeData(dataId: DataId): boolean {
    this.symbols.delete(dataId);
    return true;
  }

  override incRef(): void {
    // Every symbol has a key of its own, so nothing is counted.
  }

  override refCount(): number {
    return 1;
  }

  override numDataIds(): number {
    return this.symbols.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.symbols.clear();
  }
}
