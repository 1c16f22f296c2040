/**
 * The one connection to the server: opens it, keeps it open, and turns what arrives into checked messages. It knows
 * nothing of what they mean.
 */
import { io } from 'socket.io-client';
import type { ClientMessageInput, ServerMessage } from '@saccade/protocol';
import { messageEvent, parseServerMessage } from '@saccade/protocol';

/** `connecting` until the first success, `lost` while it tries again. */
export type LinkStatus = 'connecting' | 'open' | 'lost';

export interface LinkHandlers {
  status(status: LinkStatus, reason: string): void;
  message(message: ServerMessage): void;
  /** The server sent something that this page cannot read: one line. */
  unreadable(reason: string): void;
}

export interface Link {
  /** Drops the message when the connection is not open: whoever cares sends it again on `open`. */
  send(message: ClientMessageInput): void;
  close(): void;
}

export function openLink(handlers: LinkHandlers): Link {
  const socket = io({
    transports: ['websocket'],
    reconnectionDelay: 250,
    reconnectionDelayMax: 3000,
    path: socketPath(),
  });
  handlers.status('connecting', '');
  socket.on('connect', () => handlers.status('open', ''));
  socket.on('disconnect', (reason) => {
    handlers.status('lost', reason);
    // Socket.io does not try again by itself when the server hung up on purpose, such as for a restart.
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('connect_error', (error) => handlers.status('lost', error.message));
  socket.on(messageEvent, (raw: unknown) => {
    let message: ServerMessage;
    try {
      message = parseServerMessage(raw);
    } catch (error) {
      handlers.unreadable(error instanceof Error ? error.message : String(error));
      return;
    }
    handlers.message(message);
  });
  return {
    send: (message) => {
      if (socket.connected) socket.emit(messageEvent, message);
    },
    close: () => socket.disconnect(),
  };
}

/** Beside the page, wherever that is mounted. */
function socketPath(): string {
  return new URL('socket.io', new URL('.', location.href)).pathname;
}
