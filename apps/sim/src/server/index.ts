/** The server of the live viewer: puts the pieces together, listens, and takes them apart again. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Server } from 'socket.io';
import { InputError } from '@saccade/core';
import { choosePolicy, Directory, OverlayService, Refusal } from '@saccade/session';
import type { Clock } from '@saccade/session';
import { version } from '../installation.ts';
import type { StoredPolicy } from '../storage/policies.ts';
import { RecordingShelf } from '../storage/recordingShelf.ts';
import type { Engine } from '../workers/engine.ts';
import { createAccess, isLoopback, urlHost } from './access.ts';
import { createApi } from './api.ts';
import { createApp } from './app.ts';
import { createBringing } from './bringing.ts';
import { FeatureService } from './featureService.ts';
import { defaultLimits } from './limits.ts';
import type { ServerLimits } from './limits.ts';
import { Offered } from './offered.ts';
import { openRecording } from './openRecording.ts';
import { attachSockets } from './sockets.ts';

export interface ServerOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 unless given. Another one than this machine's own needs a token. */
  readonly host?: string;
  /** Every request must carry it; see access.ts. */
  readonly token?: string;
  readonly policies: readonly StoredPolicy[];
  readonly engine: Engine;
  /** Folder of the built page. */
  readonly page: string;
  /** What a session plays whose first viewer names nothing; a recording, by its id, comes before the others. */
  readonly start: {
    readonly policy?: string;
    readonly levelSeed: number;
    readonly seed: number;
    readonly recording?: string;
  };
  /** Where recordings lie, and are written; runs/recordings unless given. */
  readonly shelf?: RecordingShelf;
  /** Where features that were computed are kept; .cache/features unless given. */
  readonly featuresCache?: string;
  readonly limits?: Partial<ServerLimits>;
  /** Told of faults of our own. */
  readonly report: (error: unknown) => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:4700/`, without the token */
  readonly address: string;
  readonly overlays: OverlayService;
  /** Ends sessions and connections. The engine is the caller's. */
  close(): Promise<void>;
}

const clock: Clock = {
  now: () => performance.now(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    // A clock alone keeps no process alive.
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** @throws InputError when the port is taken, or a policy cannot be shown */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { engine, report, host = '127.0.0.1', token } = options;
  if (!isLoopback(host) && !token) throw new InputError(`--host: expected a token beside ${host}, got none`);
  const access = createAccess(token);
  const limits = { ...defaultLimits, ...options.limits };
  const offered = new Offered(options.policies, engine, limits);
  const policy = choosePolicy(offered.policies, options.start.policy).name;
  const overlays = new OverlayService(engine, clock);
  const paths = new Map(options.policies.map(({ hash, path }) => [hash, path]));
  const features = new FeatureService(engine, paths, options.featuresCache);
  const { shelf = new RecordingShelf() } = options;
  const act = (hash: string, observation: Uint8Array): ReturnType<Engine['act']> => engine.act(hash, observation);
  const directory = new Directory({
    clock,
    limits,
    overlays,
    version,
    act,
    keep: (recording) => shelf.keep(recording, new Date()),
    newId: () => randomBytes(9).toString('base64url'),
  });

  const api = createApi(() => offered.hello(), createBringing(shelf, offered, limits));
  const http = createServer(createApp(options.page, api, access, limits));
  // Who sends slowly holds a connection, not the server.
  http.on('clientError', (_error, socket) => {
    const said = JSON.stringify({ error: 'server: expected a request of HTTP, got something else' });
    const head = `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${said.length}`;
    if (socket.writable) socket.end(`${head}\r\n\r\n${said}`);
    else socket.destroy();
  });
  http.headersTimeout = 10_000;
  http.requestTimeout = 30_000;
  const io = new Server(http, {
    maxHttpBufferSize: limits.messageBytes,
    serveClient: false,
    allowRequest: (request, decide) => decide(null, access.refusal(request) === null),
  });
  attachSockets(io, {
    supposing: engine,
    offered,
    features,
    directory,
    async open(id, signal) {
      const { recording, info } = await shelf.read(id).catch((error: unknown) => {
        throw error instanceof InputError ? new Refusal('unknown-recording', error.message) : error;
      });
      const { levelSeed, seed } = recording.manifest;
      return { ...(await openRecording(recording, info, offered.policies, act, signal)), levelSeed, seed };
    },
    limits,
    start: { ...options.start, policy },
    report,
  });

  const close = async (): Promise<void> => {
    directory.dispose();
    await io.close();
    http.closeAllConnections();
  };
  try {
    // Whoever finds the server finds its policies: an agent asked for one that is not loaded would lose a step.
    await Promise.all(options.policies.map((loaded) => engine.load(loaded)));
    await listen(http, options.port, host);
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = http.address() as AddressInfo;
  return { address: `http://${urlHost(reachable(host))}:${port}/`, overlays, close };
}

/** Where others find a server that listens everywhere: this machine's first address in its network. */
function reachable(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

function listen(http: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(
          new InputError(`--port: expected a free port, got ${port}, which is in use; --port 0 takes any free one`),
        );
      } else if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
        reject(new InputError(`--host: expected an address of this machine, got ${host}`));
      } else reject(error);
    });
    http.listen(port, host, resolve);
  });
}
