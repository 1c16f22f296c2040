/** Where a host has the features of its policies from: files, a cache, a computation. */
import type { FeaturePictureMessage, FeaturesMessage } from '@saccade/protocol';
import type { OfferedPolicy } from './catalogue.ts';

export interface FeatureSource {
  /** Tells what a layer's factors are, or how far they are and then what they are. @throws InputError on a wrong layer */
  layer(policy: OfferedPolicy, layer: string, tell: (news: FeaturesMessage['result']) => void): Promise<void>;
  /** The same for a picture that one of them likes. */
  picture(
    policy: OfferedPolicy,
    layer: string,
    factor: number,
    tell: (news: FeaturePictureMessage['result']) => void,
  ): Promise<void>;
}
