/** Which map is drawn: a choice among what the server offers, always a valid one. */
import type { MethodInfo, OverlayRequest, PolicyInfo } from '@saccade/protocol';

export interface OverlayChoice {
  readonly method: string;
  readonly layer: string;
  readonly target: string;
  /** Which factor of a decomposition; null: all of them. */
  readonly factor: number | null;
}

/** The layers at which a method works, `input` among them where it does. */
export function layersOf(method: MethodInfo, policy: PolicyInfo): readonly string[] {
  const names = policy.layers.map(({ name }) => name);
  return names.filter((name) => method.layers.includes(name === 'input' ? 'input' : 'hidden'));
}

/** The nearest valid choice, and a line for each wish that could not be met. */
export function chooseOverlay(
  wish: OverlayChoice,
  methods: readonly MethodInfo[],
  policy: PolicyInfo,
): { readonly choice: OverlayChoice; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const pick = (what: string, wanted: string, offered: readonly string[], fallback: string): string => {
    if (offered.includes(wanted)) return wanted;
    if (wanted !== '') problems.push(`${what}: expected one of ${offered.join(', ')}, got "${wanted}"`);
    return fallback;
  };
  const usable = methods.filter((method) => layersOf(method, policy).length > 0);
  if (usable.length === 0) return { choice: { ...wish, method: '', factor: null }, problems };
  const names = usable.map(({ name }) => name);
  const name = pick(
    'Method',
    wish.method,
    names,
    names.includes('integratedGradients') ? 'integratedGradients' : names[0],
  );
  const method = usable.find((candidate) => candidate.name === name) ?? usable[0];
  const layers = layersOf(method, policy);
  // A layer that the policy has but the new method cannot use is no mistake of anyone's: change it silently.
  const elsewhere = policy.layers.some((layer) => layer.name === wish.layer) && !layers.includes(wish.layer);
  const layer = pick('Layer', elsewhere ? '' : wish.layer, layers, layers.includes('2b') ? '2b' : layers[0]);
  const targets = policy.targets.map((target) => target.name);
  const target = pick('Target', wish.target, targets, targets.includes('value') ? 'value' : targets[0]);
  return { choice: { method: name, layer, target, factor: method.factors ? wish.factor : null }, problems };
}

export function overlayRequest({ method, layer, target, factor }: OverlayChoice): OverlayRequest {
  const id = signatureOf({ method, layer, target, factor }).slice(0, 64);
  return { id, method, layer, target, options: {}, ...(factor === null ? {} : { factor }) };
}

/** Equal for equal choices. */
export function signatureOf({ method, layer, target, factor }: OverlayChoice): string {
  return [method, layer, target, factor ?? 'all'].join('|');
}
