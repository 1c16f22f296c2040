/**
 * The diversity hypothesis (Hilton et al. 2020) as numbers: do policies trained on more levels have features that are
 * better aligned? The policy is the unit; competence is held against it, since policies of more levels also solve more.
 */
import { createStream, InputError } from '@saccade/core';
import { bootstrap } from '../statistics/bootstrap.ts';
import type { Interval } from '../statistics/bootstrap.ts';
import { slope } from '../statistics/ranks.ts';

export interface StudiedPolicy {
  /** Training levels; `all` is 2^31. */
  readonly levels: number;
  readonly seed: number;
  /** Environment steps that it was trained for. */
  readonly steps: number;
  /** An earlier checkpoint of a run, kept as a control of competence? */
  readonly early: boolean;
  /** Share of training and of held-out levels solved. */
  readonly train: number;
  readonly test: number;
  /** Mean over classes of the best factor's AUROC. */
  readonly alignment: number;
}

export interface DiversityFindings {
  /** Of the alignment on log10(levels): change a tenfold, bootstrap over policies. */
  readonly slope: Interval;
  /** The same of the test rate and of the gap between train and test. */
  readonly testSlope: Interval;
  readonly gapSlope: Interval;
  /**
   * For every policy of few levels, the early checkpoint of an `all` run nearest in test rate (within `tolerance`), and
   * the difference of their alignment: what diversity adds at equal competence. Bootstrap over pairs.
   */
  readonly matched: {
    readonly pairs: readonly {
      readonly policy: StudiedPolicy;
      readonly control: StudiedPolicy;
      readonly difference: number;
    }[];
    readonly mean?: Interval;
  };
}

/** Largest difference of test rates between matched policies. */
export const competenceTolerance = 0.05;

/** @param policies at least two level counts among those that are not early checkpoints */
export function diversityFindings(policies: readonly StudiedPolicy[], seed = 0): DiversityFindings {
  const final = policies.filter(({ early }) => !early);
  const counts = new Set(final.map(({ levels }) => levels));
  if (counts.size < 2) throw new InputError(`diversityFindings: expected two level counts or more, got ${counts.size}`);
  const most = Math.max(...counts);
  const x = final.map(({ levels }) => Math.log10(levels));
  const slopeOf = (name: string, y: readonly number[]): Interval =>
    bootstrap(
      final.length,
      (drawn) =>
        slope(
          Array.from(drawn, (i) => x[i]),
          Array.from(drawn, (i) => y[i]),
        ),
      createStream(seed, `study/${name}`),
    );
  const controls = policies.filter(({ levels }) => levels === most);
  const pairs = final
    .filter(({ levels }) => levels < most)
    .flatMap((policy) => {
      const near = controls
        .filter((control) => Math.abs(control.test - policy.test) <= competenceTolerance)
        .sort((a, b) => Math.abs(a.test - policy.test) - Math.abs(b.test - policy.test));
      return near.length === 0 ? [] : [{ policy, control: near[0], difference: near[0].alignment - policy.alignment }];
    });
  const mean =
    pairs.length < 2
      ? undefined
      : bootstrap(
          pairs.length,
          (drawn) => drawn.reduce((sum, i) => sum + pairs[i].difference, 0) / drawn.length,
          createStream(seed, 'study/matched'),
        );
  return {
    slope: slopeOf(
      'alignment',
      final.map(({ alignment }) => alignment),
    ),
    testSlope: slopeOf(
      'test',
      final.map(({ test }) => test),
    ),
    gapSlope: slopeOf(
      'gap',
      final.map(({ train, test }) => train - test),
    ),
    matched: { pairs, ...(mean ? { mean } : {}) },
  };
}
