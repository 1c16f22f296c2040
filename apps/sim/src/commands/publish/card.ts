/** A policy's card, for people. */
import type { EnvironmentSpec } from '@saccade/agent';
import type { Overlap } from '@saccade/envs';
import { failuresText, percentText } from '../eval/summary.ts';
import type { NamedSummary } from '../eval/summary.ts';

export interface Card {
  readonly name: string;
  readonly description: string;
  readonly environment: EnvironmentSpec;
  readonly network: string;
  readonly trainingLevels: number | 'all';
  readonly steps: unknown;
  /** The policy that training started from. */
  readonly from: { readonly policy: string; readonly steps: number | null; readonly command: string | null } | null;
  readonly command: string;
  readonly engine: string;
  readonly overlap: Overlap | null;
}

function row({ name, episodes, solveRate, interval, meanReturn, failures }: NamedSummary): string {
  const [low, high] = interval.map(percentText);
  return `| ${name} | ${episodes} | ${percentText(solveRate)} | ${low} to ${high} | ${meanReturn.toFixed(2)} | ${failuresText(failures)} |`;
}

function overlapText(card: Card): string {
  if (!card.overlap) return '';
  const { trainingLevels, shared, testLevels } = card.overlap;
  const compared =
    card.trainingLevels === 'all'
      ? `the first ${trainingLevels.toLocaleString('en-US')} training seeds (training draws from all seeds below 2^31)`
      : `the ${trainingLevels.toLocaleString('en-US')} training levels`;
  return `
Each held-out layout is played once. ${shared} of the ${testLevels} layouts (${percentText(shared / testLevels)}) also occur among ${compared}.
`;
}

/** Markdown. */
function startText({ from }: Card): string {
  if (!from) return '';
  const steps = from.steps === null ? '' : ` at ${from.steps.toLocaleString('en-US')} steps`;
  const command = from.command === null ? '' : `, made by \`${from.command}\``;
  return `\n- **Started from:** \`${from.policy}\`${steps}${command}`;
}

export function cardText(card: Card, results: readonly NamedSummary[], blind: readonly NamedSummary[]): string {
  const { name, description, environment, network, trainingLevels, steps, command, engine } = card;
  const levels = trainingLevels === 'all' ? 'all seeds below 2^31' : `${trainingLevels} (seeds from 0 on)`;
  return `# ${name}

${description}

- **Environment:** ${environment.name} \`${JSON.stringify(environment.config)}\`
- **Training levels:** ${levels}
- **Network:** ${network}
- **Environment steps:** ${Number(steps).toLocaleString('en-US')}${startText(card)}
- **Engine of the evaluations:** ${engine}
- **Made by:** \`${command}\`, stopped at the steps above

![Learning curve](curve.svg)

| levels | episodes | solved | 95% interval (Wilson) | mean return | failures by cause |
| --- | --- | --- | --- | --- | --- |
${[...results, ...blind].map(row).join('\n')}

The blind players do not look: the best constant action, and running right with jumps at random, each the best of its
kind on these very levels.
${overlapText(card)}
The value is the expected discounted return in the environment's own rewards (a coin is worth 10).
`;
}
