/**
 * Gathers a stretch of the held past with its maps: the page walks through it, seen by whoever waits, since each map
 * is asked for as scrubbing asks for it. Afterwards the page looks where it looked before.
 */
import { CancelledError } from '@saccade/core';
import { layerTitle, targetTitle } from '@saccade/insight';
import { annotatedMap } from '@saccade/protocol';
import type {
  AnnotatedEpisode,
  AnnotatedFrame,
  AnnotatedLens,
  AnnotatedMap,
  FrameMessage,
  Layout,
} from '@saccade/protocol';
import type { OverlayPicture } from '../scene/overlayPicture.ts';
import type { Player } from '../session/player.svelte.ts';

/** A step that does not come for so long will not come. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 4;

export interface Stretch {
  /** Global steps, both included. */
  readonly from: number;
  readonly to: number;
}

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until the page shows the step, with the map that is chosen now. */
async function shownAt(player: Player, step: number, wanted: string | undefined, signal: AbortSignal) {
  player.clock.seek(step);
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    if (signal.aborted) throw new CancelledError('export');
    const { shown } = player;
    const answered =
      wanted === undefined ||
      shown?.frame.overlays.some((map) => map.request === wanted && !(map.ok && map.draft !== undefined)) === true;
    if (shown?.frame.step === step && answered) return shown;
    if (player.clock.oldest > step) throw new Error(`step ${step} is no longer held`);
    if (performance.now() > deadline) throw new Error(`step ${step} has not come`);
    await later(LOOK_MS);
  }
}

function mapOf({ flat, scale, overlay }: OverlayPicture, { look }: Player): AnnotatedMap {
  const part = (value: number): number => (look.sign === 'positive' ? Math.max(value, 0) : Math.min(value, 0));
  const values = look.sign === 'both' || !overlay.signed ? flat.values : flat.values.map(part);
  const { integrationError, warning } = overlay;
  return annotatedMap(
    { ...flat, values },
    {
      limit: scale.limit,
      ...(integrationError === undefined ? {} : { integrationError }),
      ...(warning === undefined ? {} : { warning }),
    },
  );
}

function lensOf(player: Player, { scale, overlay }: OverlayPicture): AnnotatedLens {
  const { look, lenses, policy } = player;
  const info = policy?.targets.find(({ name }) => name === overlay.target);
  const factor = overlay.factor === undefined ? '' : `, factor ${overlay.factor + 1}`;
  const warning = policy?.warnings?.[overlay.method] ?? lenses.method?.warning;
  return {
    method: `${lenses.method?.title ?? overlay.method}${factor}`,
    layer: overlay.layer,
    target: targetTitle(overlay.target, policy?.actions ?? [], info?.title),
    signed: overlay.signed,
    palette: scale.palette,
    opacity: look.opacity / 100,
    smooth: look.smooth,
    ...(warning === undefined ? {} : { warning }),
  };
}

function frameOf(frame: FrameMessage, map: AnnotatedMap | null): AnnotatedFrame {
  const { episode, step, levelSeed, observation, scene, action, actor, probabilities, value, reward, end } = frame;
  return {
    episode,
    step,
    levelSeed,
    observation,
    scene,
    action,
    actor,
    probabilities,
    value,
    reward,
    return: frame.return,
    end,
    map,
  };
}

/** What the film is of, in one line. */
export function subjectOf({ lens, policy, frames }: AnnotatedEpisode): string {
  const what = lens ? `${lens.method} of ${lens.target}, at ${layerTitle(lens.layer)}` : 'no overlay';
  return `${policy} in level ${frames[0]?.levelSeed}: ${what}`;
}

/**
 * @param collected told after each step how many are there
 * @throws CancelledError, and an error in words when a step does not come
 */
export async function collectEpisode(
  player: Player,
  { from, to }: Stretch,
  collected: (steps: number) => void,
  signal: AbortSignal,
): Promise<AnnotatedEpisode> {
  const { clock, look, lenses, policy, hello, session } = player;
  if (!policy || !hello || !session) throw new Error('there is no session');
  const before = clock.held;
  clock.setReplay(0);
  const wanted = look.visible ? lenses.requests()[0]?.id : undefined;
  const layouts = new Map<number, Layout>();
  const frames: AnnotatedFrame[] = [];
  let lens: AnnotatedLens | null = null;
  try {
    for (let step = from; step <= to; step++) {
      const { frame, layout } = await shownAt(player, step, wanted, signal);
      const picture = wanted === undefined ? null : lenses.list[0].picture;
      layouts.set(layout.layout, layout);
      if (picture) lens = lensOf(player, picture);
      frames.push(frameOf(frame, picture && mapOf(picture, player)));
      collected(frames.length);
    }
  } finally {
    if (before === null) clock.goLive();
    else clock.seek(before);
  }
  return {
    format: 'saccade-annotated',
    version: 1,
    saccade: hello.version,
    policy: policy.name,
    actions: policy.actions,
    observationShape: policy.observationShape,
    stepsPerSecond: session.stepsPerSecond,
    lens,
    layouts: [...layouts.values()],
    frames,
  };
}
