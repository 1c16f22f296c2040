/** Where modules that may be missing come from in an installation; tests hand in others. */
import type { Imports } from './engine.ts';
import { probeWebGpu } from './webGpuProbe.ts';

export const installedImports: Imports = {
  tensorFlowGpu: () => import('@tensorflow/tfjs-node-gpu' as string) as Promise<unknown>,
  webGpu: () => import('webgpu' as string) as Promise<unknown>,
  probeWebGpu,
  onnxRuntime: () => import('onnxruntime-node'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};
