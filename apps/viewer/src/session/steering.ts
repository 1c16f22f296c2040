/**
 * From the arrow keys that are down to an action of the policy that was taken over. Left and right cancel out; up jumps,
 * also while down is held.
 */

/** `KeyboardEvent.key` of the keys that play. */
export const steeringKeys: readonly string[] = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];

/**
 * @param down the keys that are down
 * @param actions names, in the order of the logits
 * @returns an index into `actions`; the nearest one that there is, at last the one that does nothing
 */
export function steeringAction(down: ReadonlySet<string>, actions: readonly string[]): number {
  const across = Number(down.has('ArrowRight')) - Number(down.has('ArrowLeft'));
  const sideways = ['left', '', 'right'][across + 1];
  const vertical = down.has('ArrowUp') ? 'jump' : down.has('ArrowDown') ? 'down' : '';
  const wanted = [[sideways, vertical].filter((part) => part !== '').join('+'), vertical, sideways, 'noop'];
  for (const name of wanted) {
    const action = name === '' ? -1 : actions.indexOf(name);
    if (action !== -1) return action;
  }
  return 0;
}
