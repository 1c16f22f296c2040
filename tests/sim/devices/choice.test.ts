import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { createTrainingRun, defaultPpoConfig } from '@saccade/agent';
import { createCorridor, createVectorEnvironment } from '@saccade/envs';
import { buildNetwork } from '@saccade/nn';
import { openEngine } from '../../../apps/sim/src/workers/devices/device.ts';
import type { Imports } from '../../../apps/sim/src/workers/devices/device.ts';

const missing = (name: string) => () => Promise.reject(new Error(`Cannot find module '${name}'\nmore lines`));
const nothing: Imports = {
  tensorFlowGpu: missing('@tensorflow/tfjs-node-gpu'),
  webGpu: missing('webgpu'),
  probeWebGpu: missing('webgpu'),
};

/** What importing tfjs-node-gpu does, with a plain backend in the place of the library's. */
function tensorFlow(isUsingGpuDevice: boolean): Imports['tensorFlowGpu'] {
  return async () => {
    const { MathBackendCPU } = (await import('@tensorflow/tfjs-backend-cpu')) as unknown as {
      MathBackendCPU: new () => tf.KernelBackend;
    };
    if (tf.findBackendFactory('tensorflow') === null) {
      tf.registerBackend('tensorflow', () => Object.assign(new MathBackendCPU(), { isUsingGpuDevice }));
      if (tf.getKernelsForBackend('tensorflow').length === 0) tf.copyRegisteredKernels('cpu', 'tensorflow');
    }
    return {};
  };
}

afterEach(async () => {
  await tf.setBackend('cpu');
  if (tf.findBackendFactory('tensorflow') !== null) tf.removeBackend('tensorflow');
});

describe('--device', () => {
  it('auto falls back to the CPU and says why it passed over the others, in order', async () => {
    const { engine, passedOver } = await openEngine('auto', { threads: 1, imports: nothing });
    expect(engine).toMatchObject({ device: 'cpu', description: 'ONNX Runtime on the CPU, 1 thread' });
    expect(passedOver).toEqual([
      {
        device: 'cuda',
        reason:
          "@tensorflow/tfjs-node-gpu does not load (Cannot find module '@tensorflow/tfjs-node-gpu'); npm run setup:cuda installs its library",
      },
      { device: 'webgpu', reason: 'the optional package webgpu does not load' },
    ]);
    await engine.dispose();
  });

  it('auto takes CUDA first when it loads and sees a GPU, and one training step runs on it', async () => {
    const imports = { ...nothing, tensorFlowGpu: tensorFlow(true) };
    const { engine, passedOver } = await openEngine('auto', { threads: 1, imports });
    expect(engine.device).toBe('cuda');
    expect(passedOver).toEqual([]);
    expect(tf.getBackend()).toBe('tensorflow');
    const config = { ...defaultPpoConfig, environments: 8, rolloutSteps: 16, minibatches: 2, totalSteps: 128 };
    const vector = createVectorEnvironment(() => createCorridor(), { count: 8, levels: { kind: 'all' }, seed: 0 });
    const network = buildNetwork('perceptron', vector.observationSpace.shape, 3);
    const run = await createTrainingRun({ config, network, vector, compile: engine.compile });
    const { statistics } = await run.iterate();
    expect(Number.isFinite(statistics.loss)).toBe(true);
    run.dispose();
  });

  it('cuda without a GPU fails with the reason and gives the backend back', async () => {
    await tf.setBackend('cpu');
    const imports = { ...nothing, tensorFlowGpu: tensorFlow(false) };
    await expect(openEngine('cuda', { threads: 1, imports })).rejects.toThrow(
      '--device cuda: TensorFlow sees no GPU (it needs an NVIDIA driver and CUDA 11.2)',
    );
    expect(tf.getBackend()).toBe('cpu');
  });

  it('auto passes over a software driver of WebGPU; a machine without any is told what it needs', async () => {
    const software = { ...nothing, probeWebGpu: () => Promise.resolve('google swiftshader SwiftShader driver') };
    const { engine, passedOver } = await openEngine('auto', { threads: 1, imports: software });
    expect(passedOver[1]).toEqual({
      device: 'webgpu',
      reason: 'only a software driver (google swiftshader SwiftShader driver)',
    });
    await engine.dispose();
    const none = { ...nothing, probeWebGpu: () => Promise.resolve('') };
    await expect(openEngine('webgpu', { threads: 1, imports: none })).rejects.toThrow(
      '--device webgpu: Dawn finds no GPU (on Linux it needs libvulkan.so.1 and a Vulkan driver)',
    );
  });
});
