/** What happened, in a sentence a person can read. */
import type { ChangeExplanation } from './changes.ts';
import type { Failure } from './moments.ts';

const causesInWords: Readonly<Record<string, string>> = {
  saw: 'ran into a saw',
  enemy: 'was caught by an enemy',
  lava: 'fell into lava',
  'out-of-bounds': 'left the level',
  timeout: 'ran out of time',
};

const number = (value: number): string => value.toFixed(2).replace('-', '−');
const signed = (value: number): string => `${value >= 0 ? '+' : ''}${number(value)}`;

/** Share of the change below which a factor is not worth a word. */
const worthSaying = 0.1;

/** `Step 12: the value falls from 6.10 to 3.20 (−2.90): saw −1.90, ground −0.60; the rest −0.40.` */
export function changeCaption(
  step: number,
  before: number,
  after: number,
  { change, factors, residual }: Pick<ChangeExplanation, 'change' | 'factors' | 'residual'>,
  names: readonly string[],
): string {
  const named = Array.from(factors, (size, i) => ({ name: names[i], size }))
    .filter(({ size }) => Math.abs(size) >= worthSaying * Math.abs(change))
    .sort((a, b) => Math.abs(b.size) - Math.abs(a.size))
    .slice(0, 4);
  const said = named.reduce((sum, { size }) => sum + size, 0);
  const all = factors.reduce((sum, size) => sum + size, residual);
  const list = named.map(({ name, size }) => `${name} ${signed(size)}`).join(', ');
  const reasons = list === '' ? 'spread over many factors' : `${list}; the rest ${signed(all - said)}`;
  return `Step ${step}: the value ${change >= 0 ? 'rises' : 'falls'} from ${number(before)} to ${number(after)} (${signed(change)}): ${reasons}.`;
}

/** `Ran into a saw at step 18. The value had halved 5 steps before.` */
export function failureCaption({ cause, steps, foreseen, last, highest }: Failure): string {
  const words = causesInWords[cause] ?? `ended by ${cause}`;
  const start = `${words[0].toUpperCase()}${words.slice(1)} at step ${steps}.`;
  return foreseen > 0
    ? `${start} The value had halved ${foreseen === 1 ? 'one step' : `${foreseen} steps`} before.`
    : `${start} The value did not foresee it: ${number(last)} at the last decision, ${number(highest)} at its highest.`;
}

/** `Chose left with probability 0.4%, where right+jump had 93%.` */
export function surpriseCaption(
  action: string,
  logProbability: number,
  likeliest: string,
  probability: number,
): string {
  const percent = (p: number): string => `${(100 * p).toPrecision(2)}%`;
  return `Chose ${action} with probability ${percent(Math.exp(logProbability))}, where ${likeliest} had ${percent(probability)}.`;
}
