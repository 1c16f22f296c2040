/**
 * An annotated episode as bytes: JSON in which arrays are places in the block of numbers behind it. Little-endian, as
 * all machines that Saccade runs on; whoever stores it compresses it.
 */
import { InputError } from '@saccade/core';
import type { AnnotatedEpisode } from './episode.ts';

const kinds = { u8: Uint8Array, i16: Int16Array, f32: Float32Array, f64: Float64Array } as const;
type Kind = keyof typeof kinds;
type Numbers = InstanceType<(typeof kinds)[Kind]>;
/** What stands in the JSON for an array: kind, byte offset in the block, elements. */
interface Place {
  readonly $: readonly [Kind, number, number];
}

/** Every array begins at a multiple of it. */
const alignment = 8;
const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

function kindOf(value: unknown): Kind | undefined {
  return (Object.keys(kinds) as Kind[]).find((kind) => value instanceof kinds[kind]);
}

/** Pure ASCII, so that a byte is a character. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function packAnnotated(episode: AnnotatedEpisode): Uint8Array {
  const arrays: { readonly at: number; readonly numbers: Numbers }[] = [];
  let end = 0;
  const place = (value: unknown): unknown => {
    const kind = kindOf(value);
    if (kind !== undefined) {
      const numbers = value as Numbers;
      const at = end;
      arrays.push({ at, numbers });
      end = aligned(at + numbers.byteLength);
      return { $: [kind, at, numbers.length] } satisfies Place;
    }
    if (Array.isArray(value)) return value.map(place);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, place(inner)]));
  };
  const json = asciiJson(place(episode));
  const start = aligned(4 + json.length);
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  for (let i = 0; i < json.length; i++) bytes[4 + i] = json.charCodeAt(i);
  for (const { at, numbers } of arrays) {
    bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), start + at);
  }
  return bytes;
}

/** @throws InputError when the bytes are no annotated episode, or one of a later version */
export function unpackAnnotated(bytes: Uint8Array): AnnotatedEpisode {
  const whole = bytes.byteOffset % alignment === 0 ? bytes : bytes.slice();
  const fail = (got: string): InputError => new InputError(`annotated episode: expected one of version 1, got ${got}`);
  if (whole.length < 4) throw fail(`${whole.length} bytes`);
  const length = new DataView(whole.buffer, whole.byteOffset).getUint32(0, true);
  const start = aligned(4 + length);
  if (start > whole.length) throw fail(`${whole.length} bytes`);
  let json = '';
  for (let at = 4; at < 4 + length; at += 8192) {
    json += String.fromCharCode(...whole.subarray(at, Math.min(at + 8192, 4 + length)));
  }
  const restore = (_key: string, value: unknown): unknown => {
    const found = (value as Partial<Place> | null)?.$;
    if (!Array.isArray(found)) return value;
    const [kind, at, count] = found as unknown as Place['$'];
    return new kinds[kind](whole.buffer as ArrayBuffer, whole.byteOffset + start + at, count);
  };
  let episode: AnnotatedEpisode;
  try {
    episode = JSON.parse(json, restore) as AnnotatedEpisode;
  } catch {
    throw fail('something else');
  }
  if (episode.format !== 'saccade-annotated' || episode.version !== 1) throw fail(`version ${String(episode.version)}`);
  return episode;
}
