/** The two action sets, as the directions that the dynamics understand. */
import type { CoinRunConfig } from './config.ts';

/** Horizontal and vertical input: -1, 0 or 1; vertical 1 jumps, -1 drops through crates. */
export interface Direction {
  readonly dx: -1 | 0 | 1;
  readonly dy: -1 | 0 | 1;
}

export interface ActionSet {
  readonly names: readonly string[];
  /** `directions[action]`. */
  readonly directions: readonly Direction[];
}

const moves = {
  noop: { dx: 0, dy: 0 },
  right: { dx: 1, dy: 0 },
  left: { dx: -1, dy: 0 },
  jump: { dx: 0, dy: 1 },
  'right+jump': { dx: 1, dy: 1 },
  'left+jump': { dx: -1, dy: 1 },
  down: { dx: 0, dy: -1 },
} as const satisfies Record<string, Direction>;

/** The original CoinRun's seven, every one different. */
const named: ActionSet = { names: Object.keys(moves), directions: Object.values(moves) };

/** Procgen's fifteen: a = 3 (dx + 1) + (dy + 1) for 0..8; 9..14 do nothing here. */
const procgen: ActionSet = {
  names: [
    ...['left+down', 'left', 'left+jump', 'down', 'noop', 'jump', 'right+down', 'right', 'right+jump'],
    ...Array.from({ length: 6 }, (_, i) => `unused ${i + 9}`),
  ],
  directions: Array.from({ length: 15 }, (_, action) => {
    if (action >= 9) return moves.noop;
    return { dx: (Math.floor(action / 3) - 1) as Direction['dx'], dy: ((action % 3) - 1) as Direction['dy'] };
  }),
};

export const actionSets = { named, procgen } satisfies Record<CoinRunConfig['actions'], ActionSet>;
