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
