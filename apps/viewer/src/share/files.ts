/** An annotated episode as the files that people send each other. Loaded when the first is asked for. */
import * as gifenc from 'gifenc';
import { annotatedDocument, packAnnotated } from '@saccade/protocol';
import type { AnnotatedEpisode } from '@saccade/protocol';
import { filmGif } from '@saccade/insight';
import { subjectOf } from './collect.ts';
import { filmOfEpisode } from './film.ts';
import { filmVideo, videoEncoding, videoKinds } from './video.ts';
import type { VideoEncoding } from './video.ts';

export type FileKind = 'gif' | 'html' | 'mp4' | 'webm';

export interface FileChoice {
  readonly kind: FileKind;
  /** `WebM (VP9)` */
  readonly title: string;
  /** For whom. */
  readonly about: string;
  readonly video?: VideoEncoding;
}

/** A size that every film stays below, pixels: what encoders are asked about. */
const ASKED = { width: 640, height: 960 };

/** What this browser can write. */
export async function fileChoices(): Promise<readonly FileChoice[]> {
  const videos = await Promise.all(videoKinds.map((kind) => videoEncoding(kind, ASKED)));
  return [
    { kind: 'html', title: 'Page (HTML)', about: 'One file that plays anywhere, with numbers and a scrubber.' },
    { kind: 'gif', title: 'GIF', about: 'Plays in messages and documents; 256 colours.' },
    ...videos.flatMap((video) =>
      video ? [{ kind: video.kind, title: video.title, about: 'All colours, the smallest film.', video }] : [],
    ),
  ];
}

async function base64(bytes: Uint8Array): Promise<string> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'));
  const packed = await new Response(stream).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new Error('the browser could not read what it packed'));
    reader.readAsDataURL(packed);
  });
}

async function page(episode: AnnotatedEpisode): Promise<Blob> {
  const { script, style } = await import('virtual:saccade-offline');
  const title = subjectOf(episode);
  const html = annotatedDocument({
    title: `${title} (Saccade)`,
    description: `${title}, ${episode.frames.length} steps.`,
    script,
    style,
    episode: await base64(packAnnotated(episode)),
  });
  return new Blob([html], { type: 'text/html' });
}

/**
 * @param scale pixels of a film for one of the observation's 64
 * @param drawn awaited after each frame; throws to give up
 */
export async function makeFile(
  { kind, video }: FileChoice,
  episode: AnnotatedEpisode,
  scale: number,
  drawn: (done: number) => Promise<void>,
): Promise<Blob> {
  if (kind === 'html') return page(episode);
  const film = filmOfEpisode(episode);
  const plate = (at: number) => film.plate(at, { scale });
  const request = { frames: film.frames, plate, stepsPerSecond: episode.stepsPerSecond, drawn };
  const bytes = video ? await filmVideo(video, request) : await filmGif(gifenc, request);
  const type = kind === 'gif' ? 'image/gif' : `video/${kind}`;
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
}
