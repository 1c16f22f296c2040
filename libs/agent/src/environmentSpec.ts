/** Which environment a policy belongs to: a name and a config as JSON, kept in the policy's file. */
import { InputError } from '@saccade/core';
import { environments } from '@saccade/envs';
import type { Environment, EnvironmentName } from '@saccade/envs';
import type { Policy } from '@saccade/nn';

export interface EnvironmentSpec {
  readonly name: EnvironmentName;
  /** What differs from the environment's default config. */
  readonly config: Readonly<Record<string, unknown>>;
}

function isName(name: unknown): name is EnvironmentName {
  return typeof name === 'string' && Object.hasOwn(environments, name);
}

/** @throws InputError that lists the environments, or says which option is wrong */
export function createFromSpec(spec: EnvironmentSpec, overrides: Readonly<Record<string, unknown>> = {}): Environment {
  if (!isName(spec.name)) {
    throw new InputError(
      `environment: expected one of ${Object.keys(environments).join(', ')}, got ${String(spec.name)}`,
    );
  }
  return environments[spec.name].create({ ...spec.config, ...overrides });
}

/** @throws InputError when the policy does not say what it was trained in */
export function environmentOf(policy: Policy): EnvironmentSpec {
  const spec = policy.training['environment'] as EnvironmentSpec | undefined;
  if (!isName(spec?.name)) {
    throw new InputError(
      `policy: expected its environment to be one of ${Object.keys(environments).join(', ')}, got ${String(spec?.name)}`,
    );
  }
  return { name: spec.name, config: spec.config ?? {} };
}
