/** A program of its own (a driver's environment is read at start): one training step on WebGPU, as JSON on stdout. */
import * as tf from '@tensorflow/tfjs';
import { createTrainingRun, defaultPpoConfig } from '@saccade/agent';
import { createCorridor, createVectorEnvironment } from '@saccade/envs';
import { createExplainer } from '@saccade/insight';
import { buildNetwork, eagerCompile, initialiseParameters } from '@saccade/nn';
import { createStream } from '@saccade/core';
import { openEngine } from '../../../apps/sim/src/workers/devices/device.ts';
import type { Engine } from '../../../apps/sim/src/workers/devices/device.ts';

/** `plain` is TensorFlow.js's reference backend: the same eager functions, another engine. */
async function open(name: string): Promise<Pick<Engine, 'device' | 'compile'>> {
  if (name === 'plain') {
    await tf.setBackend('cpu');
    return { device: 'cpu', compile: eagerCompile };
  }
  const { engine } = await openEngine('webgpu', { threads: 1 });
  return engine;
}

const engine = await open(process.argv[2]);
const config = {
  ...defaultPpoConfig,
  environments: 4,
  rolloutSteps: 8,
  minibatches: 1,
  epochs: 1,
  microBatch: 32,
  totalSteps: 32,
};
const vector = createVectorEnvironment(() => createCorridor(), { count: 4, levels: { kind: 'all' }, seed: 0 });
const perceptron = buildNetwork('perceptron', vector.observationSpace.shape, 3);
if (process.argv[3] === 'faulty') {
  // Nine tensors of one kernel are one more than WebGPU's default limit of storage buffers.
  const nine = await engine.compile(
    ({ x }) => ({ sum: tf.addN(Array.from({ length: 9 }, (_, i) => tf.sum(tf.mul(x, i)))) }),
    { inputs: { x: { shape: [4000], dtype: 'float32' } } },
  );
  await nine({ x: new Float32Array(4000) });
}
const run = await createTrainingRun({ config, network: perceptron, vector, compile: engine.compile });
const { statistics } = await run.iterate();

const shape = [16, 16, 3];
const network = buildNetwork('compact', shape, 3);
const parameters = initialiseParameters(network, createStream(5));
const policy = { network, parameters, actions: ['a', 'b', 'c'], training: {} };
const explainer = createExplainer({ policy, compile: engine.compile });
const observation = new Uint8Array(16 * 16 * 3).map((_, i) => (i * 89) % 256);
const { map } = await explainer.explain(observation, { method: 'saliency', layer: '2b', target: 'value' });
console.log(
  JSON.stringify({
    device: engine.device,
    loss: statistics.loss,
    entropy: statistics.entropy,
    gradientNorm: statistics.gradientNorm,
    map: [...map],
  }),
);
process.exit(0);
