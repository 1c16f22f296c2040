/** Which map is drawn: a choice among what the server offers, always a valid one. */
import type { MethodInfo, OptionInfo, OverlayRequest, PolicyInfo } from '@saccade/protocol';

export type Options = OverlayRequest['options'];

export interface OverlayChoice {
  readonly method: string;
  readonly layer: string;
  readonly target: string;
  /** Which factor of a decomposition; null: all of them. */
  readonly factor: number | null;
  /** Of the method; those left out have their defaults. */
  readonly options: Options;
}

export const noChoice: OverlayChoice = { method: '', layer: '', target: '', factor: null, options: {} };

/** The layers at which a method works, `input` among them where it does. */
export function layersOf(method: MethodInfo, policy: PolicyInfo): readonly string[] {
  const names = policy.layers.map(({ name }) => name);
  return names.filter((name) => method.layers.includes(name === 'input' ? 'input' : 'hidden'));
}

function isValid(option: OptionInfo, value: Options[string]): boolean {
  switch (option.kind) {
    case 'number':
      return (
        typeof value === 'number' &&
        value >= option.min &&
        value <= option.max &&
        (!option.integer || Number.isInteger(value))
      );
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && option.choices.includes(value);
    case 'text':
      return typeof value === 'string' && value.length <= 200;
    default:
      return option satisfies never;
  }
}

/** Those of the wished options that the method has and that differ from its defaults. */
function optionsFor(method: MethodInfo, wish: Options): Options {
  const options: Options = {};
  for (const option of method.options) {
    const value = wish[option.name];
    if (value !== undefined && value !== option.default && isValid(option, value)) options[option.name] = value;
  }
  return options;
}

/** The nearest valid choice, and a line for each wish that could not be met. */
export function chooseOverlay(
  wish: OverlayChoice,
  methods: readonly MethodInfo[],
  policy: PolicyInfo,
): { readonly choice: OverlayChoice; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const pick = (what: string, wanted: string, offered: readonly string[], usual: string): string => {
    if (offered.includes(wanted)) return wanted;
    if (wanted !== '') problems.push(`${what}: expected one of ${offered.join(', ')}, got "${wanted}"`);
    return offered.includes(usual) ? usual : offered[0];
  };
  const usable = methods.filter((method) => layersOf(method, policy).length > 0);
  if (usable.length === 0) return { choice: noChoice, problems };
  const name = pick(
    'Method',
    wish.method,
    usable.map((method) => method.name),
    'integratedGradients',
  );
  const method = usable.find((candidate) => candidate.name === name) ?? usable[0];
  const layers = layersOf(method, policy);
  // A layer that the policy has but the new method cannot use is no mistake of anyone's: change it silently.
  const elsewhere = policy.layers.some((layer) => layer.name === wish.layer) && !layers.includes(wish.layer);
  const layer = pick('Layer', elsewhere ? '' : wish.layer, layers, '2b');
  const target = pick(
    'Target',
    wish.target,
    policy.targets.map((known) => known.name),
    'value',
  );
  const factor = method.factors ? wish.factor : null;
  return { choice: { method: name, layer, target, factor, options: optionsFor(method, wish.options) }, problems };
}

/** Equal for equal choices. */
export function signatureOf({ method, layer, target, factor, options }: OverlayChoice): string {
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([method, layer, target, factor, sorted]);
}

/** The same choices have the same short names as long as the page lives, so that a frame's maps tell what they answer. */
export function createNames(): (choice: OverlayChoice) => string {
  const names = new Map<string, string>();
  return (choice) => {
    const signature = signatureOf(choice);
    let name = names.get(signature);
    if (name === undefined) {
      name = `overlay-${names.size}`;
      names.set(signature, name);
    }
    return name;
  };
}

export function requestOf(choice: OverlayChoice, id: string): OverlayRequest {
  const { method, layer, target, factor, options } = choice;
  return { id, method, layer, target, options, ...(factor === null ? {} : { factor }) };
}
