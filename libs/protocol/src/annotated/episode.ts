/**
 * An annotated episode: instants with one map each, and what a reader must know to read them. What films, pictures and
 * the single-file page are made of, whoever plays: a live session, the command line, or a recording.
 */
import type { FrameMessage } from '../server.ts';
import type { Layout } from '../scene.ts';

/** A map as it is drawn, one number a position; 4 digits of each number are kept. */
export interface AnnotatedMap {
  readonly height: number;
  readonly width: number;
  /** [height, width], in 32767ths of `peak`. */
  readonly values: Int16Array;
  /** Largest magnitude, in the target's units. */
  readonly peak: number;
  /** The magnitude that is painted in the last colour. */
  readonly limit: number;
  /** See `Overlay`. */
  readonly integrationError?: number;
  readonly warning?: string;
}

export type AnnotatedFrame = Pick<
  FrameMessage,
  'episode' | 'step' | 'levelSeed' | 'observation' | 'scene' | 'action' | 'actor' | 'probabilities' | 'value' | 'reward'
> &
  Pick<FrameMessage, 'return' | 'end'> & {
    /** Null where there is none, such as where computing it failed. */
    readonly map: AnnotatedMap | null;
  };

/** What the maps are of and how they are painted. */
export interface AnnotatedLens {
  /** For people: `Integrated Gradients`. */
  readonly method: string;
  readonly layer: string;
  /** For people: `the value`, `the logit of “Jump”`. */
  readonly target: string;
  readonly signed: boolean;
  /** A palette of @saccade/attribution. */
  readonly palette: string;
  /** 0-1, of the last colour. */
  readonly opacity: number;
  /** Blends between positions; else each stays a square. */
  readonly smooth: boolean;
  /** What a reader of such maps must know, always shown. */
  readonly warning?: string;
}

export interface AnnotatedEpisode {
  readonly format: 'saccade-annotated';
  readonly version: 1;
  /** Version of the package that made it. */
  readonly saccade: string;
  readonly policy: string;
  /** Names, in the order of the logits. */
  readonly actions: readonly string[];
  /** [height, width, channel] */
  readonly observationShape: readonly number[];
  /** Pace at which to play it. */
  readonly stepsPerSecond: number;
  /** Null where nothing is explained. */
  readonly lens: AnnotatedLens | null;
  readonly layouts: readonly Layout[];
  /** In order. */
  readonly frames: readonly AnnotatedFrame[];
}

const full = 32767;

/** @param values finite, [height, width] */
export function annotatedMap(
  map: { readonly values: Float32Array; readonly height: number; readonly width: number },
  { limit, ...notes }: Pick<AnnotatedMap, 'limit' | 'integrationError' | 'warning'>,
): AnnotatedMap {
  const { values, height, width } = map;
  const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const shares = Int16Array.from(values, (value) => (peak === 0 ? 0 : Math.round((value / peak) * full)));
  return { height, width, values: shares, peak, limit, ...notes };
}

/** The numbers of a map again, [height, width], in the target's units. */
export function mapValues({ values, peak }: AnnotatedMap): Float32Array {
  return Float32Array.from(values, (share) => (share / full) * peak);
}
