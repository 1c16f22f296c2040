/** Where a policy would go from everywhere: its action probabilities with the agent put at every free place. */
import { InputError } from '@saccade/core';
import { softmaxInto } from '@saccade/agent';
import type { Actor } from '@saccade/agent';
import { Cell, createObservationRenderer } from '@saccade/envs';
import type { CoinRunEnvironment, Scene } from '@saccade/envs';

export interface FieldOptions {
  /** Of the agent, cells a step; at rest by default. */
  readonly vx?: number;
  readonly vy?: number;
  /** Cells above something to stand on that are looked at; 0: only where the agent can stand. 5 by default. */
  readonly reach?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface VectorField {
  /** The cells looked at: column and row of the agent's feet, [places, 2]. */
  readonly places: Int32Array;
  /** pi(a | agent there), [places, actions]. */
  readonly probabilities: Float64Array;
  readonly values: Float32Array;
  /** Mean direction of the actions' input, -1 to 1 in x and y (up), [places, 2]. */
  readonly arrows: Float32Array;
}

/** Half of the agent's height, cells: its centre stands so far above the floor. */
const halfHeight = 0.5787;

function carries(scene: Scene, column: number, row: number): boolean {
  if (row < 0) return true;
  if (scene.cells[row * scene.width + column] === Cell.ground) return true;
  return scene.objects.some(({ kind, x, y }) => kind === 'crate' && Math.floor(x) === column && Math.floor(y) === row);
}

const blocked = (scene: Scene, column: number, row: number): boolean =>
  row >= scene.height || scene.cells[row * scene.width + column] === Cell.ground;

/** Cells in which the agent fits, at most `reach` above something that carries it, left to right, bottom up. */
export function freePlaces(scene: Scene, reach: number): Int32Array {
  const places: number[] = [];
  for (let column = 1; column < scene.width - 1; column++) {
    let above = Infinity;
    for (let row = 0; row < scene.height; row++) {
      if (carries(scene, column, row - 1)) above = 0;
      // The agent is a little taller than a cell: the one over its feet must be free too.
      const free = !blocked(scene, column, row) && !blocked(scene, column, row + 1);
      if (free && above <= reach) places.push(column, row);
      above++;
    }
  }
  return Int32Array.from(places);
}

/** What an action's name says of its input. */
export function directionOf(name: string): readonly [number, number] {
  const x = name.includes('right') ? 1 : name.includes('left') ? -1 : 0;
  const y = name.includes('jump') ? 1 : name.includes('down') ? -1 : 0;
  return [x, y];
}

/** @param actor any batch; the environment is only looked at */
export async function vectorField(
  environment: CoinRunEnvironment,
  actor: Actor,
  { vx = 0, vy = 0, reach = 5, onProgress }: FieldOptions = {},
): Promise<VectorField> {
  const { scene, config, observationSpace, actionSpace } = environment;
  if (config.view !== 'agent') throw new InputError(`vectorField: expected the agent's view, got ${config.view}`);
  const [pixels] = observationSpace.shape;
  const { render } = rendererOf(config.viewCells, config.velocitySquares, pixels);
  const places = freePlaces(scene, reach);
  const count = places.length / 2;
  if (count === 0) throw new InputError('vectorField: expected a place where the agent fits, got none');
  const choices = actionSpace.names.length;
  const probabilities = new Float64Array(count * choices);
  const values = new Float32Array(count);
  const arrows = new Float32Array(count * 2);
  const directions = actionSpace.names.map(directionOf);
  const size = pixels * pixels * 3;
  const observations = new Uint8Array(actor.batch * size);
  const row = new Float64Array(choices);
  for (let first = 0; first < count; first += actor.batch) {
    const used = Math.min(actor.batch, count - first);
    for (let i = 0; i < used; i++) {
      const x = places[2 * (first + i)] + 0.5;
      const y = places[2 * (first + i) + 1] + halfHeight;
      const supported = vy === 0 && carries(scene, Math.floor(x), Math.floor(y) - 1);
      render({ ...scene, agent: { ...scene.agent, x, y, vx, vy, supported } }, observations, i * size);
    }
    const outputs = await actor.act(observations);
    for (let i = 0; i < used; i++) {
      softmaxInto(row, outputs.logits, i * choices, choices);
      probabilities.set(row, (first + i) * choices);
      values[first + i] = outputs.values[i];
      row.forEach((p, a) => {
        arrows[2 * (first + i)] += p * directions[a][0];
        arrows[2 * (first + i) + 1] += p * directions[a][1];
      });
    }
    onProgress?.(first + used, count);
  }
  return { places, probabilities, values, arrows };
}

function rendererOf(cells: number, velocitySquares: boolean, pixels: number) {
  const renderer = createObservationRenderer({ pixels, cells, velocitySquares });
  return { render: (scene: Scene, out: Uint8Array, offset: number) => renderer.renderInto(out, offset, scene) };
}

/** second - first, place by place: what an edit changed. @throws InputError unless both are of the same places */
export function fieldDifference(first: VectorField, second: VectorField): VectorField {
  if (first.places.length !== second.places.length || first.places.some((value, i) => value !== second.places[i])) {
    throw new InputError('fieldDifference: expected two fields of the same places, got others');
  }
  return {
    places: first.places,
    probabilities: second.probabilities.map((value, i) => value - first.probabilities[i]),
    values: second.values.map((value, i) => value - first.values[i]),
    arrows: second.arrows.map((value, i) => value - first.arrows[i]),
  };
}
