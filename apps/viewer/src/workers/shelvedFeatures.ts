/** Features for a page without a server: those that came with its policies, and no others. */
import { InputError } from '@saccade/core';
import type { FeaturesFile } from '@saccade/protocol';
import type { FeatureSource, OfferedPolicy } from '@saccade/session';
import type { PolicyShelf } from './policyShelf.ts';

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0] : String(error);
}

export function shelvedFeatures(shelf: PolicyShelf): FeatureSource {
  const fileOf = async ({ hash, name }: OfferedPolicy): Promise<FeaturesFile> => {
    const file = await shelf.features(hash);
    if (file) return file;
    throw new InputError(`features: ${name} came to this page without any; a server computes them`);
  };
  return {
    async layer(policy, layer, tell) {
      try {
        const { bank, layers, pictures } = await fileOf(policy);
        const features = layers.find((known) => known.layer === layer);
        if (!features) {
          const known = layers.map((one) => one.layer).join(', ');
          throw new InputError(`features: expected layer ${known}, got ${layer}; a server computes others`);
        }
        tell({ status: 'ready', bank, features, pictures: pictures.filter((picture) => picture.layer === layer) });
      } catch (error) {
        tell({ status: 'failed', error: lineOf(error) });
      }
    },
    async picture(policy, layer, factor, tell) {
      try {
        const { pictures } = await fileOf(policy);
        const picture = pictures.find((known) => known.layer === layer && known.factor === factor);
        if (!picture)
          throw new InputError('features: expected a picture that came with the policy; a server computes others');
        tell({ status: 'ready', picture });
      } catch (error) {
        tell({ status: 'failed', error: lineOf(error) });
      }
    },
  };
}
