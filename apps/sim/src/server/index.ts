/** The server of the live viewer: puts the pieces together, listens, and takes them apart again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { InputError } from '@saccade/core';
import type { StoredPolicy } from '../storage/policies.ts';
import type { Engine } from '../workers/engine.ts';
import { comesFromHere, createApp } from './app.ts';
import { choosePolicy, hello, offer } from './catalogue.ts';
import { Directory } from './directory.ts';
import { defaultLimits } from './limits.ts';
import type { ServerLimits } from './limits.ts';
import { OverlayService } from './overlays.ts';
import { attachSockets } from './sockets.ts';

export interface ServerOptions {
  /** 0 takes any free one. */
  readonly port: number;
  readonly policies: readonly StoredPolicy[];
  readonly engine: Engine;
  /** Folder of the built page. */
  readonly page: string;
  /** What a session plays whose first viewer names nothing. */
  readonly start: { readonly policy?: string; readonly levelSeed: number; readonly seed: number };
  readonly limits?: Partial<ServerLimits>;
  /** Told of faults of our own. */
  readonly report: (error: unknown) => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:4700/` */
  readonly address: string;
  readonly overlays: OverlayService;
  /** Ends sessions and connections. The engine is the caller's. */
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** @throws InputError when the port is taken, or a policy cannot be shown */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { engine, report } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const policies = options.policies.map((stored) => offer(stored));
  const policy = choosePolicy(policies, options.start.policy).name;
  const overlays = new OverlayService(engine);
  const directory = new Directory(overlays, limits, (hash, observation) => engine.act(hash, observation));

  const greeting = hello(policies, engine.description, limits);
  const http = createServer(createApp(options.page, greeting));
  const io = new Server(http, {
    maxHttpBufferSize: limits.messageBytes,
    serveClient: false,
    allowRequest: ({ headers }, decide) => decide(null, comesFromHere(headers)),
  });
  attachSockets(io, {
    hello: greeting,
    policies,
    directory,
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
    await Promise.all([listen(http, options.port), ...options.policies.map((loaded) => engine.load(loaded))]);
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = http.address() as AddressInfo;
  return { address: `http://${host}:${port}/`, overlays, close };
}

function listen(http: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new InputError(`--port: expected a free port, got ${port}, which is in use; --port 0 takes any free one`)
          : error,
      );
    });
    http.listen(port, host, resolve);
  });
}
