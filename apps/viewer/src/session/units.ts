/** What the numbers of a map are, in words: of the output itself, of its gradient, or the method's own. */
import type { Overlay, PolicyInfo } from '@saccade/protocol';

/** Units of an output. */
function unitOf(target: string, policy: PolicyInfo | null): string {
  if (target === 'value' || target.startsWith('td-residual')) return 'value';
  if (target === 'entropy') return 'nats';
  return policy?.actions.includes(target) ? 'logit' : 'of the output';
}

/** Methods whose numbers are slopes: how much the output changes for one unit of what is attributed to. */
const slopes: ReadonlySet<string> = new Set([
  'saliency',
  'signedGradient',
  'smoothGrad',
  'guidedBackprop',
  'deconvnet',
]);
/** Methods that scale or compare in their own way: only larger and smaller mean something. */
const own: ReadonlySet<string> = new Set(['gradCam', 'guidedGradCam', 'sarfa', 'blurPerturbation']);

/** @param overlay the map that is drawn */
export function unitsOf(overlay: Overlay | undefined, policy: PolicyInfo | null): string {
  if (!overlay?.ok) return '';
  if (own.has(overlay.method)) return 'of its own scale';
  const unit = unitOf(overlay.target, policy);
  if (!slopes.has(overlay.method)) return unit;
  return `${unit} per unit of ${overlay.layer === 'input' ? 'the input' : overlay.layer}`;
}
