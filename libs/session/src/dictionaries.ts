/** From features as they are stored to the dictionaries that attributions are split by. */
import type { Dictionary } from '@saccade/insight';
import type { LayerFeatures } from '@saccade/protocol';

export function dictionaryOf({ layer, directions, channels, colours, explained }: LayerFeatures): Dictionary {
  return {
    layer,
    factors: directions.length,
    channels,
    directions: Float32Array.from(directions.flat()),
    colours,
    explained,
  };
}
