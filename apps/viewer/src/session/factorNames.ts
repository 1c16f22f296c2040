/** What factors are called: after the class that each goes with much better than chance, where there is one. */
import type { LayerFeatures } from '@saccade/protocol';

/** One a factor; empty where nothing stands out. */
export function factorNames({ alignment, directions }: LayerFeatures): string[] {
  return directions.map((_, factor) => alignment?.names[factor] ?? '');
}
