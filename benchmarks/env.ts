/** Suite `env`: how fast the world steps and renders. C++ procgen does 17-20 thousand steps a second on such a core. */
import { createStream } from '@saccade/core';
import { createCoinRun, createVectorBuffers, createVectorEnvironment } from '@saccade/envs';
import { measure } from './measure.ts';
import type { Report } from './report.ts';

const environments = 64;
const rounds = 400;

export async function envSuite(report: Report): Promise<void> {
  for (const difficulty of ['hard', 'easy'] as const) {
    const vector = createVectorEnvironment(() => createCoinRun({ difficulty }), {
      count: environments,
      levels: { kind: 'all' },
      seed: 0,
    });
    const buffers = createVectorBuffers(vector, true);
    vector.resetInto(buffers, 0);
    const stream = createStream(0, 'benchmark');
    const choices = vector.actionSpace.names.length;
    const actions = new Int32Array(environments);
    const { median, spread } = await measure(
      () => {
        for (let round = 0; round < rounds; round++) {
          for (let n = 0; n < environments; n++) actions[n] = stream.integer(choices);
          vector.stepInto(buffers, actions);
        }
      },
      (seconds) => (environments * rounds) / seconds,
    );
    report.row({ name: `coinrun-${difficulty}/1-core`, value: median, unit: 'steps/s', spread });
  }
}
