/**
 * Does a method look at what the network learned? Its layers are randomised one after another from the top; a map that
 * stays as it was shows the picture, not the network. Adebayo et al. 2018, https://arxiv.org/abs/1810.03292.
 */
import { createStream } from '@saccade/core';
import { initialiseParameters } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { quantile } from '../statistics/bootstrap.ts';

export interface RandomisedPolicy {
  /** The node whose parameters were the last to go. */
  readonly upTo: string;
  readonly policy: Policy;
}

/** The policy with its heads randomised, then the layer below too, and so on: the last one has learned nothing. */
export function randomisationCascade(policy: Policy, seed: number): RandomisedPolicy[] {
  const { network } = policy;
  const fresh = initialiseParameters(network, createStream(seed, 'cascade'));
  const heads: string[] = [network.logits, network.value];
  const groups: { name: string; parameters: string[] }[] = [{ name: 'heads', parameters: [] }];
  for (const node of [...network.nodes].reverse()) {
    if (!('parameters' in node)) continue;
    if (heads.includes(node.name)) groups[0].parameters.push(...node.parameters);
    else groups.push({ name: node.name, parameters: [...node.parameters] });
  }
  let parameters = policy.parameters;
  return groups.map(({ name, parameters: own }) => {
    parameters = { ...parameters, ...Object.fromEntries(own.map((key) => [key, fresh[key]])) };
    return { upTo: name, policy: { ...policy, parameters } };
  });
}

export interface RandomisationCheck {
  /** Similarity with the original map after each stage of the cascade: medians over frames. */
  readonly stages: readonly { readonly upTo: string; readonly spearman: number; readonly similarity: number }[];
  /** Median absolute Spearman after the last stage. */
  readonly after: number;
  /** 95th percentile of the absolute Spearman between maps of unrelated random networks. */
  readonly chance: number;
  readonly fails: boolean;
}

const finite = (values: readonly number[]): number[] => values.filter((value) => Number.isFinite(value));
const median = (values: readonly number[]): number => {
  const own = finite(values);
  return own.length === 0 ? Number.NaN : quantile(own, 0.5);
};

/**
 * A method fails if its maps of a network without knowledge are more like the original than those of two such networks
 * are like each other.
 * @param stages of each stage: Spearman and structural similarity with the original map, a number a map
 * @param unrelated Spearman between maps of unrelated random networks
 */
export function randomisationVerdict(
  stages: readonly { readonly upTo: string; readonly spearman: number[]; readonly similarity: number[] }[],
  unrelated: readonly number[],
): RandomisationCheck {
  const last = stages[stages.length - 1];
  const after = median(last.spearman.map(Math.abs));
  const between = finite(unrelated).map(Math.abs);
  const chance = between.length === 0 ? Number.NaN : quantile(between, 0.95);
  return {
    stages: stages.map(({ upTo, spearman, similarity }) => ({
      upTo,
      spearman: median(spearman),
      similarity: median(similarity),
    })),
    after,
    chance,
    fails: after > chance,
  };
}

/** What is shown beside a method that fails the check on the policy that it explains; none for one that passes. */
export function randomisationWarning({
  after,
  chance,
  fails,
}: Pick<RandomisationCheck, 'after' | 'chance' | 'fails'>): string | undefined {
  if (!fails) return undefined;
  const text = (value: number): string => value.toFixed(2);
  return (
    'Fails the randomisation check on this policy: with every layer randomised its maps still resemble these ' +
    `(median |rank correlation| ${text(after)}, by chance up to ${text(chance)}), so they show the picture more than what the policy learned.`
  );
}
