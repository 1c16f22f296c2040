/** What a device gives when it opens, and how it reaches modules that may be missing. */
import type * as OnnxRuntime from 'onnxruntime-node';
import type { Compile } from '@saccade/nn';

export const deviceNames = ['auto', 'cuda', 'webgpu', 'cpu'] as const;
export type DeviceName = (typeof deviceNames)[number];

export interface Engine {
  readonly device: Exclude<DeviceName, 'auto'>;
  readonly compile: Compile;
  /** For people: `ONNX Runtime on the CPU, 2 threads`. */
  readonly description: string;
  /** Computes beside the caller's thread, so that the caller can do something meanwhile. */
  readonly beside: boolean;
  dispose(): Promise<void>;
}

/** An engine, or the reason why there is none. */
export type Opening = { readonly engine: Engine } | { readonly reason: string };

/** How modules that may be missing are imported: handed in, so that tests cover present, failing and GPU-less ones. */
export interface Imports {
  tensorFlowGpu(): Promise<unknown>;
  webGpu(): Promise<unknown>;
  /** Name of WebGPU's adapter, empty where there is none; rejects where the package is missing. */
  probeWebGpu(): Promise<string>;
  onnxRuntime(): Promise<Pick<typeof OnnxRuntime, 'InferenceSession' | 'Tensor'>>;
  wasm(): Promise<unknown>;
}
