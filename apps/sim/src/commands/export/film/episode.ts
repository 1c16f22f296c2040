/** The episode to show: played as the viewer would, or replayed from a recording, and every step of it explained. */
import { InputError, throwIfAborted } from '@saccade/core';
import { createActor } from '@saccade/agent';
import { isSigned, magnitudeQuantile, methods, signedPalettes, unsignedPalettes } from '@saccade/attribution';
import type { AttributionMethod } from '@saccade/attribution';
import { parseTarget, targetTitle } from '@saccade/insight';
import { annotatedMap, encodeLayout } from '@saccade/protocol';
import type { AnnotatedEpisode, AnnotatedFrame, AnnotatedLens, AnnotatedMap, Layout } from '@saccade/protocol';
import { createPolicyExplainer, environmentFor, factorsMethod, Player } from '@saccade/session';
import type { ActingPolicy, Instant, OverlayMap } from '@saccade/session';
import { version } from '../../../installation.ts';
import { recordedInstants } from '../../../server/recordedInstants.ts';
import { loadPolicy } from '../../../storage/policies.ts';
import type { StoredPolicy } from '../../../storage/policies.ts';
import { locatePolicy } from '../../../storage/policyFiles.ts';
import { readRecording } from '../../../storage/recordings.ts';
import { createCompile } from '../../../workers/runtime.ts';
import { flatMap } from '../../attribute/picture.ts';
import type { CommandContext } from '../../shell/command.ts';
import type { FilmSettings } from '../settings.ts';

/** Nothing is explained. */
const noMethod = 'none';

interface Played {
  readonly instants: readonly Instant[];
  readonly layouts: readonly Layout[];
}

/** The policy that a recording names, if its bytes are still the same. */
async function recordedPolicy(folder: string): Promise<StoredPolicy> {
  const { policy } = (await readRecording(folder)).manifest;
  if (policy === null) throw new InputError(`--policy: expected one, since ${folder} was recorded without any`);
  const stored = await loadPolicy(await locatePolicy(policy.name));
  if (stored.hash !== policy.hash || policy.weightEdits.length > 0) {
    const got = policy.weightEdits.length > 0 ? 'one whose weights were edited' : 'another file of that name';
    throw new InputError(
      `--policy: expected the one of ${folder} (${policy.name}), got ${got}: name the file to explain it with`,
    );
  }
  return stored;
}

async function playLevel(
  { policy }: StoredPolicy,
  acting: ActingPolicy,
  { level, seed, to }: FilmSettings,
  { output, signal }: CommandContext,
): Promise<Played> {
  const player = new Player(environmentFor(policy), acting, level, seed);
  const layouts = [encodeLayout(player.environment.scene, 0, level)];
  const instants: Instant[] = [];
  const progress = output.progress({ label: 'playing', unit: 'steps' });
  try {
    while (!player.over && instants.length <= to) {
      throwIfAborted(signal, 'export');
      instants.push(await player.next());
      if (instants.length % 100 === 0) progress.update(instants.length);
    }
  } finally {
    progress.finish();
  }
  return { instants, layouts };
}

async function playRecording(
  folder: string,
  acting: ActingPolicy,
  { output, signal }: CommandContext,
): Promise<Played> {
  const replayed = await recordedInstants(await readRecording(folder), acting, signal);
  if (replayed.mismatch) output.note(`${folder}: the replay ends early: ${replayed.mismatch.message}`);
  return replayed;
}

function lensOf(
  { method, layer, target, opacity }: FilmSettings,
  { policy }: StoredPolicy,
  signed: boolean,
): AnnotatedLens {
  const known: AttributionMethod | undefined = Object.hasOwn(methods, method)
    ? methods[method as keyof typeof methods]
    : undefined;
  const title = method === factorsMethod ? 'Factors' : (known?.title ?? method);
  const palette = signed ? signedPalettes[0] : unsignedPalettes[0];
  return {
    method: title,
    layer,
    target: targetTitle(target, policy.actions, parseTarget(target, policy).label),
    signed: isSigned(palette),
    palette,
    opacity,
    smooth: true,
    ...(known?.warning === undefined ? {} : { warning: known.warning }),
  };
}

function mapOf(overlay: OverlayMap): AnnotatedMap {
  const flat = flatMap(overlay);
  const { integrationError, warning } = overlay;
  return annotatedMap(flat, {
    // A sum of factors has no scale of its own.
    limit: overlay.shape.length === 3 ? magnitudeQuantile(flat.values, 1) : overlay.scale,
    ...(integrationError === undefined ? {} : { integrationError }),
    ...(warning === undefined ? {} : { warning }),
  });
}

/** @throws InputError on a wrong method, layer, target or range, CancelledError */
export async function annotateEpisode(settings: FilmSettings, context: CommandContext): Promise<AnnotatedEpisode> {
  const { recording, method, layer, target, options, from, to, speed } = settings;
  const { output, signal } = context;
  const stored =
    settings.policy === undefined ? await recordedPolicy(recording ?? '') : await loadPolicy(settings.policy);
  const { policy } = stored;
  const compile = await createCompile(1);
  const actor = await createActor(policy.network, policy.parameters, 1, compile);
  const acting: ActingPolicy = {
    async act(observation) {
      const { logits, values } = await actor.act(observation);
      return { logits, value: values[0] };
    },
  };
  const played =
    recording === undefined
      ? await playLevel(stored, acting, settings, context)
      : await playRecording(recording, acting, context);
  const shown = played.instants.slice(from, to + 1);
  if (shown.length === 0 || (settings.single && shown.length !== 1)) {
    const flag = settings.single ? '--step' : '--from';
    throw new InputError(`${flag}: expected 0 to ${played.instants.length - 1} (the episode ended there), got ${from}`);
  }
  const explainer = createPolicyExplainer(policy, compile, acting);
  const progress = output.progress({ label: 'explaining', total: shown.length, unit: 'steps' });
  const frames: AnnotatedFrame[] = [];
  let signed = true;
  try {
    for (const instant of shown) {
      throwIfAborted(signal, 'export');
      let map: AnnotatedMap | null = null;
      if (method !== noMethod) {
        const overlay = await explainer.explain(instant, { id: 'export', method, layer, target, options }, signal);
        signed = overlay.signed;
        map = mapOf(overlay);
      }
      frames.push(frameOf(instant, from + frames.length, map));
      progress.update(frames.length);
    }
  } finally {
    progress.finish();
    explainer.dispose();
    actor.dispose();
  }
  return {
    format: 'saccade-annotated',
    version: 1,
    saccade: version,
    policy: stored.name,
    actions: policy.actions,
    observationShape: policy.network.observationShape,
    stepsPerSecond: speed,
    lens: method === noMethod ? null : lensOf(settings, stored, signed),
    layouts: played.layouts,
    frames,
  };
}

function frameOf(instant: Instant, step: number, map: AnnotatedMap | null): AnnotatedFrame {
  const { levelSeed, observation, scene, action, actor, probabilities, value, reward, end } = instant;
  return {
    episode: 0,
    step,
    levelSeed,
    observation,
    scene,
    action,
    actor,
    probabilities,
    value,
    reward,
    return: instant.return,
    end,
    map,
  };
}
