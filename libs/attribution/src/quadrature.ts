/** Nodes and weights of the quadratures on [0, 1] by which a path integral becomes a weighted sum of gradients. */
import { InputError, internalError } from '@saccade/core';

export interface Quadrature {
  /** Where to evaluate, in [0, 1], ascending. */
  readonly nodes: Float64Array;
  /** They sum to 1. */
  readonly weights: Float64Array;
}

export const quadratures = ['gauss-legendre', 'trapezoid', 'midpoint', 'left', 'right'] as const;
export type QuadratureName = (typeof quadratures)[number];

/**
 * Gauss and Legendre's rule, exact for polynomials of degree 2 `points` - 1. Roots by Newton's method from Tricomi's
 * estimate, in double precision (Press et al., Numerical Recipes, 4.6).
 */
function gaussLegendre(points: number): Quadrature {
  const nodes = new Float64Array(points);
  const weights = new Float64Array(points);
  for (let i = 0; i < Math.ceil(points / 2); i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (points + 0.5));
    let derivative = 1;
    for (let iteration = 0; iteration < 100; iteration++) {
      let previous = 0;
      let polynomial = 1;
      for (let degree = 1; degree <= points; degree++) {
        const next = ((2 * degree - 1) * x * polynomial - (degree - 1) * previous) / degree;
        previous = polynomial;
        polynomial = next;
      }
      derivative = (points * (x * polynomial - previous)) / (x * x - 1);
      const step = polynomial / derivative;
      x -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    const weight = 1 / ((1 - x * x) * derivative * derivative);
    nodes[i] = (1 - x) / 2;
    nodes[points - 1 - i] = (1 + x) / 2;
    weights[i] = weight;
    weights[points - 1 - i] = weight;
  }
  return { nodes, weights };
}

/** @param points how many evaluations; at least 1, and 2 for the trapezoid rule, which needs both ends */
export function quadrature(name: QuadratureName, points: number): Quadrature {
  const fewest = name === 'trapezoid' ? 2 : 1;
  if (!Number.isInteger(points) || points < fewest) {
    throw new InputError(`quadrature: expected at least ${fewest} points for ${name}, got ${points}`);
  }
  if (name === 'gauss-legendre') return gaussLegendre(points);
  const weights = new Float64Array(points).fill(1 / points);
  switch (name) {
    case 'left':
      return { nodes: Float64Array.from(weights, (_, k) => k / points), weights };
    case 'midpoint':
      return { nodes: Float64Array.from(weights, (_, k) => (k + 0.5) / points), weights };
    case 'right':
      return { nodes: Float64Array.from(weights, (_, k) => (k + 1) / points), weights };
    case 'trapezoid':
      weights.fill(1 / (points - 1));
      weights[0] = weights[points - 1] = 0.5 / (points - 1);
      return { nodes: Float64Array.from(weights, (_, k) => k / (points - 1)), weights };
    default:
      throw internalError(`quadrature ${name satisfies never}`);
  }
}

/** P_0(x) to P_(count - 1)(x), Legendre's polynomials. */
function legendre(x: number, count: number): Float64Array {
  const values = new Float64Array(count);
  for (let degree = 0; degree < count; degree++) {
    values[degree] =
      degree === 0
        ? 1
        : degree === 1
          ? x
          : ((2 * degree - 1) * x * values[degree - 1] - (degree - 1) * values[degree - 2]) / degree;
  }
  return values;
}

/** Weights on [0, 1] that integrate every polynomial of degree below the count of `nodes` exactly. */
function interpolatory(nodes: readonly number[]): Float64Array {
  const n = nodes.length;
  // Row k: sum over nodes of weight x P_k(2 node - 1) = 1 for k = 0, else 0. Gauss elimination with pivots.
  const polynomials = nodes.map((node) => legendre(2 * node - 1, n));
  const rows = Array.from({ length: n }, (_, k) =>
    Float64Array.from([...polynomials.map((p) => p[k]), k === 0 ? 1 : 0]),
  );
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[pivot][i])) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let r = i + 1; r < n; r++) {
      const factor = rows[r][i] / rows[i][i];
      if (factor !== 0) for (let c = i; c <= n; c++) rows[r][c] -= factor * rows[i][c];
    }
  }
  const weights = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i][n];
    for (let c = i + 1; c < n; c++) sum -= rows[i][c] * weights[c];
    weights[i] = sum / rows[i][i];
  }
  return weights;
}

const halves = new Map<number, Float64Array>();

/**
 * Weights for every second node of a rule, 0 for the others: an estimate with half the points at no further cost, by
 * which the rule's error is told. Every second of Gauss' nodes gets the weights that are exact for polynomials (all
 * positive); in the other rules each node that is left out is shared by its neighbours.
 */
export function everySecond(name: QuadratureName, { nodes, weights }: Quadrature): Float64Array {
  const n = nodes.length;
  if (n === 1) return weights;
  if (name === 'gauss-legendre') {
    const known = halves.get(n);
    if (known) return known;
    const kept = [...nodes].filter((_, k) => k % 2 === 0);
    const half = new Float64Array(n);
    interpolatory(kept).forEach((weight, k) => (half[2 * k] = weight));
    halves.set(n, half);
    return half;
  }
  const half = weights.map((weight, k) => (k % 2 === 0 ? weight : 0));
  for (let k = 1; k < n; k += 2) {
    const neighbours = k + 1 < n ? [k - 1, k + 1] : [k - 1];
    for (const neighbour of neighbours) half[neighbour] += weights[k] / neighbours.length;
  }
  return half;
}
