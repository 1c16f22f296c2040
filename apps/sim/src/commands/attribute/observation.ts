/**
 * Explains an observation from a file: the door for machines, and for policies that play something else than our
 * worlds. The map is written as it is, channels and all; the page and the PNG show its sum over channels.
 */
import { dirname } from 'node:path';
import { InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { createExplainer, explainResidual, residualDiscount, residualMap } from '@saccade/insight';
import type { References, ResidualExplanation, ResidualStep } from '@saccade/insight';
import { takeInputAsIs } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { factorCount, factorsMethod, restPicture } from '@saccade/session';
import { readAnyPolicy } from '../../storage/anyPolicy.ts';
import { expectFolder, writeAtomically } from '../../storage/atomicWrite.ts';
import { encodeNpy } from '../../storage/npy.ts';
import { methodWarnings } from '../../storage/randomisation.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { CommandContext } from '../shell/command.ts';
import { expectObservation, readBaseline, readNpy } from './pictures.ts';
import { residualLine } from './residual.ts';
import type { ResidualReport } from './residual.ts';
import { noFrame } from './settings.ts';
import type { Settings } from './settings.ts';
import { joinedWarning } from './warning.ts';

/** The environment's own baselines, for bytes: floats are at a scale that only the policy knows. */
function referencesOf(policy: Policy, bytes: boolean): References {
  return bytes && policy.training['environment'] !== undefined ? restPicture(policy) : {};
}

export async function explainObservation(
  settings: Settings & { readonly observation: string },
  { output, signal }: CommandContext,
): Promise<void> {
  const { observation: path, next, method, layer, target, factor, options, seed, out } = settings;
  await expectFolder('--out', dirname(out));
  const picture = await readNpy(path);
  const { policy: read, hash } = await readAnyPolicy(settings.policy, settings.declaration, picture.shape);
  expectObservation(picture, read.network, path);
  const { values } = picture;
  const bytes = values instanceof Uint8Array;
  const type = bytes ? 'uint8' : 'float32';
  const policy = bytes ? read : takeInputAsIs(read);
  const baseline = await readBaseline(settings.baseline, read.network, type);
  const explainer = createExplainer({
    policy,
    compile: await createCompile(1),
    references: { ...referencesOf(policy, bytes), ...baseline },
  });
  if (factor !== undefined && method !== factorsMethod) {
    throw new InputError(`factor: expected none with ${method} (only with ${factorsMethod}), got ${factor}`);
  }
  if (factor !== undefined && factor >= factorCount) {
    throw new InputError(`factor: expected 0 to ${factorCount - 1}, got ${factor}`);
  }
  let map: { values: Float32Array; shape: Shape };
  let attribution;
  let residual: ResidualReport | undefined;
  const discount = residualDiscount(target, Number.NaN);
  if (discount !== undefined) {
    if (method === factorsMethod) throw new InputError(`method: expected one of one map a frame, got ${method}`);
    const after = next === undefined || next === noFrame ? undefined : await readNpy(next);
    if (after) expectObservation(after, read.network, next ?? '', type);
    const step: ResidualStep = {
      before: values,
      after: after?.values,
      reward: settings.reward ?? 0,
      discount: Number.isNaN(discount) ? discountOf(read) : discount,
    };
    const explained = await explainResidual(explainer, step, { method, layer, options, seed }, signal);
    attribution = residualMap(explained, target);
    map = joined(explained);
    residual = {
      residual: explained.residual,
      reward: step.reward,
      gamma: step.discount,
      valueBefore: -explained.before.score,
      discountedValueAfter: explained.after?.score ?? null,
    };
  } else if (method === factorsMethod) {
    const reading = await explainer.explainFrame(values, { layer, target, factors: factorCount, options }, signal);
    attribution = reading.attribution;
    const { height, width, factorAttributions } = reading;
    const all = { values: factorAttributions, shape: [height, width, factorAttributions.length / (height * width)] };
    map = factor === undefined ? all : oneFactor(all, factor);
  } else {
    attribution = await explainer.explain(values, { method, layer, target, options, seed }, signal);
    map = { values: attribution.map, shape: attribution.shape };
  }
  explainer.dispose();
  await writeAtomically(out, encodeNpy(map.values, map.shape));

  const { score, baselineScore, integrationError } = attribution;
  const warning = joinedWarning(attribution.warning, (await methodWarnings(settings.policy.path, hash))[method]);
  const report = {
    policyHash: hash,
    observation: path,
    next,
    method,
    layer,
    target: attribution.target.text,
    label: attribution.target.label,
    units: attribution.target.units,
    options,
    shape: map.shape,
    signed: attribution.signed,
    score,
    baselineScore,
    integrationError,
    residual,
    warning,
    file: out,
  };
  output.print(
    `${method} of ${report.label} at ${layer}: map [${map.shape.join(', ')}], score ${score.toPrecision(6)}`,
  );
  if (residual) output.print(residualLine(residual));
  if (warning !== undefined) output.note(`warning: ${warning}`);
  output.print(`wrote ${out}`);
  output.result(report);
}

/** @param all [height, width, factor] */
function oneFactor(
  all: { values: Float32Array; shape: Shape },
  factor: number,
): { values: Float32Array; shape: Shape } {
  const [height, width, factors] = all.shape;
  const values = Float32Array.from({ length: height * width }, (_, at) => all.values[at * factors + factor]);
  return { values, shape: [height, width] };
}

/** The maps of both frames, [frame, ...map]: of the observation first. */
function joined({ before, after }: ResidualExplanation): { values: Float32Array; shape: Shape } {
  const maps = after ? [before.map, after.map] : [before.map];
  const values = new Float32Array(before.map.length * maps.length);
  maps.forEach((one, frame) => values.set(one, frame * one.length));
  return { values, shape: [maps.length, ...before.shape] };
}

/** The policy's own; a file made elsewhere names none. */
function discountOf({ training }: Policy): number {
  const { gamma } = (training['ppo'] ?? {}) as { readonly gamma?: number };
  if (gamma !== undefined) return gamma;
  throw new InputError('--gamma: expected a discount from 0 to 1, since the policy names none, got nothing');
}
