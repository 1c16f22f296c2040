/**
 * Who chooses the actions of a session: its policy, or one of its viewers. The first who takes over keeps the controls
 * until they hand back or leave; the others watch.
 */
import { InputError } from '@saccade/core';

export class Control {
  private holder: object | null = null;
  private action = 0;

  /** @param changed called when somebody else chooses from now on */
  constructor(private readonly changed: () => void) {}

  get taken(): boolean {
    return this.holder !== null;
  }

  holds(viewer: object): boolean {
    return this.holder === viewer;
  }

  /** Nothing happens when somebody holds the controls already. @param rest the action that does nothing */
  take(viewer: object, rest: number): void {
    if (this.holder !== null) return;
    this.holder = viewer;
    this.action = rest;
    this.changed();
  }

  /** What the holder wants from now on. @throws InputError when the policy has no such action */
  want(action: number, actions: readonly string[]): void {
    if (action >= actions.length) {
      throw new InputError(`action: expected 0 to ${actions.length - 1} (${actions.join(', ')}), got ${action}`);
    }
    this.action = action;
  }

  /** Another policy may have other actions. */
  rest(action: number): void {
    this.action = action;
  }

  release(viewer: object): void {
    if (this.holder !== viewer) return;
    this.holder = null;
    this.changed();
  }

  /** The holder's choice; null leaves it to the policy. */
  choice(): number | null {
    return this.holder === null ? null : this.action;
  }
}
