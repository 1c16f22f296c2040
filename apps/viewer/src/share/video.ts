/**
 * Plates as a video, encoded by the browser. Which codecs there are is the browser's affair (Debian's Chromium has no
 * H.264): the first that it can encode is taken, and named.
 */
import type { GifRequest } from '@saccade/insight';
import {
  BufferTarget,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  QUALITY_HIGH,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import type { VideoCodec } from 'mediabunny';

export const videoKinds = ['mp4', 'webm'] as const;
export type VideoKind = (typeof videoKinds)[number];

/** What players of such files understand, the most widely understood first. */
const codecs: Readonly<Record<VideoKind, VideoCodec[]>> = { mp4: ['avc', 'av1', 'vp9'], webm: ['vp9', 'vp8', 'av1'] };

const names: Partial<Record<VideoCodec, string>> = { avc: 'H.264', av1: 'AV1', vp9: 'VP9', vp8: 'VP8' };

export interface VideoEncoding {
  readonly kind: VideoKind;
  readonly codec: VideoCodec;
  /** `MP4 (H.264)` */
  readonly title: string;
}

/** Undefined where this browser encodes nothing that such a file may hold. Sides are even. */
export async function videoEncoding(
  kind: VideoKind,
  size: { readonly width: number; readonly height: number },
): Promise<VideoEncoding | undefined> {
  if (typeof VideoEncoder === 'undefined') return undefined;
  const codec = await getFirstEncodableVideoCodec(codecs[kind], { ...size, quality: QUALITY_HIGH });
  if (codec === null) return undefined;
  return { kind, codec, title: `${kind === 'mp4' ? 'MP4' : 'WebM'} (${names[codec] ?? codec})` };
}

/** The last instant stays for a moment, so that one sees how it ended. Seconds. */
const REST = 1.2;

export async function filmVideo({ kind, codec }: VideoEncoding, request: GifRequest): Promise<Uint8Array> {
  const { frames, plate, stepsPerSecond, drawn } = request;
  const target = new BufferTarget();
  const format = kind === 'mp4' ? new Mp4OutputFormat({ fastStart: 'in-memory' }) : new WebMOutputFormat();
  const output = new Output({ format, target });
  const source = new VideoSampleSource({ codec, quality: QUALITY_HIGH, keyFrameInterval: 1 });
  output.addVideoTrack(source, { frameRate: stepsPerSecond });
  try {
    await output.start();
    const period = 1 / stepsPerSecond;
    const resting = Math.ceil(REST / period);
    for (let at = 0; at < frames; at++) {
      const { width, height, rgba } = plate(at);
      const copies = at === frames - 1 ? resting : 1;
      for (let copy = 0; copy < copies; copy++) {
        const timestamp = (at + copy) * period;
        const sample = new VideoSample(rgba, {
          format: 'RGBA',
          codedWidth: width,
          codedHeight: height,
          timestamp,
          duration: period,
        });
        await source.add(sample);
        sample.close();
      }
      await drawn(at + 1);
    }
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => undefined);
    throw error;
  }
  if (!target.buffer) throw new Error('the encoder has written nothing');
  return new Uint8Array(target.buffer);
}
