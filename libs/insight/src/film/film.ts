/**
 * From an annotated episode to the plates of a film, and from plates to a GIF. The encoder is handed in: this lib
 * knows pictures, not files.
 */
import { InputError } from '@saccade/core';
import type { Scene } from '@saccade/envs';
import type { Picture } from '../report/picture.ts';
import { drawPlate } from './plate.ts';
import type { PlateFilm, PlateFrame, PlateMap, PlateOptions } from './plate.ts';

/** A frame as `AnnotatedFrame` of @saccade/protocol has it. */
export type FilmFrame = Omit<PlateFrame, 'scene' | 'map'> & {
  readonly map:
    | (Omit<PlateMap, 'flat'> & {
        readonly height: number;
        readonly width: number;
        readonly values: Int16Array;
        readonly peak: number;
      })
    | null;
};

export interface Film {
  readonly frames: number;
  plate(at: number, options: PlateOptions): Picture;
}

/** @param sceneOf the world at a frame of the episode */
export function filmOf<F extends FilmFrame>(
  episode: Omit<PlateFilm, 'frames'> & { readonly frames: readonly F[] },
  sceneOf: (frame: F) => Scene,
): Film {
  const signed = episode.lens?.signed ?? false;
  return {
    frames: episode.frames.length,
    plate(at, options) {
      const frame = episode.frames[at];
      if (!frame) throw new InputError(`film: expected a frame from 0 to ${episode.frames.length - 1}, got ${at}`);
      const { map, ...rest } = frame;
      return drawPlate({ ...rest, scene: sceneOf(frame), map: map && plateMap(map, signed) }, episode, at, options);
    },
  };
}

function plateMap(map: NonNullable<FilmFrame['map']>, signed: boolean): PlateMap {
  const { height, width, values, peak, ...notes } = map;
  return { ...notes, flat: { height, width, signed, values: Float32Array.from(values, (v) => (v / 32767) * peak) } };
}

/** What of `gifenc` is used. */
export interface GifTools {
  GIFEncoder(): {
    writeFrame(
      indices: Uint8Array,
      width: number,
      height: number,
      options: { palette?: readonly number[][]; delay: number; repeat?: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  };
  quantize(rgba: Uint8ClampedArray, colours: number, options: { format: 'rgb565' }): number[][];
  applyPalette(rgba: Uint8ClampedArray, palette: number[][], format: 'rgb565'): Uint8Array;
}

export interface GifRequest {
  readonly frames: number;
  plate(at: number): Picture;
  readonly stepsPerSecond: number;
  /** Awaited after each frame: where progress is told, others get their turn, and giving up is thrown. */
  drawn(done: number): Promise<void> | void;
}

/** Frames that the colours of a GIF are chosen from, and of their pixels every n-th. */
const SAMPLED = 10;
const EVERY = 5;

/** One palette for the whole film, so that nothing flickers that stands still. */
async function paletteOf(tools: GifTools, { frames, plate, drawn }: GifRequest): Promise<number[][]> {
  const chosen = Array.from({ length: Math.min(SAMPLED, frames) }, (_, i) =>
    Math.floor((i * (frames - 1)) / Math.max(1, Math.min(SAMPLED, frames) - 1)),
  );
  const parts: Uint8ClampedArray[] = [];
  for (const at of chosen) {
    const { rgba } = plate(at);
    const pixels = Math.ceil(rgba.length / 4 / EVERY);
    const part = new Uint8ClampedArray(pixels * 4);
    for (let i = 0; i < pixels; i++) part.set(rgba.subarray(i * EVERY * 4, i * EVERY * 4 + 4), i * 4);
    parts.push(part);
    await drawn(0);
  }
  const all = new Uint8ClampedArray(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return tools.quantize(all, 256, { format: 'rgb565' });
}

/** A looping GIF. Its pace is in hundredths of a second, and browsers play nothing faster than two of them. */
export async function filmGif(tools: GifTools, request: GifRequest): Promise<Uint8Array> {
  const { frames, plate, stepsPerSecond, drawn } = request;
  const palette = await paletteOf(tools, request);
  const delay = Math.max(20, Math.round(100 / stepsPerSecond) * 10);
  const gif = tools.GIFEncoder();
  for (let at = 0; at < frames; at++) {
    const { width, height, rgba } = plate(at);
    // The last instant stays for a moment, so that one sees how it ended.
    const pause = at === frames - 1 ? Math.max(delay, 1200) : delay;
    const indices = tools.applyPalette(rgba, palette, 'rgb565');
    gif.writeFrame(indices, width, height, at === 0 ? { palette, delay: pause, repeat: 0 } : { delay: pause });
    await drawn(at + 1);
  }
  gif.finish();
  return gif.bytes();
}
