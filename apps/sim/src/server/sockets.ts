/** The socket edge: how many may connect, and how much each may send. What they send is the connection's to read. */
import type { Server } from 'socket.io';
import { messageEvent } from '@saccade/protocol';
import { Connection, Refusal } from '@saccade/session';
import type { ConnectionContext } from '@saccade/session';
import { createAllowance } from './allowance.ts';
import type { ServerLimits } from './limits.ts';
import type { Offered } from './offered.ts';

export interface SocketContext extends ConnectionContext {
  readonly offered: Offered;
  readonly limits: ServerLimits;
}

export function attachSockets(io: Server, context: SocketContext): void {
  const { burst, messagesPerSecond, viewers } = context.limits;
  // Pages learn of one more policy at once.
  context.offered.changed = (greeting) => io.emit(messageEvent, greeting);
  io.on('connection', (socket) => {
    const connection = new Connection((message) => void socket.emit(messageEvent, message), context);
    if (io.engine.clientsCount > viewers) {
      connection.refuse(undefined, new Refusal('too-many', `server: expected at most ${viewers} viewers`));
      socket.disconnect(true);
      return;
    }
    const allowance = createAllowance(burst, messagesPerSecond, () => performance.now());
    connection.open();
    socket.on(messageEvent, (raw: unknown) => {
      if (allowance.take()) return connection.receive(raw);
      // Said once a burst: an answer to each would be a flood of our own.
      if (allowance.refused === 1) {
        const message = `server: expected at most ${messagesPerSecond} messages a second`;
        connection.refuse(raw, new Refusal('too-fast', message));
      }
      if (allowance.refused > burst) socket.disconnect(true);
    });
    socket.on('disconnect', () => connection.leave());
  });
}
