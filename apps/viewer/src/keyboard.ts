/** What each key does, said once: the handler and the help sheet both read it. */
import type { Player } from './session/player.svelte.ts';
import { steeringKeys } from './session/steering.ts';

export interface KeyBinding {
  /** `KeyboardEvent.key`, or several that do the same. */
  readonly keys: readonly string[];
  readonly shift?: boolean;
  /** As printed on the help sheet. */
  readonly caps: readonly string[];
  readonly does: string;
  readonly run: (page: KeyboardPage) => void;
}

export interface KeyboardPage {
  readonly player: Player;
  toggleHelp(): void;
}

export const bindings: readonly KeyBinding[] = [
  { keys: [' '], caps: ['Space'], does: 'Play or pause', run: ({ player }) => player.togglePlay() },
  { keys: ['ArrowRight'], caps: ['→'], does: 'One step forward', run: ({ player }) => player.clock.walk(1) },
  { keys: ['ArrowLeft'], caps: ['←'], does: 'One step back', run: ({ player }) => player.clock.walk(-1) },
  {
    keys: ['ArrowRight'],
    shift: true,
    caps: ['Shift', '→'],
    does: 'Ten steps forward',
    run: ({ player }) => player.clock.walk(10),
  },
  {
    keys: ['ArrowLeft'],
    shift: true,
    caps: ['Shift', '←'],
    does: 'Ten steps back',
    run: ({ player }) => player.clock.walk(-10),
  },
  {
    keys: ['Home'],
    caps: ['Home'],
    does: 'The oldest step that is held',
    run: ({ player }) => player.clock.seek(player.clock.oldest),
  },
  { keys: ['End'], caps: ['End'], does: 'Jump to live', run: ({ player }) => player.clock.goLive() },
  {
    keys: ['r'],
    caps: ['R'],
    does: 'Play backwards',
    run: ({ player }) => player.clock.setReplay(player.clock.replay === -1 ? 0 : -1),
  },
  {
    keys: ['l'],
    caps: ['L'],
    does: 'Loop: off, all, the chosen stretch',
    run: ({ player }) => player.clock.nextLoop(),
  },
  {
    keys: ['Home'],
    shift: true,
    caps: ['Shift', 'Home'],
    does: 'Loop from this step on',
    run: ({ player }) => player.clock.selectEdge('from'),
  },
  {
    keys: ['End'],
    shift: true,
    caps: ['Shift', 'End'],
    does: 'Loop up to this step',
    run: ({ player }) => player.clock.selectEdge('to'),
  },
  { keys: ['['], caps: ['['], does: 'Slower', run: ({ player }) => player.controls.changeSpeed(-1) },
  { keys: [']'], caps: [']'], does: 'Faster', run: ({ player }) => player.controls.changeSpeed(1) },
  { keys: [','], caps: [','], does: 'The notable moment before', run: ({ player }) => player.seekMoment(-1) },
  { keys: ['.'], caps: ['.'], does: 'The notable moment after', run: ({ player }) => player.seekMoment(1) },
  { keys: ['n'], caps: ['N'], does: 'Next level', run: ({ player }) => player.controls.nextLevel() },
  {
    keys: ['o'],
    caps: ['O'],
    does: 'Show or hide the overlay',
    run: ({ player }) => (player.look.visible = !player.look.visible),
  },
  {
    keys: ['t'],
    caps: ['T'],
    does: 'Take over (then the arrows play) or hand back',
    run: ({ player }) => player.controls.toggleSteering(),
  },
  {
    keys: ['c'],
    caps: ['C'],
    does: 'Record from here on, or stop',
    run: ({ player }) => player.recordings.toggle(),
  },
  {
    keys: ['e'],
    caps: ['E'],
    does: 'Edit the level with the mouse, or stop',
    run: ({ player }) => player.whatIf.toggleEditing(),
  },
  { keys: ['b'], caps: ['B'], does: 'Branch: go on from this step', run: ({ player }) => player.whatIf.playOn() },
  {
    keys: ['v'],
    caps: ['V'],
    does: 'Where the policy would go from everywhere',
    run: ({ player }) => player.whatIf.toggleField(),
  },
  { keys: ['?'], caps: ['?'], does: 'This help', run: (page) => page.toggleHelp() },
];

/** Keys belong to whoever is being typed into, and to controls that use them themselves. */
function takesKeys(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return true;
  if (target.closest('dialog')) return true;
  return key === ' ' && target.tagName === 'BUTTON';
}

/** Runs what the key is bound to; true when there was something. */
export function handleKey(event: KeyboardEvent, page: KeyboardPage): boolean {
  // Escape gives the keys back to the page.
  if (event.key === 'Escape' && event.target instanceof HTMLInputElement) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target, event.key)) return false;
  if (page.player.session?.yours && steeringKeys.includes(event.key)) return false;
  const named = event.key.length > 1;
  const binding = bindings.find(
    ({ keys, shift = false }) =>
      keys.includes(named ? event.key : event.key.toLowerCase()) && (!named || shift === event.shiftKey),
  );
  if (!binding) return false;
  event.preventDefault();
  binding.run(page);
  return true;
}

/**
 * After a control was used with the pointer the keys belong to the page again: space plays, arrows step. Who came to
 * the control by keyboard keeps it.
 */
export function giveKeysBack(event: Event, byPointer: boolean): void {
  const { target } = event;
  if (!byPointer || !(target instanceof Element) || target.closest('dialog')) return;
  const control = event.type === 'change' ? target.closest('select, input') : target.closest('button');
  const typed = control instanceof HTMLInputElement && !/^(checkbox|range)$/.test(control.type);
  if (control instanceof HTMLElement && !typed) control.blur();
}
