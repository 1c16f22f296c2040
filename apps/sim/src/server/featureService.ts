/**
 * Features for pages: those that came with a policy, those that were computed here before, and else computed now in a
 * thread of their own, once for everybody who waits, with progress, and kept on disk.
 */
import { InputError } from '@saccade/core';
import type {
  FeaturePicture,
  FeaturePictureMessage,
  FeaturesFile,
  FeaturesMessage,
  LayerFeatures,
} from '@saccade/protocol';
import { cachedFeatures, cacheFeatures, shippedFeatures } from '../storage/features.ts';
import type { Engine } from '../workers/engine.ts';
import type { FeaturesResult } from '../workers/features.worker.ts';
import type { FeatureSource, OfferedPolicy } from '@saccade/session';

type FeaturesNews = FeaturesMessage['result'];
type PictureNews = FeaturePictureMessage['result'];
type Progress = Extract<FeaturesNews, { status: 'computing' }>;

/** One computation, and who waits for it. */
interface Job<Result> {
  readonly listeners: Set<(progress: Progress) => void>;
  last: Progress;
  readonly result: Promise<Result>;
}

export class FeatureService implements FeatureSource {
  private readonly files = new Map<string, Promise<FeaturesFile | undefined>>();
  private readonly layers = new Map<string, Job<LayerFeatures>>();
  private readonly pictures = new Map<string, Job<FeaturePicture>>();
  private queue: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** @param paths of the policies that lie on disk, by hash @param folder of the cache, where not the usual one */
  constructor(
    private readonly engine: Engine,
    private readonly paths: ReadonlyMap<string, string>,
    private readonly folder?: string,
  ) {}

  /** Tells `tell` what the layer's factors are, or how far they are and then what they are. */
  async layer(policy: OfferedPolicy, layer: string, tell: (news: FeaturesNews) => void): Promise<void> {
    this.expectLayer(policy, layer);
    try {
      let file = await this.file(policy);
      let features = file?.layers.find((known) => known.layer === layer);
      if (!file || !features) {
        features = await this.share(this.layers, `${policy.hash} ${layer}`, tell, (progress) =>
          this.computeLayer(policy, layer, progress),
        );
        file = await this.file(policy);
      }
      if (!file) throw new InputError(`features: expected some of ${policy.name}, got none`);
      const pictures = file.pictures.filter((picture) => picture.layer === layer);
      tell({ status: 'ready', bank: file.bank, features, pictures });
    } catch (error) {
      tell({ status: 'failed', error: lineOf(error) });
    }
  }

  /** The same for a picture that one factor likes; its layer's features are known by then. */
  async picture(
    policy: OfferedPolicy,
    layer: string,
    factor: number,
    tell: (news: PictureNews) => void,
  ): Promise<void> {
    this.expectLayer(policy, layer);
    try {
      const file = await this.file(policy);
      const known = file?.pictures.find((picture) => picture.layer === layer && picture.factor === factor);
      const picture =
        known ??
        (await this.share(this.pictures, `${policy.hash} ${layer} ${factor}`, tell, (progress) =>
          this.computePicture(policy, layer, factor, progress),
        ));
      tell({ status: 'ready', picture });
    } catch (error) {
      tell({ status: 'failed', error: lineOf(error) });
    }
  }

  private expectLayer({ info }: OfferedPolicy, layer: string): void {
    const hidden = info.layers.map(({ name }) => name).filter((name) => name !== 'input');
    if (!hidden.includes(layer)) throw new InputError(`layer: expected one of ${hidden.join(', ')}, got ${layer}`);
  }

  /** What is known of a policy, shipped and cached together. */
  private file({ hash }: OfferedPolicy): Promise<FeaturesFile | undefined> {
    const known = this.files.get(hash) ?? this.read(hash);
    this.files.set(hash, known);
    return known;
  }

  private async read(hash: string): Promise<FeaturesFile | undefined> {
    const path = this.paths.get(hash);
    const shipped = path === undefined ? undefined : await shippedFeatures(path, hash);
    const cached = await cachedFeatures(hash, this.folder);
    if (!shipped || !cached) return shipped ?? cached;
    // Numbers of frames mean something in their own bank alone.
    if (JSON.stringify(shipped.bank) !== JSON.stringify(cached.bank)) return shipped;
    const layers = cached.layers.filter(({ layer }) => !shipped.layers.some((known) => known.layer === layer));
    return { ...shipped, layers: [...shipped.layers, ...layers], pictures: [...shipped.pictures, ...cached.pictures] };
  }

  private async share<Result>(
    jobs: Map<string, Job<Result>>,
    key: string,
    tell: (progress: Progress) => void,
    compute: (progress: (what: string, done: number) => void) => Promise<Result>,
  ): Promise<Result> {
    const job = jobs.get(key) ?? this.begin(jobs, key, compute);
    job.listeners.add(tell);
    tell(job.last);
    try {
      return await job.result;
    } finally {
      job.listeners.delete(tell);
    }
  }

  private begin<Result>(
    jobs: Map<string, Job<Result>>,
    key: string,
    compute: (progress: (what: string, done: number) => void) => Promise<Result>,
  ): Job<Result> {
    const progress = (what: string, done: number): void => {
      job.last = { status: 'computing', what, done: Math.min(1, Math.max(0, done)) };
      for (const listener of job.listeners) listener(job.last);
    };
    // One after another: each takes a processor.
    const result = this.queue
      .then(() => compute(progress))
      .finally(() => {
        this.waiting--;
        jobs.delete(key);
      });
    this.queue = result.catch(() => undefined);
    const what = this.waiting > 0 ? 'waiting for another computation' : 'beginning';
    this.waiting++;
    const job: Job<Result> = { listeners: new Set(), last: { status: 'computing', what, done: 0 }, result };
    jobs.set(key, job);
    return job;
  }

  private async run(
    hash: string,
    job: Parameters<NonNullable<Engine['features']>>[1],
    progress: (what: string, done: number) => void,
  ): Promise<FeaturesResult> {
    if (!this.engine.features) throw new InputError('features: expected an engine that computes them, got another');
    return this.engine.features(hash, job, progress);
  }

  private async computeLayer(
    policy: OfferedPolicy,
    layer: string,
    progress: (what: string, done: number) => void,
  ): Promise<LayerFeatures> {
    const { hash } = policy;
    const before = await this.file(policy);
    if (!this.engine.dictionary) throw new InputError('features: expected an engine with factors, got another');
    progress('gathering channels into factors', 0);
    // The very factors that overlays are split by.
    const { dictionary, frames } = await this.engine.dictionary(hash, layer);
    const task = { kind: 'layer', dictionary, fittedOn: frames } as const;
    const result = await this.run(hash, { bank: before?.bank ?? null, task }, progress);
    if (result.kind !== 'layer') throw new InputError('features: expected a layer’s, got a picture');
    const { bank, features } = result;
    await this.keep(hash, { bank, layers: [features], pictures: [] });
    return features;
  }

  private async computePicture(
    policy: OfferedPolicy,
    layer: string,
    factor: number,
    progress: (what: string, done: number) => void,
  ): Promise<FeaturePicture> {
    const { hash } = policy;
    const file = await this.file(policy);
    const features = file?.layers.find((known) => known.layer === layer);
    if (!file || !features) throw new InputError(`features: expected those of ${layer} first, got none`);
    if (factor >= features.directions.length) {
      throw new InputError(`factor: expected 0 to ${features.directions.length - 1}, got ${factor}`);
    }
    const result = await this.run(hash, { bank: file.bank, task: { kind: 'picture', features, factor } }, progress);
    if (result.kind !== 'picture') throw new InputError('features: expected a picture, got a layer’s');
    await this.keep(hash, { bank: file.bank, layers: [], pictures: [result.picture] });
    return result.picture;
  }

  /** On disk for the next start, where disk allows, and here at once. */
  private async keep(hash: string, more: Pick<FeaturesFile, 'bank' | 'layers' | 'pictures'>): Promise<void> {
    const known = await this.files.get(hash);
    const cached = await cachedFeatures(hash, this.folder);
    const same = cached && JSON.stringify(cached.bank) === JSON.stringify(more.bank) ? cached : undefined;
    const base = { version: 1, policy: hash, command: 'computed for the viewer', bank: more.bank } as const;
    const join = (from: Pick<FeaturesFile, 'layers' | 'pictures'> | undefined): FeaturesFile => ({
      ...base,
      layers: [...(from?.layers ?? []), ...more.layers],
      pictures: [...(from?.pictures ?? []), ...more.pictures],
    });
    this.files.set(hash, Promise.resolve(join(known)));
    await cacheFeatures(join(same), this.folder).catch(() => undefined);
  }
}

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0] : String(error);
}
