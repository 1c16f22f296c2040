/** The film of an annotated episode: its plates, wherever they are then written to. */
import { internalError } from '@saccade/core';
import { filmOf } from '@saccade/insight';
import type { Film } from '@saccade/insight';
import { decodeScene } from '@saccade/protocol';
import type { AnnotatedEpisode } from '@saccade/protocol';

export function filmOfEpisode(episode: AnnotatedEpisode): Film {
  const layouts = new Map(episode.layouts.map((layout) => [layout.layout, layout]));
  return filmOf(episode, ({ scene }) => {
    const layout = layouts.get(scene.layout);
    if (!layout) throw internalError(`film: layout ${scene.layout} is missing`);
    return decodeScene(layout, scene);
  });
}
