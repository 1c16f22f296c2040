/**
 * What computes answers to "what if", wherever it runs: policies with factors turned down, factors read at a place,
 * the field of a policy over a level, and whole levels played. A host that has none says so.
 */
import { InputError } from '@saccade/core';
import type { EpisodeResult } from '@saccade/agent';
import type { EnvironmentState } from '@saccade/envs';
import type { Dictionary, VectorField } from '@saccade/insight';
import type { FactorTurn } from '@saccade/protocol';
import type { FactorReadings } from './factorReadings.ts';

/** Where factors are read: shares of the observation's width and height, from the top left. */
export interface FactorPlace {
  readonly layer: string;
  readonly target: string;
  readonly x: number;
  readonly y: number;
}

/** A policy that is another one with directions of layers removed from the weights that read them. */
export interface EditedPolicy {
  readonly hash: string;
  /** Hash of the policy that it is made from. */
  readonly base: string;
  readonly removals: readonly {
    readonly layer: string;
    readonly direction: Float32Array;
    readonly strength: number;
  }[];
}

export interface SupposeEngine {
  /**
   * The policy with factors turned down, as the engine's other calls name it; the policy itself where there are none.
   * @throws InputError on an unknown layer or factor, or a layer whose readers cannot be edited
   */
  turned(hash: string, turns: readonly FactorTurn[]): Promise<string>;
  readFactors(hash: string, observation: Uint8Array, place: FactorPlace): Promise<FactorReadings>;
  /** @throws InputError where the policy does not look from the agent's place */
  field(hash: string, state: EnvironmentState): Promise<VectorField>;
  /** Plays levels in a thread of its own, one call after another; absent where there is none to spare. */
  play?(hash: string, levelSeeds: readonly number[]): Promise<readonly EpisodeResult[]>;
}

/** Recipes of edited policies: a few hundred bytes each, more than a session's steps need. */
const recipesKept = 2000;

/** Recipes by name. They are kept where policies are named, since those who compute forget edited ones. */
export class EditedPolicies {
  private readonly recipes = new Map<string, EditedPolicy>();

  get(hash: string): EditedPolicy | undefined {
    return this.recipes.get(hash);
  }

  /**
   * Names a policy with factors turned down.
   * @param dictionaryOf a layer of the policy
   * @param prepare makes the policy ready where it is needed; what cannot be edited is refused there
   * @throws InputError on a factor that the layer's dictionary lacks
   */
  async name(
    base: string,
    turns: readonly FactorTurn[],
    dictionaryOf: (layer: string) => Promise<Dictionary>,
    prepare: (recipe: EditedPolicy) => Promise<unknown>,
  ): Promise<string> {
    const effective = turns.filter(({ strength }) => strength > 0);
    if (effective.length === 0) return base;
    const hash = `${base}/${JSON.stringify(effective.map(({ layer, factor, strength }) => [layer, factor, strength]))}`;
    if (this.recipes.has(hash)) return hash;
    const removals = [];
    for (const { layer, factor, strength } of effective) {
      removals.push({ layer, direction: directionOf(await dictionaryOf(layer), factor), strength });
    }
    const recipe = { hash, base, removals };
    await prepare(recipe);
    this.recipes.set(hash, recipe);
    for (const oldest of this.recipes.keys()) {
      if (this.recipes.size <= recipesKept) break;
      this.recipes.delete(oldest);
    }
    return hash;
  }
}

/** @returns [channels] */
function directionOf({ factors, channels, directions }: Dictionary, factor: number): Float32Array {
  if (factor >= factors) throw new InputError(`factor: expected 0 to ${factors - 1}, got ${factor}`);
  return directions.slice(factor * channels, (factor + 1) * channels);
}
