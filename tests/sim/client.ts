/** A page without a screen: connects like one, keeps what it is told, acknowledges frames when told to. */
import { io } from 'socket.io-client';
import { messageEvent, parseServerMessage, protocolVersion } from '@saccade/protocol';
import type { ClientMessageInput, FrameMessage, ServerMessage } from '@saccade/protocol';

type Of<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
type Join = Omit<Extract<ClientMessageInput, { type: 'join' }>, 'type' | 'protocol'>;

export interface Client {
  readonly messages: ServerMessage[];
  /** Acknowledges each frame as it comes; true at first. */
  acknowledges: boolean;
  send(message: ClientMessageInput): void;
  /** Sends whatever it is given. */
  sendRaw(value: unknown): void;
  join(options?: Join): Promise<Of<'state'>>;
  /** The first message of this type that fits, among those to come and those not yet taken. */
  next<T extends ServerMessage['type']>(type: T, fits?: (message: Of<T>) => boolean): Promise<Of<T>>;
  frame(fits?: (frame: FrameMessage) => boolean): Promise<FrameMessage>;
  /** Throws away what has come so far. */
  forget(): void;
  readonly connected: boolean;
  close(): void;
}

export async function connect(address: string, headers: Record<string, string> = {}): Promise<Client> {
  const socket = io(address, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: headers,
  });
  const untaken: ServerMessage[] = [];
  const waiting: { fits: (message: ServerMessage) => boolean; resolve: (message: ServerMessage) => void }[] = [];
  const client: Client = {
    messages: [],
    acknowledges: true,
    get connected() {
      return socket.connected;
    },
    send: (message) => socket.emit(messageEvent, message),
    sendRaw: (value) => socket.emit(messageEvent, value),
    join(options = {}) {
      client.send({ type: 'join', id: 1, protocol: protocolVersion, ...options });
      return client.next('state', ({ reply }) => reply === 1);
    },
    next<T extends ServerMessage['type']>(type: T, fits: (message: Of<T>) => boolean = () => true): Promise<Of<T>> {
      const matches = (message: ServerMessage): boolean => message.type === type && fits(message as Of<T>);
      const index = untaken.findIndex(matches);
      if (index >= 0) return Promise.resolve(untaken.splice(0, index + 1)[index] as Of<T>);
      return new Promise((resolve) => {
        waiting.push({ fits: matches, resolve: (message) => resolve(message as Of<T>) });
      });
    },
    frame: (fits) => client.next('frame', fits),
    forget: () => void (untaken.length = 0),
    close: () => socket.disconnect(),
  };
  socket.on(messageEvent, (raw: unknown) => {
    const message = parseServerMessage(raw);
    client.messages.push(message);
    if (message.type === 'frame' && client.acknowledges) client.send({ type: 'ack', frame: message.frame });
    const index = waiting.findIndex(({ fits }) => fits(message));
    if (index < 0) {
      untaken.push(message);
      return;
    }
    untaken.length = 0;
    waiting.splice(index, 1)[0].resolve(message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  return client;
}
