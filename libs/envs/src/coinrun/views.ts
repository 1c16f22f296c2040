/**
 * The same instant with one thing different, to render beside the original: the ground truth for "what would change if
 * this were not there". Views borrow the scene that they come from, and are valid until it changes.
 */
import { InputError } from '@saccade/core';
import type { Scene, SceneObject } from './scene.ts';

function expectObject(where: string, scene: Scene, id: number): SceneObject {
  const object = scene.objects.find((candidate) => candidate.id === id);
  if (object === undefined) {
    throw new InputError(`${where}: expected the id of an object of the scene, got ${String(id)}`);
  }
  return object;
}

/** The scene without object `id`. */
export function without(scene: Scene, id: number): Scene {
  const gone = expectObject('without', scene, id);
  return { ...scene, objects: scene.objects.filter((object) => object !== gone) };
}

/** The scene with object `id` in another colour: its own times `tint`, 0xRRGGBB. */
export function recolour(scene: Scene, id: number, tint: number): Scene {
  const old = expectObject('recolour', scene, id);
  if (!Number.isInteger(tint) || tint < 0 || tint > 0xffffff) {
    throw new InputError(`recolour: expected a tint in 0..0xffffff, got ${String(tint)}`);
  }
  return { ...scene, objects: scene.objects.map((object) => (object === old ? { ...old, tint } : object)) };
}
