/** An episode as a video file: the page's own encoder, run in an installed Chromium. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { InputError } from '@saccade/core';
import type { AnnotatedEpisode } from '@saccade/protocol';
import { findChromium, openChromium } from './chromium.ts';
import { offlineDocument } from './offline.ts';

export interface Video {
  /** `WebM (VP9)` */
  readonly title: string;
  readonly bytes: Uint8Array;
}

export interface VideoRequest {
  readonly format: 'mp4' | 'webm';
  readonly scale: number;
  readonly speed: number;
  readonly browser: string | undefined;
}

const LOOK_EVERY = 300;
/** A page that is a file is there at once; its script may take its time on a busy machine. */
const PATIENCE = 60_000;

/** @param filmed told how many frames are done */
export async function encodeVideo(
  episode: AnnotatedEpisode,
  { format, scale, speed, browser }: VideoRequest,
  filmed: (frames: number) => void,
  signal: AbortSignal,
): Promise<Video> {
  const program = findChromium(browser);
  const folder = await mkdtemp(join(tmpdir(), 'saccade-film-'));
  try {
    const file = join(folder, 'film.html');
    await writeFile(file, await offlineDocument('film', episode));
    const page = await openChromium(program, pathToFileURL(file).href, signal);
    try {
      for (let waited = 0; (await page.evaluate('typeof saccadeFilm')) !== 'function'; waited += 100) {
        if (waited > PATIENCE) throw new Error('internal: the page that films has not started');
        await later(100);
      }
      const watching = setInterval(() => {
        page.evaluate('window.saccadeFilmed ?? 0').then(
          (done) => filmed(Number(done)),
          () => undefined,
        );
      }, LOOK_EVERY);
      try {
        const call = `saccadeFilm(${JSON.stringify(format)}, ${scale}, ${speed})`;
        const { title, file: bytes } = (await page.evaluate(call)) as { title: string; file: string };
        return { title, bytes: Buffer.from(bytes, 'base64') };
      } catch (error) {
        const reason = error instanceof Error ? /encode nothing that .*$/.exec(error.message)?.[0] : undefined;
        if (reason === undefined) throw error;
        throw new InputError(`--format: expected what ${program} can encode, got ${format}: it can ${reason}`);
      } finally {
        clearInterval(watching);
      }
    } finally {
      await page.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
