/** The generator of weights and frames that tests/golden/attribution/make_gradients.py repeats. */
import { buildNetwork } from '@saccade/nn';
import type { HostTensor, Policy } from '@saccade/nn';

/** Numbers in [-1, 1) of a 32-bit linear congruential generator. */
export function uniform(seed: number, count: number): Float64Array {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function goldenPolicy(architecture: string, actions: number): Policy {
  const network = buildNetwork(architecture, [64, 64, 3], actions);
  const parameters = Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }], i) => {
      const count = shape.reduce((product, axis) => product * axis, 1);
      const fanIn = shape.length > 1 ? count / shape[shape.length - 1] : 1;
      const scale = shape.length > 1 ? Math.sqrt(6 / fanIn) : 0.05;
      const data = Float32Array.from(uniform(i + 1, count), (value) => value * scale);
      return [name, { shape, dtype: 'float32', data } satisfies HostTensor];
    }),
  );
  return { network, parameters, actions: Array.from({ length: actions }, (_, i) => `action${i}`), training: {} };
}

/** Bytes [64, 64, 3] of a kind and a seed: `noisy/3`. */
export function goldenFrame(name: string): Uint8Array {
  const [kind, seed] = name.split('/');
  const noise = uniform(Number(seed), 64 * 64 * 3).map((value) => Math.floor((value + 1) * 128));
  return Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => {
    const [y, x, c] = [Math.floor(at / 192), Math.floor(at / 3) % 64, at % 3];
    if (kind === 'noisy') return noise[at];
    return noise[y >= 20 && y < 40 && x >= 10 && x < 30 ? c + 3 : c];
  });
}

/** Where the script looks at a map of `length` values. */
export function goldenPicks(length: number, samples: number): number[] {
  if (length <= samples) return Array.from({ length }, (_, i) => i);
  return Array.from(uniform(7, samples), (value) => Math.floor(((value + 1) / 2) * length));
}
