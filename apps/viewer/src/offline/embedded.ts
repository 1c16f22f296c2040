/** The episode that lies in the page, as text: base64 of gzip of what @saccade/protocol packs. */
import { unpackAnnotated } from '@saccade/protocol';
import type { AnnotatedEpisode } from '@saccade/protocol';

export async function readEpisode(): Promise<AnnotatedEpisode> {
  const text = document.getElementById('episode')?.textContent ?? '';
  if (!('DecompressionStream' in window)) throw new Error('this browser is too old to unpack it');
  const binary = atob(text.trim());
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return unpackAnnotated(new Uint8Array(await new Response(stream).arrayBuffer()));
}
