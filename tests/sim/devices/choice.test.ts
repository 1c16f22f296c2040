import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { createTrainingRun, defaultPpoConfig } from '@saccade/agent';
import { createStream } from '@saccade/core';
import { createCorridor, createVectorEnvironment } from '@saccade/envs';
import { buildNetwork, eagerCompile, forward, initialiseParameters, plainOps } from '@saccade/nn';
import type { Compile, HostData } from '@saccade/nn';
import { examine } from '../../../apps/sim/src/commands/doctor/examine.ts';
import { openEngine } from '../../../apps/sim/src/workers/devices/device.ts';
import type { Imports } from '../../../apps/sim/src/workers/devices/device.ts';
import { createCompile } from '../../../apps/sim/src/workers/runtime.ts';
import '../../support/allClose.ts';

const missing = (name: string) => () => Promise.reject(new Error(`Cannot find module '${name}'\nmore lines`));
const nothing: Imports = {
  tensorFlowGpu: missing('@tensorflow/tfjs-node-gpu'),
  webGpu: missing('webgpu'),
  probeWebGpu: missing('webgpu'),
  onnxRuntime: () => import('onnxruntime-node'),
  wasm: missing('@tensorflow/tfjs-backend-wasm'),
};
/** As on a machine for which ONNX Runtime has no binary. */
const noRuntime: Imports = { ...nothing, onnxRuntime: missing('onnxruntime-node') };

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

async function expectTrainingStep(compile: Compile): Promise<void> {
  const config = { ...defaultPpoConfig, environments: 8, rolloutSteps: 16, minibatches: 2, totalSteps: 128 };
  const vector = createVectorEnvironment(() => createCorridor(), { count: 8, levels: { kind: 'all' }, seed: 0 });
  const network = buildNetwork('perceptron', vector.observationSpace.shape, 3);
  const run = await createTrainingRun({ config, network, vector, compile });
  const { statistics } = await run.iterate();
  expect(Number.isFinite(statistics.loss)).toBe(true);
  run.dispose();
}

/** Logits and input gradients of a small L2-pooled network, whose gradient WebAssembly has no kernel for. */
async function outputsOf(compile: Compile): Promise<{ logits: HostData; gradient: HostData }> {
  const network = buildNetwork('compact', [16, 16, 3], 3);
  const parameters = initialiseParameters(network, createStream(5));
  const compiled = await compile(
    ({ x }, constants) => ({
      logits: forward(network, constants, x, plainOps).logits,
      gradient: tf.grad((z) => tf.sum(forward(network, constants, z, plainOps).value))(x),
    }),
    { inputs: { x: { shape: [2, 16, 16, 3], dtype: 'float32' } }, constants: parameters },
  );
  const x = Float32Array.from({ length: 2 * 16 * 16 * 3 }, (_, i) => (i * 89) % 256);
  await compiled({ x });
  const { logits, gradient } = await compiled({ x });
  compiled.dispose();
  return { logits: logits.data, gradient: gradient.data };
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
        engine: 'cuda',
        reason:
          "@tensorflow/tfjs-node-gpu does not load (Cannot find module '@tensorflow/tfjs-node-gpu'); npm run setup:cuda installs its library",
      },
      { engine: 'webgpu', reason: 'the optional package webgpu does not load' },
    ]);
    await engine.dispose();
  });

  it('auto takes CUDA first when it loads and sees a GPU, and one training step runs on it', async () => {
    const imports = { ...nothing, tensorFlowGpu: tensorFlow(true) };
    const { engine, passedOver } = await openEngine('auto', { threads: 1, imports });
    expect(engine.device).toBe('cuda');
    expect(passedOver).toEqual([]);
    expect(tf.getBackend()).toBe('tensorflow');
    await expectTrainingStep(engine.compile);
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
      engine: 'webgpu',
      reason: 'only a software driver (google swiftshader SwiftShader driver)',
    });
    await engine.dispose();
    const none = { ...nothing, probeWebGpu: () => Promise.resolve('') };
    await expect(openEngine('webgpu', { threads: 1, imports: none })).rejects.toThrow(
      '--device webgpu: Dawn finds no GPU (on Linux it needs libvulkan.so.1 and a Vulkan driver)',
    );
  });

  it('falls back to WebAssembly without ONNX Runtime, and to plain JavaScript for kernels that it lacks', async () => {
    for (const device of ['auto', 'cpu'] as const) {
      const imports = { ...noRuntime, wasm: () => import('@tensorflow/tfjs-backend-wasm') };
      const { engine, passedOver } = await openEngine(device, { threads: 1, imports });
      expect(engine).toMatchObject({ device: 'cpu', beside: false });
      expect(engine.description).toMatch(/^TensorFlow.js on WebAssembly/);
      expect(passedOver.at(-1)).toEqual({
        engine: 'onnxruntime',
        reason:
          "onnxruntime-node does not load (Cannot find module 'onnxruntime-node'); npm ci in the folder of Saccade installs it",
      });
      expect(passedOver.map((one) => one.engine)).toEqual(
        device === 'auto' ? ['cuda', 'webgpu', 'onnxruntime'] : ['onnxruntime'],
      );
      await expectTrainingStep(engine.compile);
      const { numTensors } = tf.memory();
      const outputs = await outputsOf(engine.compile);
      expect(tf.memory().numTensors).toBe(numTensors);
      await tf.setBackend('cpu');
      const expected = await outputsOf(eagerCompile);
      expect(outputs.logits).toBeAllClose(expected.logits, { absolute: 1e-5 });
      expect(outputs.gradient).toBeAllClose(expected.gradient, { absolute: 1e-5 });
      await engine.dispose();
    }
  });

  it('falls back to plain JavaScript at last: where WebAssembly is missing, registers nothing or does not start', async () => {
    const { engine, passedOver } = await openEngine('auto', { threads: 1, imports: noRuntime });
    expect(engine.description).toBe('TensorFlow.js in plain JavaScript, one thread: slow');
    expect(passedOver.map((one) => one.engine)).toEqual(['cuda', 'webgpu', 'onnxruntime', 'wasm']);
    expect(passedOver[3].reason).toBe(
      "@tensorflow/tfjs-backend-wasm does not load (Cannot find module '@tensorflow/tfjs-backend-wasm')",
    );
    expect(tf.getBackend()).toBe('cpu');
    await expectTrainingStep(engine.compile);

    tf.removeBackend('wasm');
    const empty = await openEngine('cpu', { threads: 1, imports: { ...noRuntime, wasm: () => Promise.resolve({}) } });
    expect(empty.passedOver[1].reason).toBe('@tensorflow/tfjs-backend-wasm registers no backend');
    tf.registerBackend('wasm', () => Promise.reject(new Error('no memory')));
    const broken = await openEngine('cpu', { threads: 1, imports: { ...noRuntime, wasm: () => Promise.resolve({}) } });
    expect(broken.passedOver[1].reason).toBe("TensorFlow.js's WebAssembly backend does not start");
    expect(tf.getBackend()).toBe('cpu');
    tf.removeBackend('wasm');
  });

  it('also where a thread compiles for itself, as the viewer’s do', async () => {
    await tf.setBackend('cpu');
    const expected = await outputsOf(eagerCompile);
    for (const imports of [noRuntime, nothing]) {
      const { logits, gradient } = await outputsOf(await createCompile(1, imports));
      expect(logits).toBeAllClose(expected.logits, { absolute: 1e-5 });
      expect(gradient).toBeAllClose(expected.gradient, { absolute: 1e-5 });
    }
  });
});

describe('doctor', () => {
  it('explains each engine and names the one that computes', async () => {
    const found = async (imports: Imports) => {
      const { engine, healthy, checks } = await examine(imports);
      return { engine, healthy, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
    };
    const wasm = () => Promise.resolve({});
    const usual = await found({ ...nothing, wasm });
    expect(usual.engine).toBe('ONNX Runtime (CPU)');
    expect(usual.checks['TensorFlow.js (wasm)']).toMatchObject({ state: 'good' });

    const left = await found({ ...noRuntime, wasm });
    expect(left).toMatchObject({ engine: 'TensorFlow.js (wasm)', healthy: false });
    expect(left.checks['ONNX Runtime (CPU)']).toMatchObject({
      state: 'bad',
      found: "Cannot find module 'onnxruntime-node'",
      fix: 'npm ci (in the folder of Saccade); until then TensorFlow.js computes, many times slower',
    });
    const least = await found(noRuntime);
    expect(least.engine).toBe('TensorFlow.js in plain JavaScript');
    expect(least.checks['TensorFlow.js (wasm)']).toMatchObject({ state: 'absent' });

    const card = await found({ ...nothing, wasm, probeWebGpu: () => Promise.resolve('nvidia hopper') });
    expect(card.engine).toBe('WebGPU (Dawn)');
    const software = await found({ ...nothing, wasm, probeWebGpu: () => Promise.resolve('google swiftshader') });
    expect(software.engine).toBe('ONNX Runtime (CPU)');
  });
});
