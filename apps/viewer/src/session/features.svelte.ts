/** What is known of layers' factors: asked for once, with progress while the server computes. */
import type { ClientMessageInput, FeaturePictureMessage, FeaturesMessage } from '@saccade/protocol';

type LayerNews = FeaturesMessage['result'];
type PictureNews = FeaturePictureMessage['result'];

export class Features {
  private layers = $state.raw<Readonly<Record<string, LayerNews>>>({});
  private pictures = $state.raw<Readonly<Record<string, PictureNews>>>({});
  private readonly send: (message: ClientMessageInput) => void;

  constructor(send: (message: ClientMessageInput) => void) {
    this.send = send;
  }

  /** Undefined before it was asked for. */
  layer(policy: string, layer: string): LayerNews | undefined {
    return this.layers[`${policy}/${layer}`];
  }

  picture(policy: string, layer: string, factor: number): PictureNews | undefined {
    const shipped = this.layer(policy, layer);
    const known = shipped?.status === 'ready' ? shipped.pictures.find((one) => one.factor === factor) : undefined;
    return known ? { status: 'ready', picture: known } : this.pictures[`${policy}/${layer}/${factor}`];
  }

  /** Asks, unless it is known or on its way. */
  want(policy: string, layer: string): void {
    const known = this.layer(policy, layer);
    if (known && known.status !== 'failed') return;
    this.layers = { ...this.layers, [`${policy}/${layer}`]: { status: 'computing', what: 'asking', done: 0 } };
    this.send({ type: 'features', policy, layer });
  }

  wantPicture(policy: string, layer: string, factor: number): void {
    const known = this.picture(policy, layer, factor);
    if (known && known.status !== 'failed') return;
    const key = `${policy}/${layer}/${factor}`;
    this.pictures = { ...this.pictures, [key]: { status: 'computing', what: 'asking', done: 0 } };
    this.send({ type: 'featurePicture', policy, layer, factor });
  }

  arrive({ policy, layer, result }: FeaturesMessage): void {
    this.layers = { ...this.layers, [`${policy}/${layer}`]: result };
  }

  arrivePicture({ policy, layer, factor, result }: FeaturePictureMessage): void {
    this.pictures = { ...this.pictures, [`${policy}/${layer}/${factor}`]: result };
  }

  /** The connection was lost: what was on its way has to be asked for again. */
  forgetPending(): void {
    const settled = <T extends { readonly status: string }>(all: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(all).filter(([, { status }]) => status !== 'computing'));
    this.layers = settled(this.layers);
    this.pictures = settled(this.pictures);
  }
}
