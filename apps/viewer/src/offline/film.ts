/**
 * What the command line runs inside a browser without a screen: the episode that lies in the page becomes a video.
 * `saccadeFilm` is called once, `saccadeFilmed` says how far it is.
 */
import { filmOfEpisode } from '../share/film.ts';
import { filmVideo, videoEncoding } from '../share/video.ts';
import type { VideoKind } from '../share/video.ts';
import { readEpisode } from './embedded.ts';

export interface FilmedVideo {
  readonly title: string;
  /** The file, base64. */
  readonly file: string;
}

declare global {
  interface Window {
    saccadeFilmed?: number;
    saccadeFilm?: (kind: VideoKind, scale: number, stepsPerSecond: number) => Promise<FilmedVideo>;
  }
}

function base64(bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new Error('the video could not be read'));
    reader.readAsDataURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  });
}

window.saccadeFilm = async (kind, scale, stepsPerSecond) => {
  const film = filmOfEpisode(await readEpisode());
  const { width, height } = film.plate(0, { scale });
  const encoding = await videoEncoding(kind, { width, height });
  if (!encoding) throw new Error(`it can encode nothing that a ${kind} file may hold`);
  const file = await filmVideo(encoding, {
    frames: film.frames,
    plate: (at) => film.plate(at, { scale }),
    stepsPerSecond,
    drawn(done) {
      window.saccadeFilmed = done;
      // Whoever asks how far it is gets an answer.
      return new Promise((resolve) => setTimeout(resolve));
    },
  });
  return { title: encoding.title, file: await base64(file) };
};
