/** Edits of a page applied to where an episode stands. */
import { applyEdit } from '@saccade/envs';
import type { CoinRunState, EnvironmentState } from '@saccade/envs';
import type { WireEdit } from '@saccade/protocol';

/** The state after all edits, or none of them. @throws InputError on one that makes no sense there */
export function editedState(state: EnvironmentState, edits: readonly WireEdit[]): EnvironmentState {
  const game = edits.reduce((before, edit) => applyEdit(before, edit), state.game as CoinRunState);
  return { ...state, game };
}
