/** What `saccade blind` found, as a page. */
import type { Block, BlindnessVerdict, ComparedArm, Interval, PairedEffect, Report, Section } from '@saccade/insight';

export interface BlindFindings {
  readonly policy: string;
  readonly layer: string;
  readonly factor: string;
  readonly hazard: string;
  readonly levels: number;
  readonly controlLevels: number;
  /** Share of the levels that the unedited policy solved, with Wilson's interval. */
  readonly solved: Interval;
  readonly verdict: BlindnessVerdict;
  readonly arms: readonly (ComparedArm & { readonly levels: number })[];
  readonly single: readonly { readonly hazard: string; readonly effects: readonly PairedEffect[] }[];
  readonly discovery?: {
    readonly levels: number;
    readonly tried: readonly { readonly factor: string; readonly effects: readonly PairedEffect[] }[];
  };
}

const points = ({ estimate, low, high }: Interval): string =>
  `${estimate > 0 ? '+' : ''}${estimate.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`.replaceAll('-', '−');

type Row = { readonly name: string; readonly effects: readonly PairedEffect[] };

/** A row an arm: its failure rate by each cause, and how far that is from the original's. */
function effectTables(caption: string, rows: readonly Row[]): Block[] {
  const causes = rows[0]?.effects.map(({ cause }) => cause) ?? [];
  const before: Row | undefined = rows[0] && {
    name: 'original',
    effects: rows[0].effects.map((one) => ({ ...one, editedRate: one.originalRate })),
  };
  return [
    {
      kind: 'table',
      caption: `${caption} Share of the levels that end by each cause, %.`,
      columns: ['', ...causes],
      rows: [...(before ? [before] : []), ...rows].map(({ name, effects }) => [
        name,
        ...effects.map(({ editedRate }) => Number(editedRate.toFixed(2))),
      ]),
    },
    {
      kind: 'table',
      caption: 'The same, less the original on the same levels: points of a hundred levels, with the 95% interval.',
      columns: ['', ...causes],
      rows: rows.map(({ name, effects }) => [name, ...effects.map(({ difference }) => points(difference))]),
    },
  ];
}

const kindNames = {
  factor: 'the factor under test',
  other: 'every other factor',
  channel: 'its largest channel alone',
  random: 'random directions of equal variance',
  invisible: 'the hazard invisible',
} as const;

export function blindReport(found: BlindFindings, origin: Report['origin']): Report {
  const { policy, layer, factor, hazard, levels, controlLevels, solved, verdict, arms, single, discovery } = found;
  const effect = (arm: ComparedArm) => arm.effects.find(({ cause }) => cause === hazard);
  const tested = arms.find(({ kind }) => kind === 'factor');
  const rates = tested && effect(tested);
  const hazards = [...new Set(verdict.adjusted.map(({ cause }) => cause))];
  const sections: Section[] = [
    {
      title: verdict.selective ? 'Selective: every condition holds' : 'Not selective',
      blocks: verdict.reasons.map(({ holds, text }) => ({
        kind: 'text',
        text: `${holds ? 'Holds' : 'Fails'}: ${text}.`,
      })),
    },
    {
      title: `Failures by ${hazard}`,
      blocks: [
        {
          kind: 'intervals',
          caption: `Change of the share of levels that end by ${hazard}, against the same levels with the same action noise unedited. 95% intervals by bootstrap over levels (${levels} levels for the factor under test, ${controlLevels} for the controls); shaded: within half a point.`,
          x: `change of failures by ${hazard}, points of a hundred levels`,
          band: [-0.5, 0.5],
          rows: arms.flatMap((arm) => {
            const one = effect(arm);
            if (!one) return [];
            const { estimate, low, high } = one.difference;
            return [{ name: arm.name, group: kindNames[arm.kind], value: estimate, low, high }];
          }),
        },
      ],
    },
    {
      title: 'Failures by cause',
      blocks: [
        {
          kind: 'intervals',
          caption: `The factor under test: what its removal changes, cause by cause, on ${levels} held-out levels. Shaded: within half a point, where the other causes of a selective factor must stay.`,
          x: 'change, points of a hundred levels',
          band: [-0.5, 0.5],
          rows: (tested?.effects ?? []).map(({ cause, difference }) => ({
            name: cause,
            group: cause === hazard ? 'the hazard under test' : 'other causes',
            value: difference.estimate,
            low: difference.low,
            high: difference.high,
          })),
        },
        ...effectTables('Every arm plays the same held-out levels with the same action noise.', arms),
        {
          kind: 'table',
          caption: 'McNemar’s exact test of each factor and hazard, after Holm over all of them',
          columns: ['edit', ...hazards.map((cause) => `${cause}, adjusted p`)],
          rows: [...new Set(verdict.adjusted.map(({ arm }) => arm))].map((arm) => [
            arm,
            ...hazards.map(
              (cause) => verdict.adjusted.find((one) => one.arm === arm && one.cause === cause)?.p ?? Number.NaN,
            ),
          ]),
        },
      ],
    },
  ];
  if (single.length > 0) {
    sections.push({
      title: 'Levels with one hazard alone',
      blocks: [
        ...effectTables(
          'The factor’s removal on levels built with a single hazard, so that causes do not compete for the same episodes.',
          single.map(({ hazard: only, effects }) => ({ name: `${only} alone`, effects })),
        ),
      ],
    });
  }
  if (discovery) {
    sections.push({
      title: 'How factor and hazard were chosen',
      blocks: [
        {
          kind: 'text',
          text: 'The pair whose rise of its own cause exceeds the changes of all other causes together by most, on levels of its own. The test above used other levels, once.',
        },
        ...effectTables(
          `${discovery.levels} discovery levels.`,
          discovery.tried.map(({ factor: name, effects }) => ({ name, effects })),
        ),
      ],
    });
  }
  const change = rates ? `from ${rates.originalRate.toFixed(2)}% to ${rates.editedRate.toFixed(2)}%` : '';
  return {
    title: `${policy}, blind to ${factor} of ${layer}`,
    summary: `${verdict.selective ? 'A selective factor' : 'Not selective'}: without ${factor}, failures by ${hazard} go ${change} of ${levels} held-out levels. ${verdict.reasons
      .filter(({ holds }) => verdict.selective || !holds)
      .map(({ text }) => `${text[0].toUpperCase()}${text.slice(1)}.`)
      .join(
        ' ',
      )} The unedited policy solves ${(100 * solved.estimate).toFixed(1)}% (${(100 * solved.low).toFixed(1)} to ${(100 * solved.high).toFixed(1)}).`,
    origin,
    sections,
  };
}
