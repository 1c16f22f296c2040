/**
 * The page's state in its address, so that a link shows another person the same thing. Reading never throws: what
 * cannot be understood is named in `problems` and left out, and the page opens the nearest thing.
 */

export interface Address {
  readonly session?: string;
  readonly policy?: string;
  readonly level?: number;
  /** Seed of the stream that actions are sampled from. */
  readonly seed?: number;
  /** Global step of the session to hold at; left out: live. */
  readonly step?: number;
  readonly method?: string;
  readonly layer?: string;
  readonly target?: string;
  readonly factor?: number;
  /** Step of the episode: finds the same instant again (level and seed decide it) when the session is gone. */
  readonly at?: number;
  /** Per cent, 0-100. */
  readonly opacity?: number;
  /** 0: each position of the layer stays a square; 1: they blend. */
  readonly blend?: number;
  /** How far the world is greyed out, per cent. */
  readonly grey?: number;
}

export interface ReadAddress {
  readonly address: Address;
  /** One line for each part that could not be understood. */
  readonly problems: readonly string[];
}

const texts = ['session', 'policy', 'method', 'layer', 'target'] as const;
const numbers = {
  level: 2 ** 32 - 1,
  seed: 2 ** 32 - 1,
  step: Number.MAX_SAFE_INTEGER,
  at: 1000,
  factor: 255,
  opacity: 100,
  blend: 1,
  grey: 100,
};
type NumberKey = keyof typeof numbers;

/** @param query such as `?level=7&method=gradCam` */
export function readAddress(query: string): ReadAddress {
  const parameters = new URLSearchParams(query);
  const address: Record<string, string | number> = {};
  const problems: string[] = [];
  for (const [key, text] of parameters) {
    if ((texts as readonly string[]).includes(key)) {
      if (text.length > 0 && text.length <= 100) address[key] = text;
      else problems.push(`Link: expected ${key} of 1 to 100 characters, got ${text.length}`);
    } else if (Object.hasOwn(numbers, key)) {
      const most = numbers[key as NumberKey];
      if (/^\d{1,16}$/.test(text) && Number(text) <= most) address[key] = Number(text);
      else problems.push(`Link: expected ${key} to be a whole number from 0 to ${most}, got "${text.slice(0, 40)}"`);
    } else {
      problems.push(`Link: "${key.slice(0, 40)}" is not known`);
    }
  }
  return { address, problems };
}

/** The query of an address, `?` included; empty for an empty one. Reading it gives the address back. */
export function writeAddress(address: Address): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(address)) {
    if (value !== undefined) parameters.set(key, String(value));
  }
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}
