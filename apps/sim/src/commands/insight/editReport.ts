/** What edits did, as a page. */
import type { Block, EditEffect, Interval, PairedEffect, Report, Section } from '@saccade/insight';

export interface LookedEdit {
  readonly factor: string;
  readonly index: number;
  readonly edit: string;
  readonly effect: EditEffect;
}

export interface PlayedEdit {
  readonly name: string;
  readonly kind: 'edit' | 'hidden';
  /** Change of the return, of the share solved. */
  readonly returns: Interval;
  readonly solved: Interval;
  readonly effects: readonly PairedEffect[];
}

export interface EditFindings {
  readonly policy: string;
  readonly layer: string;
  readonly looked: readonly LookedEdit[];
  readonly played: readonly PlayedEdit[];
  readonly levels: number;
  /** Share of the levels that the unedited policy solved. */
  readonly solved?: number;
  /** On which decisions were compared. */
  readonly frames: number;
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const text = ({ estimate, low, high }: Interval, digits: number): string =>
  `${estimate.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`.replaceAll('-', '−');

/** Factors by edits, a number each. */
function grid(looked: readonly LookedEdit[], caption: string, of: (one: LookedEdit) => number, full: number): Block {
  const edits = [...new Set(looked.map(({ edit }) => edit))];
  const factors = [...new Set(looked.map(({ factor }) => factor))];
  return {
    kind: 'table',
    caption,
    columns: ['factor', ...edits],
    rows: factors.map((factor) => [
      factor,
      ...edits.map((edit) => {
        const found = looked.find((one) => one.factor === factor && one.edit === edit);
        return found ? of(found) : Number.NaN;
      }),
    ]),
    shade: [0, full],
  };
}

export function editReport(found: EditFindings, origin: Report['origin']): Report {
  const { policy, layer, looked, played, levels, solved, frames } = found;
  const divergence = (one: LookedEdit): number => mean(one.effect.divergence);
  const largest = looked.reduce((a, b) => (divergence(b) > divergence(a) ? b : a));
  const most = (of: (one: LookedEdit) => number): number => Math.max(...looked.map((one) => Math.abs(of(one))));
  const sections: Section[] = [
    {
      title: 'What edits do to decisions',
      blocks: [
        grid(
          looked,
          `Mean KL divergence of the edited policy from the original on ${frames} frames, nats.`,
          divergence,
          most(divergence),
        ),
        grid(
          looked,
          'Mean change of the value on the same frames, in the critic’s units.',
          (one) => mean(one.effect.values),
          most((one) => mean(one.effect.values)),
        ),
        grid(looked, 'Share of the frames whose likeliest action stays.', (one) => one.effect.sameAction, 1),
        {
          kind: 'text',
          text: 'zero, mean, resample, scale and steer change the component of the layer along the factor and nothing orthogonal to it; steer adds standard deviations of it. project takes the direction out of the weights that read the layer.',
        },
      ],
    },
  ];
  if (played.length > 0) {
    sections.push({
      title: 'What edits do to episodes',
      blocks: [
        {
          kind: 'intervals',
          caption: `Change of the share of ${levels} held-out levels solved (${(100 * (solved ?? 0)).toFixed(1)}% without an edit), paired by level, with the level bootstrap’s 95% interval. The factors whose edits moved the policy most, and hazards made invisible.`,
          x: 'change of the share solved',
          rows: played.map(({ name, kind, solved: change }) => ({
            name,
            group: kind === 'edit' ? 'edits' : 'hazards invisible',
            value: change.estimate,
            low: change.low,
            high: change.high,
          })),
        },
        {
          kind: 'table',
          caption: 'Change of the return, and of failures by each cause in points of a hundred levels (95%).',
          columns: ['', 'return', ...(played[0]?.effects.map(({ cause }) => cause) ?? [])],
          rows: played.map(({ name, returns, effects }) => [
            name,
            text(returns, 2),
            ...effects.map(({ difference }) => text(difference, 1)),
          ]),
        },
      ],
    });
  }
  const worst = played
    .filter(({ kind }) => kind === 'edit')
    .reduce<PlayedEdit | undefined>((a, b) => (!a || b.solved.estimate < a.solved.estimate ? b : a), undefined);
  return {
    title: `Edits of ${layer} of ${policy}`,
    summary: `${largest.edit} of ${largest.factor} moves the policy most (KL ${divergence(largest).toFixed(3)} nats, mean of ${frames} frames).${worst ? ` Played, ${worst.name} changes the share of levels solved by ${text(worst.solved, 3)}, the most of the edits.` : ''}`,
    origin,
    sections,
  };
}
