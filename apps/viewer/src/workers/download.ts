/** Fetches a file of the page's own and says how far it is. */
import { InputError } from '@saccade/core';

/**
 * @param size bytes of the whole file: a compressed answer does not say it
 * @param progress told the share that has come, 0-1
 * @throws InputError when it cannot be had, or is of another size
 */
export async function download(
  url: string,
  size: number | undefined,
  progress: (done: number) => void = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const name = new URL(url).pathname.split('/').at(-1) ?? url;
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin' });
  } catch (error) {
    throw new InputError(`${name}: expected the page's server to answer, got ${String(error)}`);
  }
  if (!response.ok || !response.body) throw new InputError(`${name}: expected the file, got status ${response.status}`);
  if (size === undefined) return new Uint8Array(await response.arrayBuffer());
  const bytes = new Uint8Array(size);
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > size) throw new InputError(`${name}: expected ${size} bytes, got more`);
    bytes.set(value, length);
    length += value.length;
    progress(length / size);
  }
  if (length !== size) throw new InputError(`${name}: expected ${size} bytes, got ${length}`);
  return bytes;
}
