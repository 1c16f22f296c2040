/**
 * How the page gets into a session: by its address, or, after the connection was lost, back to where it was. It holds
 * what was asked for and has not come yet.
 */
import type { ClientMessageInput } from '@saccade/protocol';
import { protocolVersion } from '@saccade/protocol';
import type { Address } from './address.ts';

export class Entry {
  /** What the address asked for and has not got yet. */
  wanted: Address = {};
  /** The session that is being joined is a new one. */
  fresh = true;
  private joinId = -1;

  /** @param present name of the session that the page is in already @param send returns the message's id */
  join(present: string | undefined, send: (message: ClientMessageInput) => number): void {
    const session = present ?? this.wanted.session;
    const { policy, level, seed, at, recording } = this.wanted;
    this.fresh = session === undefined;
    this.joinId = send({
      type: 'join',
      protocol: protocolVersion,
      session,
      recording: session === undefined ? recording : undefined,
      policy,
      levelSeed: level,
      seed,
      playing: at === undefined,
    });
  }

  /** Does this message answer the last join? */
  answers(reply: number | undefined): boolean {
    return reply === this.joinId;
  }

  /** Hands over what was wanted: from now on nothing is. */
  take(): Address {
    const { wanted } = this;
    this.wanted = {};
    return wanted;
  }
}
