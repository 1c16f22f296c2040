/**
 * What a simulator can do to a frame, as attribution needs it: which objects are in view, where, and the frame without
 * any of them. Masks come from rendering, so they hold exactly the pixels that the policy could have used.
 */
import { InputError } from '@saccade/core';
import type { ObjectInterventions } from '@saccade/attribution';
import { createCoinRun } from '@saccade/envs';
import type { CoinRunEnvironment, CoinRunState, ObjectKind } from '@saccade/envs';
import type { PolicyCuts } from './cuts.ts';

export interface FrameObject {
  readonly id: number;
  readonly kind: ObjectKind;
  /** `saw 3`. */
  readonly name: string;
  /** 1 where the object changes the observation, [height, width]. */
  readonly mask: Uint8Array;
  /** Pixels of the mask. */
  readonly area: number;
}

export interface FrameObjects {
  /** Bytes 0-255, [height, width, channel]. */
  readonly observation: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** In view, nearest to the agent first. */
  readonly objects: readonly FrameObject[];
  /** The observation without those objects (indices into `objects`). */
  without(removed: readonly number[]): Uint8Array;
}

/** The objects that the agent's view shows now. Renders in an environment of its own; `environment` stays as it is. */
export function objectsInView(environment: CoinRunEnvironment): FrameObjects {
  const state = environment.getState();
  const game = state.game as CoinRunState;
  const stage = createCoinRun(environment.config);
  const [height, width, channels] = environment.observationSpace.shape;
  const render = (removed: ReadonlySet<number>): Uint8Array => {
    const objects = game.objects.filter(({ id }) => !removed.has(id));
    stage.setState({ ...state, game: { ...game, objects } });
    const observation = new Uint8Array(height * width * channels);
    stage.observeInto(observation, 0);
    return observation;
  };
  const observation = render(new Set());
  const distance = ({ x, y }: { x: number; y: number }): number => Math.hypot(x - game.agent.x, y - game.agent.y);
  const nearestFirst = [...game.objects].sort((a, b) => distance(a) - distance(b) || a.id - b.id);
  const reach = environment.config.viewCells;
  const objects = nearestFirst
    .filter((object) => distance(object) <= reach)
    .map(({ id, kind }) => {
      const absent = render(new Set([id]));
      const mask = Uint8Array.from({ length: height * width }, (_, p) => {
        for (let c = p * channels; c < (p + 1) * channels; c++) if (absent[c] !== observation[c]) return 1;
        return 0;
      });
      return { id, kind, name: `${kind} ${id}`, mask, area: mask.reduce((sum, seen) => sum + seen, 0) };
    })
    .filter(({ area }) => area > 0);
  return {
    observation,
    height,
    width,
    objects,
    without: (removed) => render(new Set(removed.map((index) => objects[index].id))),
  };
}

/** A mask at a coarser size: 1 wherever it covers any of a position's pixels. */
function coarsen(mask: Uint8Array, from: FrameObjects, height: number, width: number): Uint8Array {
  if (height === from.height && width === from.width) return mask;
  const coarse = new Uint8Array(height * width);
  for (let y = 0; y < from.height; y++) {
    const row = Math.floor((y * height) / from.height) * width;
    for (let x = 0; x < from.width; x++) {
      if (mask[y * from.width + x]) coarse[row + Math.floor((x * width) / from.width)] = 1;
    }
  }
  return coarse;
}

/** A frame's objects as attribution takes them, at a layer. */
export function interventionsAt(
  frame: FrameObjects,
  layer: string,
  shape: readonly number[],
  cuts: PolicyCuts,
): ObjectInterventions {
  if (shape.length !== 3) {
    throw new InputError(`objects: expected a layer [height, width, channel], got ${layer} [${shape.join(', ')}]`);
  }
  return {
    names: frame.objects.map(({ name }) => name),
    masks: frame.objects.map(({ mask }) => coarsen(mask, frame, shape[0], shape[1])),
    async without(removed) {
      const { activations, context } = await cuts.encode(frame.without(removed), layer);
      return { activation: activations, context };
    },
  };
}

/**
 * The baseline that `name` asks for among a frame's: `without:saw 3` and `without:all` (the background and the agent).
 * Empty for any other name, and the names that exist where the object is not in view.
 */
export function objectReferences(frame: FrameObjects, name: string): Record<string, Uint8Array> {
  const prefix = 'without:';
  if (!name.startsWith(prefix)) return {};
  const wanted = name.slice(prefix.length);
  const all = frame.objects.map((_, index) => index);
  const removed = wanted === 'all' ? all : all.filter((index) => frame.objects[index].name === wanted);
  if (wanted !== 'all' && removed.length === 0) {
    const names = ['all', ...frame.objects.map((object) => object.name)];
    throw new InputError(`baseline: expected ${prefix} and one of ${names.join(', ')}, got ${wanted}`);
  }
  return { [name]: frame.without(removed) };
}
