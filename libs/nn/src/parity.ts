/** Whether two policies, or a policy and its export, say the same about the same observations. */
import { expectLength, InputError, sameShape, sizeOf } from '@saccade/core';
import type { Compile } from './compile.ts';
import { forward } from './network.ts';
import { plainOps } from './ops.ts';
import type { Policy } from './policy.ts';

export interface PolicyOutputs {
  /** [observations, actions]. */
  readonly logits: Float32Array;
  /** [observations]. */
  readonly value: Float32Array;
}

export interface Parity {
  readonly observations: number;
  /** Largest absolute difference. */
  readonly logits: number;
  readonly value: number;
  /** Observations for which both prefer the same action. */
  readonly sameAction: number;
  /** Every difference is within absolute + relative * |expected|. */
  readonly equal: boolean;
}

/** float32 networks on different engines differ by rounding, more where activations are large. */
export const parityTolerance = { absolute: 1e-4, relative: 1e-4 } as const;

/** @param observations values 0-255, [observations, ...observationShape] */
export async function policyOutputs(
  policy: Policy,
  observations: Uint8Array,
  compile: Compile,
): Promise<PolicyOutputs> {
  const { network, parameters } = policy;
  const size = sizeOf(network.observationShape);
  const count = Math.floor(observations.length / size);
  expectLength('policyOutputs', 'observations', [count, ...network.observationShape], observations.length);
  const run = await compile(
    (inputs, constants) => ({ ...forward(network, constants, inputs['observations'], plainOps) }),
    {
      inputs: { observations: { shape: [1, ...network.observationShape], dtype: 'uint8' } },
      constants: parameters,
    },
  );
  try {
    const logits = new Float32Array(count * network.actions);
    const value = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const outputs = await run({ observations: observations.slice(i * size, (i + 1) * size) });
      logits.set(outputs['logits'].data, i * network.actions);
      value.set(outputs['value'].data, i);
    }
    return { logits, value };
  } finally {
    run.dispose();
  }
}

function greedy(logits: Float32Array, row: number, actions: number): number {
  const one = logits.subarray(row * actions, (row + 1) * actions);
  return one.reduce((best, logit, i) => (logit > one[best] ? i : best), 0);
}

/**
 * @param got what is checked, of the same observations: from another policy, or from a runtime that ran an export
 * @throws InputError when they differ in how many logits or values there are
 */
export function compareOutputs(expected: PolicyOutputs, got: PolicyOutputs, tolerance = parityTolerance): Parity {
  const observations = expected.value.length;
  if (got.value.length !== observations || got.logits.length !== expected.logits.length) {
    throw new InputError(
      `compareOutputs: expected ${expected.logits.length} logits and ${observations} values, got ${got.logits.length} and ${got.value.length}`,
    );
  }
  const actions = observations === 0 ? 0 : expected.logits.length / observations;
  let equal = true;
  const largest = (a: Float32Array, b: Float32Array): number => {
    let worst = 0;
    for (let i = 0; i < a.length; i++) {
      const difference = Math.abs(a[i] - b[i]);
      if (!(difference <= tolerance.absolute + tolerance.relative * Math.abs(a[i]))) equal = false;
      // Once NaN, it stays so.
      if (!(difference <= worst) && !Number.isNaN(worst)) worst = difference;
    }
    return worst;
  };
  let sameAction = 0;
  for (let i = 0; i < observations; i++) {
    if (greedy(expected.logits, i, actions) === greedy(got.logits, i, actions)) sameAction++;
  }
  const logits = largest(expected.logits, got.logits);
  const value = largest(expected.value, got.value);
  return { observations, logits, value, sameAction, equal };
}

/**
 * @param observations values 0-255, [observations, ...observationShape]; what the policies really see says most
 * @throws InputError when they take other observations or have other numbers of actions
 */
export async function comparePolicies(
  expected: Policy,
  got: Policy,
  observations: Uint8Array,
  compile: Compile,
): Promise<Parity> {
  const [a, b] = [expected.network, got.network];
  if (!sameShape(a.observationShape, b.observationShape) || a.actions !== b.actions) {
    const text = ({ observationShape, actions }: typeof a): string =>
      `[${observationShape.join(', ')}] and ${actions} actions`;
    throw new InputError(`comparePolicies: expected a policy of ${text(a)}, got one of ${text(b)}`);
  }
  return compareOutputs(
    await policyOutputs(expected, observations, compile),
    await policyOutputs(got, observations, compile),
  );
}
