/**
 * Numbers and names as people read them, the same in the page, in pictures and in films: few digits, a real minus
 * sign, and room for the sign where there may be one.
 */

const MINUS = '\u2212';

const signed = (text: string): string => text.replace(/^-/, MINUS);

/** `digits` decimals. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return signed(Number(text) === 0 ? text.replace('-', '') : text);
}

/** Always with a sign, except zero. */
export function withSign(value: number, digits: number): string {
  const text = fixed(value, digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** Two or three significant digits, for values of unknown size such as attributions. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1000 || size < 0.0005) return signed(value.toExponential(1));
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)) - 1);
  return signed(String(Number(value.toFixed(Math.min(digits + 1, 5)))));
}

/** 0-1 as per cent. */
export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)}\u2009%`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `right+jump` as people say it. */
export function actionTitle(name: string): string {
  return name === 'noop' ? 'No move' : capital(name.replaceAll('+', ' + '));
}

const endTitles: Readonly<Record<string, string>> = {
  coin: 'Reached the coin',
  saw: 'Hit a saw',
  enemy: 'Ran into an enemy',
  lava: 'Fell into lava',
  'out-of-bounds': 'Left the level',
  timeout: 'Ran out of time',
};

export function endTitle(cause: string): string {
  return endTitles[cause] ?? `Ended: ${cause}`;
}

/** What a map is of: `the value`, `the logit of “Jump”`. @param title of a target that is no action */
export function targetTitle(target: string, actions: readonly string[], title = target): string {
  if (actions.includes(target)) return `the logit of “${actionTitle(target)}”`;
  return target === 'value' ? 'the value' : title;
}

/** `the input`, `layer 2b` */
export function layerTitle(layer: string): string {
  return layer === 'input' ? 'the input' : `layer ${layer}`;
}
