/**
 * Explains an observation from a file: the door for machines, and for policies that play something else than our
 * worlds. The map is written as it is, channels and all; the page and the PNG show its sum over channels.
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, sameShape } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { createExplainer } from '@saccade/insight';
import type { References } from '@saccade/insight';
import { takeInputAsIs } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { factorCount, factorsMethod, restPicture } from '@saccade/session';
import { readAnyPolicy } from '../../storage/anyPolicy.ts';
import { expectFolder, writeAtomically } from '../../storage/atomicWrite.ts';
import { decodeNpy, encodeNpy } from '../../storage/npy.ts';
import { methodWarnings } from '../../storage/randomisation.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { CommandContext } from '../shell/command.ts';
import type { Settings } from './settings.ts';
import { joinedWarning } from './warning.ts';

function expectObservation(shape: Shape, { network }: Policy, path: string): void {
  const wanted = network.observationShape;
  // Grey pictures often come without their one channel.
  if (sameShape(shape, wanted) || (wanted[wanted.length - 1] === 1 && sameShape([...shape, 1], wanted))) return;
  throw new InputError(`${path}: expected an observation [${wanted.join(', ')}], got [${shape.join(', ')}]`);
}

/** The environment's own baselines, for bytes: floats are at a scale that only the policy knows. */
function referencesOf(policy: Policy, bytes: boolean): References {
  return bytes && policy.training['environment'] !== undefined ? restPicture(policy) : {};
}

export async function explainObservation(
  settings: Settings & { readonly observation: string },
  { output, signal }: CommandContext,
): Promise<void> {
  const { observation: path, method, layer, target, factor, options, seed, out } = settings;
  await expectFolder('--out', dirname(out));
  const { values, shape } = decodeNpy(new Uint8Array(await readFile(path)), path);
  const { policy: read, hash } = await readAnyPolicy(settings.policy, settings.declaration, shape);
  expectObservation(shape, read, path);
  const bytes = values instanceof Uint8Array;
  const policy = bytes ? read : takeInputAsIs(read);
  const explainer = createExplainer({
    policy,
    compile: await createCompile(1),
    references: referencesOf(policy, bytes),
  });
  if (factor !== undefined && method !== factorsMethod) {
    throw new InputError(`factor: expected none with ${method} (only with ${factorsMethod}), got ${factor}`);
  }
  if (factor !== undefined && factor >= factorCount) {
    throw new InputError(`factor: expected 0 to ${factorCount - 1}, got ${factor}`);
  }
  let map: { values: Float32Array; shape: Shape };
  let attribution;
  if (method === factorsMethod) {
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
    warning,
    file: out,
  };
  output.print(
    `${method} of ${report.label} at ${layer}: map [${map.shape.join(', ')}], score ${score.toPrecision(6)}`,
  );
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
