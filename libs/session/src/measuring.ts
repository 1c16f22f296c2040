/**
 * How often an edited policy fails, beside the policy itself: both play the same held-out levels with the same action
 * noise, a few levels at a time, and each portion is told. What is told early has wide intervals, and says so.
 */
import { createStream, InputError } from '@saccade/core';
import { wilsonInterval } from '@saccade/agent';
import type { EpisodeResult } from '@saccade/agent';
import { heldOutSeeds } from '@saccade/envs';
import { bootstrapMean } from '@saccade/insight';
import type { FactorTurn, MeasuredMessage } from '@saccade/protocol';
import type { OfferedPolicy } from './catalogue.ts';
import { environmentFor } from './player.ts';
import type { SupposeEngine } from './supposeEngine.ts';

export type Measured = Omit<MeasuredMessage, 'type' | 'reply' | 'session'>;

/** Levels that are played before the next report. */
const portion = 8;

function armOf(results: readonly EpisodeResult[]): Measured['original'] {
  const failed = results.filter(({ solved }) => !solved).length;
  const [low, high] = wilsonInterval(failed, results.length);
  return { failed, low, high };
}

/** @param original levels in the same order as `edited` */
export function measuredOf(
  original: readonly EpisodeResult[],
  edited: readonly EpisodeResult[],
): Pick<Measured, 'played' | 'original' | 'edited' | 'difference'> {
  const played = Math.min(original.length, edited.length);
  const changes = Int8Array.from({ length: played }, (_, i) => Number(!edited[i].solved) - Number(!original[i].solved));
  return {
    played,
    original: armOf(original.slice(0, played)),
    edited: armOf(edited.slice(0, played)),
    difference: played === 0 ? null : bootstrapMean(changes, createStream(0, 'measure'), { resamples: 1000 }),
  };
}

export class Measuring {
  private current: { stopped: boolean } | null = null;
  /** What the unedited policy did, by level, so that another setting of the sliders plays half as much. */
  private readonly known = new Map<string, EpisodeResult>();

  constructor(private readonly engine: SupposeEngine) {}

  /**
   * Replaces a measurement that runs. Resolves at its end, or when it is stopped.
   * @throws InputError on an unknown factor
   */
  async run(
    { policy, hash }: OfferedPolicy,
    turns: readonly FactorTurn[],
    levels: number,
    tell: (measured: Measured) => void,
  ): Promise<void> {
    this.stop();
    const { engine } = this;
    if (!engine.play) throw new InputError('measure: expected a host with a thread to play in, got one without');
    const own = (this.current = { stopped: false });
    const turned = await engine.turned(hash, turns);
    const seeds = heldOutSeeds(environmentFor(policy).config, { kind: 'all' }, Math.ceil(levels * 1.2) + 20).slice(
      0,
      levels,
    );
    const original: EpisodeResult[] = [];
    const edited: EpisodeResult[] = [];
    const report = (): void => {
      const running = !own.stopped && edited.length < seeds.length;
      tell({ turns: [...turns], levels: seeds.length, running, ...measuredOf(original, edited) });
    };
    report();
    for (let first = 0; first < seeds.length && !own.stopped; first += portion) {
      const some = seeds.slice(first, first + portion);
      const missing = some.filter((seed) => !this.known.has(`${hash} ${seed}`));
      if (missing.length > 0) {
        for (const result of await engine.play(hash, missing)) this.known.set(`${hash} ${result.levelSeed}`, result);
      }
      if (own.stopped) break;
      const results = await engine.play(turned, some);
      original.push(...some.flatMap((seed) => this.known.get(`${hash} ${seed}`) ?? []));
      edited.push(...results);
      if (!own.stopped) report();
    }
    if (this.current === own) this.current = null;
  }

  stop(): void {
    if (this.current) this.current.stopped = true;
    this.current = null;
  }
}
