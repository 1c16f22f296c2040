/**
 * Suite `engines`: acting and the gradient of the input on the CPU engine, beside PyTorch on the same network. Two
 * cores: one session on two threads, and two sessions of one thread that work beside each other as in training.
 */
import * as tf from '@tensorflow/tfjs';
import { createActor } from '@saccade/agent';
import { forward, plainOps } from '@saccade/nn';
import type { Compile, HostTensors, Network } from '@saccade/nn';
import { createCompile } from '../apps/sim/src/workers/runtime.ts';
import { openEngine } from '../apps/sim/src/workers/devices/device.ts';
import { measureBeside } from './beside.ts';
import { openPeer } from './peer.ts';
import type { Report } from './report.ts';
import { networkNames, sampleNetwork, sampleObservations } from './samples.ts';

const batch = 64;
const threads = 2;

/** Measured with ONNX Runtime's profiler, one thread, 64 frames of clear_cnn (7.4 GFLOP) in 46 ms. */
const actingNote =
  'bar 1.8x: 91% of acting is five convolutions at 140-190 GFLOP/s a core, what the processor can multiply; pools, ' +
  'transposes, the cast and scale of bytes are 9% together (max pools for L2 pools: 5%). Smaller batches, ' +
  'prepacking, memory patterns and flushed denormals change nothing. Only fewer ' +
  'multiplications (Winograd or FFT convolutions, which ONNX Runtime has not for 5x5) or a GPU would lift it';
const gradientNote = 'bar 1.0x: time goes to the convolutions back, whose kernels are constants here';

/** Sum of one logit's gradients by each observation. */
function inputGradient(network: Network, parameters: HostTensors, compile: Compile) {
  return compile(
    (inputs, constants) => ({
      gradient: tf.grad((x) => forward(network, constants, x, plainOps).logits.slice([0, 2], [-1, 1]).sum())(
        inputs['observations'],
      ),
    }),
    {
      inputs: { observations: { shape: [batch, ...network.observationShape], dtype: 'float32' } },
      constants: parameters,
    },
  );
}

export async function enginesSuite(report: Report): Promise<void> {
  const peer = await openPeer(threads);
  const pool = await openEngine('cpu', { threads });
  const ways = [
    { way: '1-session-2-threads', compile: await createCompile(threads), atOnce: 1 },
    { way: '2-sessions-1-thread', compile: pool.engine.compile, atOnce: 2 },
  ];
  const observations = sampleObservations(batch);
  const floats = Float32Array.from(observations);
  try {
    for (const name of networkNames) {
      const { network, parameters } = sampleNetwork(name);
      const setup = { network, threads, batch };
      const repeats = name === 'compact' ? 20 : 4;
      for (const { way, compile, atOnce } of ways) {
        const actor = await createActor(network, parameters, batch, compile);
        const gradient = await inputGradient(network, parameters, compile);
        const shared = { unit: 'frames/s', frames: batch, repeats, atOnce } as const;
        await measureBeside(report, {
          ...shared,
          name: `${name}/acting/${way}`,
          ours: () => actor.act(observations),
          peer: { of: peer, setup, task: 'acting' },
          note: name === 'clear_cnn' ? actingNote : undefined,
        });
        await measureBeside(report, {
          ...shared,
          name: `${name}/input-gradient/${way}`,
          ours: () => gradient({ observations: floats }),
          peer: { of: peer, setup, task: 'inputGradient' },
          note: name === 'clear_cnn' ? gradientNote : undefined,
        });
        actor.dispose();
        gradient.dispose();
      }
    }
  } finally {
    if ('stop' in peer) peer.stop();
    await pool.engine.dispose();
  }
}
