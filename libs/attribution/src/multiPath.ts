/**
 * Attribution to the parts of an activation along many paths. On the straight line all parts grow in step, so what they
 * do together is shared out as if none could come first; here each path lets half of the parts lead and half follow,
 * and the contributions are averaged over all ways to choose. Hilton et al. 2020, Understanding RL Vision.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Context } from './model.ts';
import type { Attributor } from './attributor.ts';
import { quadrature } from './quadrature.ts';
import type { QuadratureName } from './quadrature.ts';
import type { Target } from './targets.ts';

/** The number of paths is "parts over half of them": 924 for twelve. */
export const mostParts = 12;

export interface MultiPathRequest {
  readonly attributor: Attributor;
  readonly target: Target;
  /** [...shape] */
  readonly activation: Float32Array;
  /** Parts of the activation, each [...shape]; what they leave of it grows evenly on every path. */
  readonly parts: readonly Float32Array[];
  readonly context?: Context;
  /** Points of each path: 10 by default. */
  readonly steps?: number;
  readonly quadrature?: QuadratureName;
  readonly cancellation?: Cancellation;
  /** Called with the share done, 0-1. */
  readonly progress?: (done: number) => void;
}

export interface MultiPathAttribution {
  /** What each part contributed where, averaged over the paths: [parts][...shape], in the target's units. */
  readonly parts: readonly Float32Array[];
  /** What the rest of the activation contributed, [...shape]. */
  readonly rest: Float32Array;
  /** All of them together, [...shape]: sums to score - baselineScore up to the quadrature's error. */
  readonly map: Float32Array;
  readonly paths: number;
  /** The target at the activation, and where all is silent. */
  readonly score: number;
  readonly baselineScore: number;
}

/** Every way to choose `size` of `count`, each as a flag an element. */
function choices(count: number, size: number): boolean[][] {
  if (count === 0) return [[]];
  const without = size < count ? choices(count - 1, size).map((rest) => [...rest, false]) : [];
  const including = size > 0 ? choices(count - 1, size - 1).map((rest) => [...rest, true]) : [];
  return [...without, ...including];
}

/**
 * x(a) = sum over k of f_k(a) part_k + a rest, where f is 1 - (1 - a)^2 for the parts that lead and a^2 for those that
 * follow; part_k contributes the integral over a of dF/dx(a) f_k'(a) part_k. The larger half follows where the number of
 * parts is odd.
 * @throws InputError for no parts or more than `mostParts`, and for parts of another shape
 */
export async function multiPathAttribution(request: MultiPathRequest): Promise<MultiPathAttribution> {
  const { attributor, target, activation, parts, context, cancellation, progress, steps = 10 } = request;
  const { size, largestBatch } = attributor;
  const count = parts.length;
  if (count < 1 || count > mostParts) {
    throw new InputError(`multiPathAttribution: expected 1 to ${mostParts} parts, got ${count}`);
  }
  for (const part of parts) {
    if (part.length !== size) {
      throw new InputError(`multiPathAttribution: expected parts of ${size} values, got ${part.length}`);
    }
  }
  const rule = quadrature(request.quadrature ?? 'gauss-legendre', steps);
  const rest = activation.map((value, i) => parts.reduce((left, part) => left - part[i], value));
  const components = [...parts, rest];
  const ways = choices(count, Math.floor(count / 2));
  // Gradients of all paths, weighted by how fast each component grows there.
  const sums = components.map(() => new Float64Array(size));
  const total = ways.length * steps;
  for (let start = 0; start < total; start += largestBatch) {
    throwIfAborted(cancellation, 'multi-path attribution');
    const used = Math.min(largestBatch, total - start);
    const points = new Float32Array(used * size);
    const speeds: number[][] = [];
    for (let k = 0; k < used; k++) {
      const leads = ways[Math.floor((start + k) / steps)];
      const node = (start + k) % steps;
      const a = rule.nodes[node];
      const share = [...leads.map((first) => (first ? 1 - (1 - a) ** 2 : a * a)), a];
      const speed = [...leads.map((first) => (first ? 2 * (1 - a) : 2 * a)), 1];
      speeds.push(speed.map((value) => (value * rule.weights[node]) / ways.length));
      const row = points.subarray(k * size, (k + 1) * size);
      components.forEach((component, c) => {
        for (let i = 0; i < size; i++) row[i] += share[c] * component[i];
      });
    }
    const { gradients } = await attributor.gradients(points, target, { context, cancellation });
    sums.forEach((sum, c) => {
      for (let k = 0; k < used; k++) {
        const speed = speeds[k][c];
        for (let i = 0; i < size; i++) sum[i] += speed * gradients[k * size + i];
      }
    });
    progress?.((start + used) / total);
  }
  const maps = components.map((component, c) => Float32Array.from(component, (value, i) => value * sums[c][i]));
  const [score] = await attributor.scores(activation, target, { context, cancellation });
  const [baselineScore] = await attributor.scores(new Float32Array(size), target, { context, cancellation });
  return {
    parts: maps.slice(0, count),
    rest: maps[count],
    map: Float32Array.from(activation, (_, i) => maps.reduce((sum, map) => sum + map[i], 0)),
    paths: ways.length,
    score,
    baselineScore,
  };
}
