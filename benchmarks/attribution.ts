/**
 * Suite `attribution`: every method on a frame of `compact`, and Integrated Gradients with 50 steps on `clear_cnn`
 * beside PyTorch, at the input and from layer 2b. One session on two threads, as in the page's worker.
 */
import { methods } from '@saccade/attribution';
import { createCoinRun, createOutcome } from '@saccade/envs';
import { createExplainer, objectsInView } from '@saccade/insight';
import type { ExplainRequest } from '@saccade/insight';
import type { Policy } from '@saccade/nn';
import { createCompile } from '../apps/sim/src/workers/runtime.ts';
import { measureBeside } from './beside.ts';
import { openPeer } from './peer.ts';
import type { Report } from './report.ts';
import { sampleNetwork } from './samples.ts';

const threads = 2;
const ofLayers = ['gradCam', 'guidedGradCam', 'conductance'];
const steps = 50;

function policyOf(name: 'clear_cnn' | 'compact'): Policy {
  return { ...sampleNetwork(name), actions: createCoinRun().actionSpace.names.slice(), training: {} };
}

/** A frame some way into a level, with things in view. */
function busyFrame() {
  const environment = createCoinRun({ difficulty: 'hard' });
  const outcome = createOutcome();
  let best = objectsInView(environment);
  for (let level = 0; level < 20; level++) {
    environment.begin(level);
    for (let step = 0; step < 40 && outcome.cause < 0; step++) environment.stepInto(outcome, 1);
    outcome.cause = -1;
    const frame = objectsInView(environment);
    if (frame.objects.length > best.objects.length) best = frame;
  }
  return best;
}

export async function attributionSuite(report: Report): Promise<void> {
  const compile = await createCompile(threads);
  const peer = await openPeer(threads);
  const objects = busyFrame();
  const { observation } = objects;
  try {
    const compact = createExplainer({ policy: policyOf('compact'), compile });
    for (const method of Object.keys(methods)) {
      const layer = ofLayers.includes(method) ? '2b' : 'input';
      // A fixed number of points: how many more adaptive steps take depends on the policy.
      const options = Object.hasOwn(methods[method as keyof typeof methods].options, 'adaptive')
        ? { adaptive: false }
        : undefined;
      const request: ExplainRequest = { method, layer, target: 'value', objects, options };
      await measureBeside(report, {
        name: `compact/${method}/${layer}`,
        unit: 'ms',
        repeats: 5,
        ours: () => compact.explain(observation, request),
        note: method === 'ablation' || method === 'shapley' ? `${objects.objects.length} objects in view` : undefined,
      });
    }
    compact.dispose();

    const policy = policyOf('clear_cnn');
    const clear = createExplainer({ policy, compile });
    for (const layer of ['input', '2b']) {
      const setup = {
        network: policy.network,
        threads,
        // What ours computes in: both hold as many points at once.
        batch: 26,
        steps,
        layer: layer === 'input' ? undefined : layer,
      };
      const request: ExplainRequest = {
        method: 'integratedGradients',
        layer,
        target: policy.actions[2],
        options: { steps, adaptive: false, quadrature: 'midpoint' },
      };
      await measureBeside(report, {
        name: `clear_cnn/integratedGradients-${steps}/${layer}`,
        unit: 'ms',
        // Turns of 200 ms: what a rest leaves cold is a small share of them.
        repeats: layer === 'input' ? 4 : 16,
        ours: () => clear.explain(observation, request),
        peer: { of: peer, setup, task: 'integratedGradients' },
        note: `${steps} points and both ends, ours and the peer’s`,
      });
    }
    clear.dispose();
  } finally {
    if ('stop' in peer) peer.stop();
  }
}
