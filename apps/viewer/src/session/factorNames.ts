/** What factors are called: after the class that each goes with better than chance, where there is one. */
import type { LayerFeatures } from '@saccade/protocol';

/** One a factor; empty where nothing stands out. */
export function factorNames({ alignment, directions }: LayerFeatures): string[] {
  return directions.map((_, factor) => {
    if (!alignment) return '';
    let best = -1;
    alignment.auroc[factor]?.forEach((auroc, k) => {
      if (auroc === null || auroc <= alignment.limit) return;
      if (best < 0 || auroc > (alignment.auroc[factor][best] ?? 0)) best = k;
    });
    return best < 0 ? '' : alignment.classes[best];
  });
}
