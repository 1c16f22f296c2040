/** Plays the episode to the instant asked for, explains it as the page would, and writes the files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { InputError, throwIfAborted } from '@saccade/core';
import { createActor } from '@saccade/agent';
import { residualDiscount } from '@saccade/insight';
import {
  createPolicyExplainer,
  dictionaryOf,
  environmentFor,
  Player,
  stepBefore,
  trainedDiscount,
} from '@saccade/session';
import type { ActingPolicy, Instant, StepBefore } from '@saccade/session';
import type { Policy } from '@saccade/nn';
import { writeAtomically } from '../../storage/atomicWrite.ts';
import { shippedFeatures } from '../../storage/features.ts';
import { encodeNpy } from '../../storage/npy.ts';
import { loadPolicy } from '../../storage/policies.ts';
import type { StoredPolicy } from '../../storage/policies.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { CommandContext } from '../shell/command.ts';
import { explainObservation } from './observation.ts';
import { overlayPicture } from './picture.ts';
import { readBaseline } from './pictures.ts';
import { residualLine } from './residual.ts';
import type { ResidualReport } from './residual.ts';
import type { Settings } from './settings.ts';
import { joinedWarning } from './warning.ts';

/** An instant, and the step that led to it. */
interface Reached extends Instant {
  readonly before?: StepBefore & Pick<Instant, 'value'>;
}

async function playTo(
  { policy }: StoredPolicy,
  acting: ActingPolicy,
  { level, seed, step }: Settings,
  { output, signal }: CommandContext,
): Promise<Reached> {
  const player = new Player(environmentFor(policy), acting, level, seed);
  const progress = output.progress({ label: 'playing', total: step + 1, unit: 'steps' });
  try {
    let before: Reached['before'];
    for (let at = 0; ; at++) {
      throwIfAborted(signal, 'attribute');
      const instant = await player.next();
      if (at === step) return { ...instant, before };
      before = { ...stepBefore(instant), value: instant.value };
      // A short episode is over before anyone reads a line.
      if (at % 500 === 499) progress.update(at + 1);
      if (player.over) {
        throw new InputError(
          `--step: expected 0 to ${at} (the episode ended there: ${instant.end?.cause}), got ${step}`,
        );
      }
    }
  } finally {
    progress.finish();
  }
}

/** Undefined for targets of one frame. */
function residualOf(
  { target }: Settings,
  policy: Policy,
  { before, value }: Reached,
  score: number,
): ResidualReport | undefined {
  const gamma = residualDiscount(target, trainedDiscount(policy));
  if (gamma === undefined || !before) return undefined;
  const { reward, terminated } = before;
  const discountedValueAfter = terminated ? null : gamma * value;
  return { residual: score, reward, gamma, valueBefore: before.value, discountedValueAfter };
}

export async function runAttribute(settings: Settings, context: CommandContext): Promise<void> {
  const { observation: given } = settings;
  if (given !== undefined) return explainObservation({ ...settings, observation: given }, context);
  const { method, layer, target, factor, options, opacity, scale, out, level, seed, step } = settings;
  const { output, signal } = context;
  const stored = await loadPolicy(settings.policy);
  const { policy } = stored;
  const references = await readBaseline(settings.baseline, policy.network, 'uint8');
  const compile = await createCompile(1);
  const actor = await createActor(policy.network, policy.parameters, 1, compile);
  const acting: ActingPolicy = {
    async act(observation) {
      const { logits, values } = await actor.act(observation);
      return { logits, value: values[0] };
    },
  };
  const instant = await playTo(stored, acting, settings, context);
  const explainer = createPolicyExplainer(
    policy,
    compile,
    acting,
    (await shippedFeatures(stored.path, stored.hash))?.layers.map(dictionaryOf),
  );
  const request = { id: 'attribute', method, layer, target, options, ...(factor === undefined ? {} : { factor }) };
  const overlay = await explainer.explain({ ...instant, references }, request, signal);
  const residual = residualOf(settings, policy, instant, overlay.score);

  const warning = joinedWarning(overlay.warning, stored.warnings?.[method]);
  const [height, width] = policy.network.observationShape;
  const picture = overlayPicture(instant.observation, { height, width }, overlay, { opacity, scale });
  const report = {
    policy: stored.name,
    policyHash: stored.hash,
    level,
    seed,
    step,
    action: instant.action === null ? null : policy.actions[instant.action],
    value: instant.value,
    probabilities: Object.fromEntries(policy.actions.map((name, i) => [name, instant.probabilities[i]])),
    ...overlay,
    warning,
    map: undefined,
    options,
    residual,
    files: { overlay: join(out, 'overlay.png'), map: join(out, 'map.npy'), report: join(out, 'report.json') },
  };
  await mkdir(out, { recursive: true });
  await writeAtomically(report.files.overlay, encode({ ...picture, channels: 3, depth: 8 }));
  await writeAtomically(report.files.map, encodeNpy(overlay.map, overlay.shape));
  await writeAtomically(report.files.report, `${JSON.stringify(report, null, 2)}\n`);

  const error = overlay.integrationError;
  output.print(
    `${overlay.method} of ${overlay.target} at ${layer}: map [${overlay.shape.join(', ')}], largest ${overlay.scale.toPrecision(3)}${
      error === undefined ? '' : `, integration error ${(100 * error).toFixed(2)}%`
    }`,
  );
  if (residual) output.print(residualLine(residual));
  if (warning !== undefined) output.note(`warning: ${warning}`);
  output.print(`wrote ${report.files.overlay}, ${report.files.map} and ${report.files.report}`);
  output.result(report);
}
