/** Methods whose features are things, not pixels: take an object out of the world, render again, ask again. */
import { InputError, internalError, throwIfAborted } from '@saccade/core';
import { defineMethod, expectSpatial } from '../method.ts';
import type { Attribution, AttributionRequest, ObjectInterventions } from '../method.ts';
import type { Context } from '../model.ts';
import { shapleyValues } from '../shapley.ts';

/** The target with each set of objects removed, [sets]; in batches, so that memory does not grow with their number. */
async function scoresWithout(
  request: AttributionRequest,
  objects: ObjectInterventions,
  sets: readonly (readonly number[])[],
  draft?: (scores: Float64Array, count: number) => void,
): Promise<Float64Array> {
  const { attributor, target, cancellation, progress } = request;
  const { size, largestBatch } = attributor;
  const scores = new Float64Array(sets.length);
  for (let start = 0; start < sets.length; start += largestBatch) {
    throwIfAborted(cancellation, 'object interventions');
    const part = sets.slice(start, start + largestBatch);
    const points = new Float32Array(part.length * size);
    const context: Record<string, Float32Array> = {};
    for (const [k, removed] of part.entries()) {
      const frame = await objects.without(removed);
      points.set(frame.activation, k * size);
      for (const [name, values] of Object.entries<Float32Array>(frame.context ?? {})) {
        (context[name] ??= new Float32Array(part.length * values.length)).set(values, k * values.length);
      }
    }
    scores.set(await attributor.scores(points, target, { context: context as Context, cancellation }), start);
    const count = start + part.length;
    progress?.(count / sets.length);
    if (count < sets.length) draft?.(scores, count);
  }
  return scores;
}

/** Each object's value spread evenly over where it is seen, so that the map sums to the values of what is seen. */
function paintObjects(values: Float32Array, { masks }: ObjectInterventions, positions: number): Float32Array {
  const map = new Float32Array(positions);
  masks.forEach((mask, object) => {
    const area = mask.reduce((sum, seen) => sum + (seen ? 1 : 0), 0);
    if (area > 0) for (let p = 0; p < positions; p++) if (mask[p]) map[p] += values[object] / area;
  });
  return map;
}

function expectObjects(title: string, { objects, attributor }: AttributionRequest): ObjectInterventions {
  if (!objects) throw internalError(`${title} without objects`);
  const [height, width] = expectSpatial(title, attributor.model.shape);
  for (const mask of objects.masks) {
    if (mask.length !== height * width) {
      throw new InputError(`${title}: expected masks [${height}, ${width}], got ${mask.length} values`);
    }
  }
  return objects;
}

export const ablation = defineMethod({
  title: 'Object ablation',
  description: 'What the target loses when one object is taken out of the world and the frame is rendered again.',
  options: {},
  signed: true,
  family: 'objects',
  needs: ['objects'],
  async attribute(request) {
    const objects = expectObjects('Object ablation', request);
    const [height, width] = request.attributor.model.shape;
    const sets = [[], ...objects.names.map((_, object) => [object])];
    const scores = await scoresWithout(request, objects, sets);
    const values = Float32Array.from(objects.names, (_, object) => scores[0] - scores[object + 1]);
    const map = paintObjects(values, objects, height * width);
    return { map, shape: [height, width], signed: true, score: scores[0], objects: values };
  },
});

/** Shapley 1953; beyond the limit the nearest objects are the players and the others stay in the frame. */
export const shapley = defineMethod({
  title: 'Object Shapley values',
  description: 'Each object’s share of the target, averaged over all orders of putting the objects into the world.',
  options: {
    players: {
      kind: 'integer',
      default: 8,
      minimum: 1,
      maximum: 12,
      description: 'Objects to share among, nearest first; twice the frames for each.',
    },
  },
  signed: true,
  family: 'objects',
  needs: ['objects'],
  async attribute(request, { players }) {
    const objects = expectObjects('Object Shapley values', request);
    const [height, width] = request.attributor.model.shape;
    const count = Math.min(players, objects.names.length);
    // From all present to none: the first 2^k sets keep all but the nearest k, whose values among themselves they give.
    const all = 2 ** count - 1;
    const sets = Array.from({ length: all + 1 }, (_, absent) =>
      Array.from({ length: count }, (__, object) => object).filter((object) => (absent & (1 << object)) !== 0),
    );
    const attributionOf = (scores: Float64Array, among: number): Attribution => {
      const last = 2 ** among - 1;
      const values = new Float32Array(objects.names.length);
      values.set(
        shapleyValues(
          Float64Array.from({ length: last + 1 }, (_, present) => scores[last - present]),
          among,
        ),
      );
      return {
        map: paintObjects(values, objects, height * width),
        shape: [height, width],
        signed: true,
        score: scores[0],
        baselineScore: scores[last],
        objects: values,
      };
    };
    const { draft } = request;
    let drafted = 0;
    const scores = await scoresWithout(
      request,
      objects,
      sets,
      draft &&
        ((some, done) => {
          const among = Math.floor(Math.log2(done));
          if (among > drafted) draft(attributionOf(some, among), done / sets.length);
          drafted = among;
        }),
    );
    return attributionOf(scores, count);
  },
});
