/**
 * The one connection of the page to what plays: a server over a socket, or a worker of the page's own. Both speak the
 * same messages; nothing else in the page knows which it is.
 */
import type { ClientMessageInput, ServerMessage } from '@saccade/protocol';
import { parseServerMessage } from '@saccade/protocol';

/**
 * `connecting` until the first success, `lost` while it tries again, `failed` when it never will: the reason is a
 * sentence for people.
 */
export type LinkStatus = 'connecting' | 'open' | 'lost' | 'failed';

export interface LinkHandlers {
  status(status: LinkStatus, reason: string): void;
  message(message: ServerMessage): void;
  /** What plays sent something that this page cannot read: one line. */
  unreadable(reason: string): void;
}

export interface Link {
  /** Is a server at the other end, which keeps recordings and takes files? */
  readonly server: boolean;
  /** Drops the message when the connection is not open: whoever cares sends it again on `open`. */
  send(message: ClientMessageInput): void;
  close(): void;
}

/** Opens the connection, keeps it open, and turns what arrives into checked messages. */
export type OpenLink = (handlers: LinkHandlers) => Link;

/** Checks what arrived and hands it on. */
export function deliver(raw: unknown, handlers: LinkHandlers): void {
  let message: ServerMessage;
  try {
    message = parseServerMessage(raw);
  } catch (error) {
    handlers.unreadable(error instanceof Error ? error.message : String(error));
    return;
  }
  handlers.message(message);
}
