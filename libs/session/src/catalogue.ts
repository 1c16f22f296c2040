/** What a host offers: its policies, and the methods and targets that their frames can be explained with. */
import { InputError } from '@saccade/core';
import { methods } from '@saccade/attribution';
import type { AttributionMethod, OptionSpec } from '@saccade/attribution';
import { parseTarget } from '@saccade/insight';
import type { Policy } from '@saccade/nn';
import type { HelloMessage, MethodInfo, OptionInfo, PolicyInfo } from '@saccade/protocol';
import { protocolVersion } from '@saccade/protocol';
import { changeMethod, factorCount, factorsMethod } from './explaining.ts';
import { largestSeed } from './limits.ts';
import type { SessionLimits } from './limits.ts';
import { environmentFor } from './player.ts';
import { residualTargetInfo } from './residual.ts';

export interface OfferedPolicy {
  readonly name: string;
  /** Of the bytes of its file. */
  readonly hash: string;
  readonly policy: Policy;
  /** Its environment's config as JSON: equal for policies to which a level's seed means the same level. */
  readonly world: string;
  readonly info: PolicyInfo;
}

/** A policy as it is found. */
export interface NamedPolicy {
  readonly name: string;
  /** Of the bytes of its file. */
  readonly hash: string;
  readonly policy: Policy;
  /** One line for people. */
  readonly description: string;
  /** By attribution method: what has to be shown beside its maps of this policy. */
  readonly warnings?: Readonly<Record<string, string>>;
}

/** @throws InputError when the policy plays something that has no scene to show */
export function offer({ name, hash, policy, description, warnings = {} }: NamedPolicy): OfferedPolicy {
  const { network, actions } = policy;
  const environment = environmentFor(policy);
  const { view, viewCells, velocitySquares } = environment.config;
  const targets = ['value', ...actions, 'entropy'].map((text) => {
    const { label, units } = parseTarget(text, policy);
    const title = text === 'value' || text === 'entropy' ? text : `logit: ${text}`;
    return { name: text, title, description: `${label} (${units})` };
  });
  targets.splice(1, 0, residualTargetInfo(policy));
  const layers = network.layers
    .filter((layer) => network.layerShapes[layer].length === 3)
    .map((layer) => ({ name: layer, shape: [...network.layerShapes[layer]] }));
  return {
    name,
    hash,
    policy,
    world: JSON.stringify(environment.config),
    info: {
      name,
      description,
      architecture: network.architecture,
      environment: environment.name,
      actions: [...actions],
      observationShape: [...network.observationShape],
      layers,
      targets,
      ...(Object.keys(warnings).length > 0 ? { warnings: { ...warnings } } : {}),
      view: { centre: view, cells: viewCells, velocitySquares },
    },
  };
}

function optionInfo(name: string, spec: OptionSpec): OptionInfo {
  const { description } = spec;
  switch (spec.kind) {
    case 'integer':
    case 'number': {
      const { minimum: min, maximum: max } = spec;
      return { kind: 'number', name, description, default: spec.default, min, max, integer: spec.kind === 'integer' };
    }
    case 'boolean':
      return { kind: 'boolean', name, description, default: spec.default };
    case 'choice':
      return { kind: 'choice', name, description, default: spec.default, choices: [...spec.choices] };
    case 'text':
      return { kind: 'text', name, description, default: spec.default };
    default:
      return spec satisfies never;
  }
}

function methodInfo(name: string, { title, description, warning, signed, options }: AttributionMethod): MethodInfo {
  return {
    name,
    title,
    description,
    ...(warning === undefined ? {} : { warning }),
    signed,
    factors: false,
    layers: ['input', 'hidden'],
    options: Object.entries(options).map(([option, spec]) => optionInfo(option, spec)),
  };
}

/** Every method by its name, the decomposition included. */
export function methodInfos(): MethodInfo[] {
  const { integratedGradients } = methods;
  return [
    ...Object.entries<AttributionMethod>(methods).map(([name, method]) => methodInfo(name, method)),
    {
      ...methodInfo(changeMethod, integratedGradients),
      title: 'Change since the frame before',
      description:
        'Integrated Gradients from the frame before to this one: its map adds up to how much the target changed in the step.',
      options: methodInfo(changeMethod, integratedGradients).options.filter(({ name }) => name !== 'baseline'),
    },
    {
      ...methodInfo(factorsMethod, integratedGradients),
      title: 'Factors',
      description: `The layer's channels gathered into ${factorCount} factors, and what each contributed to the target where.`,
      factors: true,
      layers: ['hidden'],
    },
  ];
}

/** @throws InputError that lists what there is */
export function choosePolicy(policies: readonly OfferedPolicy[], name: string | undefined): OfferedPolicy {
  const found = name === undefined ? policies[0] : policies.find((policy) => policy.name === name);
  if (found) return found;
  throw new InputError(`policy: expected one of ${policies.map((policy) => policy.name).join(', ')}, got ${name}`);
}

/** @param version of the package @param engine for people */
export function hello(
  policies: readonly OfferedPolicy[],
  engine: string,
  limits: SessionLimits,
  version: string,
): HelloMessage {
  const { history, overlays, slowest, fastest } = limits;
  return {
    type: 'hello',
    protocol: protocolVersion,
    version,
    engine,
    policies: policies.map(({ info }) => info),
    environments: [{ name: 'coinrun', description: 'Procedurally generated levels: reach the coin.' }],
    methods: methodInfos(),
    limits: { history, overlays, slowest, fastest, largestSeed },
  };
}
