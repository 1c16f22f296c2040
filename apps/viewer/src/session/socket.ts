/** The connection to a server, over socket.io. */
import { io } from 'socket.io-client';
import { messageEvent } from '@saccade/protocol';
import { deliver } from './link.ts';
import type { OpenLink } from './link.ts';

export const openSocketLink: OpenLink = (handlers) => {
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
  socket.on(messageEvent, (raw: unknown) => deliver(raw, handlers));
  return {
    server: true,
    send: (message) => {
      if (socket.connected) socket.emit(messageEvent, message);
    },
    close: () => socket.disconnect(),
  };
};

/** Beside the page, wherever that is mounted. */
function socketPath(): string {
  return new URL('socket.io', new URL('.', location.href)).pathname;
}
