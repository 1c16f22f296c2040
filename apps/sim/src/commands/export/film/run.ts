/** Writes an episode as pictures, a film, or a page of its own. */
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import { internalError, throwIfAborted } from '@saccade/core';
import { filmGif, filmOf } from '@saccade/insight';
import type { Film, GifTools } from '@saccade/insight';
import { decodeScene } from '@saccade/protocol';
import type { AnnotatedEpisode } from '@saccade/protocol';
import { expectFolder, writeAtomically } from '../../../storage/atomicWrite.ts';
import type { CommandContext } from '../../shell/command.ts';
import type { FilmSettings } from '../settings.ts';
import { findChromium } from './chromium.ts';
import { annotateEpisode } from './episode.ts';
import { offlineDocument } from './offline.ts';
import { encodeVideo } from './video.ts';

function filmOfEpisode(episode: AnnotatedEpisode): Film {
  const layouts = new Map(episode.layouts.map((layout) => [layout.layout, layout]));
  return filmOf(episode, ({ scene }) => {
    const layout = layouts.get(scene.layout);
    if (!layout) throw internalError(`export: layout ${scene.layout} is missing`);
    return decodeScene(layout, scene);
  });
}

/** Its CommonJS build: the package brings no types, and names nothing that Node could import. */
const gifTools = createRequire(import.meta.url)('gifenc') as GifTools;

const named = (step: number): string => `step-${String(step).padStart(5, '0')}.png`;

export async function runFilm(settings: FilmSettings, context: CommandContext): Promise<void> {
  const { format, out, single, scale, speed, browser } = settings;
  const { output, signal } = context;
  const folder = format === 'png' && !single;
  await expectFolder('--out', folder ? dirname(join(out, '.')) : dirname(out));
  // Said before minutes of explaining.
  if (format === 'mp4' || format === 'webm') findChromium(browser);
  const episode = await annotateEpisode(settings, context);
  const film = filmOfEpisode(episode);
  const progress = output.progress({ label: `writing ${format}`, total: film.frames, unit: 'steps' });
  const drawn = (done: number): void => {
    throwIfAborted(signal, 'export');
    if (done > 0) progress.update(done);
  };
  let bytes = 0;
  let encoding: string = format;
  const write = async (path: string, data: Uint8Array | string): Promise<void> => {
    bytes += Buffer.byteLength(data);
    await writeAtomically(path, data);
  };
  try {
    switch (format) {
      case 'png':
        if (folder) await mkdir(out, { recursive: true });
        for (let at = 0; at < film.frames; at++) {
          const { width, height, rgba } = film.plate(at, { scale });
          const data = new Uint8Array(rgba.buffer);
          const file = encode({ width, height, data, channels: 4, depth: 8 });
          await write(folder ? join(out, named(episode.frames[at].step)) : out, file);
          drawn(at + 1);
        }
        break;
      case 'gif': {
        const request = {
          frames: film.frames,
          plate: (at: number) => film.plate(at, { scale }),
          stepsPerSecond: speed,
        };
        await write(out, await filmGif(gifTools, { ...request, drawn }));
        break;
      }
      case 'html':
        await write(out, await offlineDocument('player', episode));
        break;
      case 'mp4':
      case 'webm': {
        const video = await encodeVideo(episode, { format, scale, speed, browser }, drawn, signal);
        encoding = video.title;
        await write(out, video.bytes);
        break;
      }
      default:
        format satisfies never;
    }
  } finally {
    progress.finish();
  }
  const { frames, lens } = episode;
  const of = lens ? `${lens.method} of ${lens.target} at ${lens.layer}` : 'nothing explained';
  output.print(`${frames.length} steps of level ${frames[0].levelSeed}, ${of}`);
  output.print(`wrote ${out} (${encoding}, ${bytes} bytes)`);
  output.result({
    file: out,
    format,
    encoding,
    bytes,
    policy: episode.policy,
    level: frames[0].levelSeed,
    from: frames[0].step,
    to: frames[frames.length - 1].step,
    lens,
  });
}
