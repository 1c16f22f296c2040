/**
 * Any modern GPU through WebGPU: the optional package `webgpu` (Dawn) under TensorFlow.js's WebGPU backend, eager. A
 * software driver counts only where WebGPU was asked for by name: it is slower than the CPU's engine.
 */
import * as tf from '@tensorflow/tfjs';
import { internalError } from '@saccade/core';
import { eagerCompile } from '@saccade/nn';
import type { Compile } from '@saccade/nn';
import type { Imports, Opening } from './engine.ts';
import { isSoftwareAdapter } from './webGpuProbe.ts';

interface Dawn {
  create(options: string[]): object;
  readonly globals: object;
}

/** The backend's own device, whose validation errors are events: a kernel that fails computes zeros and says so nowhere else. */
interface WebGpuBackend {
  readonly device: { addEventListener(type: 'uncapturederror', listener: (event: { error: Error }) => void): void };
}

/** The eager `Compile`, whose calls throw what the device reported meanwhile. */
function checkedCompile(): Compile {
  let reported: string | undefined;
  (tf.backend() as unknown as WebGpuBackend).device.addEventListener('uncapturederror', ({ error }) => {
    reported ??= error.message.split('\n')[0];
  });
  return async (fn, signature) => {
    const compiled = await eagerCompile(fn, signature);
    const call = async (inputs: Parameters<typeof compiled>[0]): ReturnType<typeof compiled> => {
      const outputs = await compiled(inputs);
      if (reported !== undefined) throw internalError(`WebGPU: ${reported}`);
      return outputs;
    };
    return Object.assign(call, { dispose: () => compiled.dispose() });
  };
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/** The backend looks for WebGPU where a page has it. */
async function provide(importModule: Imports['webGpu']): Promise<void> {
  const { create, globals } = (await importModule()) as Dawn;
  Object.assign(globalThis, globals);
  const navigator = { gpu: create([]), userAgent: 'node' };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  await import('@tensorflow/tfjs-backend-webgpu');
}

export async function openWebGpu(
  imports: Pick<Imports, 'webGpu' | 'probeWebGpu'>,
  allow: { readonly software: boolean },
): Promise<Opening> {
  let adapter: string;
  try {
    adapter = await imports.probeWebGpu();
  } catch {
    return { reason: 'the optional package webgpu does not load' };
  }
  if (adapter === '') return { reason: 'Dawn finds no GPU (on Linux it needs libvulkan.so.1 and a Vulkan driver)' };
  const software = isSoftwareAdapter(adapter);
  if (software && !allow.software) return { reason: `only a software driver (${adapter})` };
  const before = tf.getBackend();
  try {
    await provide(imports.webGpu);
    if (await tf.setBackend('webgpu')) {
      const description = `WebGPU (Dawn) on ${adapter}${software ? ', a software driver: slow' : ''}`;
      return {
        engine: {
          device: 'webgpu',
          compile: checkedCompile(),
          description,
          beside: false,
          dispose: () => Promise.resolve(),
        },
      };
    }
    if (before) await tf.setBackend(before);
    return { reason: `TensorFlow.js's WebGPU backend does not start on ${adapter}` };
  } catch (error) {
    if (before) await tf.setBackend(before);
    return { reason: `the package webgpu does not load (${firstLine(error)})` };
  }
}
