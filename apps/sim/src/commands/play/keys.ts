/**
 * From a terminal's bytes to what a player holds down. Terminals tell of keys pressed and repeated, never of keys
 * released: a key counts as held until its next repeat is overdue.
 */

export type Key = 'left' | 'right' | 'jump' | 'down' | 'again' | 'next' | 'quit';

const keys: Readonly<Record<string, Key>> = {
  '\x1b[D': 'left',
  '\x1bOD': 'left',
  a: 'left',
  '\x1b[C': 'right',
  '\x1bOC': 'right',
  d: 'right',
  '\x1b[A': 'jump',
  '\x1bOA': 'jump',
  w: 'jump',
  ' ': 'jump',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  s: 'down',
  r: 'again',
  n: 'next',
  '\r': 'next',
  q: 'quit',
  '\x03': 'quit',
  '\x04': 'quit',
};

/** The keys in a chunk of input, those without a meaning left out. */
export function keysIn(text: string): Key[] {
  const presses = text.match(/\x1b[[O][0-9;]*[A-Za-z~]|[\s\S]/g) ?? [];
  return presses
    .map((press) => keys[press.length === 1 ? press.toLowerCase() : press])
    .filter((key) => key !== undefined);
}

/** Until a first press must have repeated, ms: keyboards wait a quarter to half a second before they repeat. */
const FIRST_HOLD = 450;
/** Until the next repeat must have come, ms. */
const REPEAT_HOLD = 160;

type Direction = 'left' | 'right' | 'jump' | 'down';

/** What is held down at a moment. Times are milliseconds on any steady clock. */
export class HeldKeys {
  private readonly until = new Map<Direction, number>();

  press(key: Direction, now: number): void {
    const repeats = this.isHeld(key, now);
    this.until.set(key, now + (repeats ? Math.max(REPEAT_HOLD, (this.until.get(key) ?? 0) - now) : FIRST_HOLD));
    if (key === 'left') this.release('right');
    if (key === 'right') this.release('left');
    if (key === 'jump') this.release('down');
    if (key === 'down') this.release('jump');
  }

  /** Name of the action, as in the environment's seven. */
  action(now: number): string {
    const side = this.isHeld('left', now) ? 'left' : this.isHeld('right', now) ? 'right' : null;
    if (this.isHeld('jump', now)) return side === null ? 'jump' : `${side}+jump`;
    return side ?? (this.isHeld('down', now) ? 'down' : 'noop');
  }

  clear(): void {
    this.until.clear();
  }

  private isHeld(key: Direction, now: number): boolean {
    return (this.until.get(key) ?? 0) > now;
  }

  private release(key: Direction): void {
    this.until.delete(key);
  }
}
