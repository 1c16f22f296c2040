/** The part of ONNX Runtime's JavaScript API that jit needs: `onnxruntime-node` and `onnxruntime-web` both fit. */

export type RuntimeType = 'float32' | 'int32' | 'uint8' | 'bool';

export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
  dispose(): void;
}

export interface RuntimeSession {
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

/** What the app hands in. Thread counts and execution providers are its `options`, passed on as they are. */
export interface Runtime<Options = unknown> {
  createSession(model: Uint8Array, options: Options | undefined): Promise<RuntimeSession>;
  createTensor(type: RuntimeType, data: Float32Array | Int32Array | Uint8Array, dims: readonly number[]): RuntimeTensor;
}

interface OnnxModule<Options> {
  readonly InferenceSession: { create(model: Uint8Array, options?: Options): Promise<unknown> };
  readonly Tensor: new (type: RuntimeType, data: never, dims: readonly number[]) => unknown;
}

/** A `Runtime` from the module object of `onnxruntime-node` or `onnxruntime-web`. */
export function runtimeOf<Options>({ InferenceSession, Tensor }: OnnxModule<Options>): Runtime<Options> {
  return {
    createSession: async (model, options) => (await InferenceSession.create(model, options)) as RuntimeSession,
    createTensor: (type, data, dims) => new Tensor(type, data as never, dims) as RuntimeTensor,
  };
}
