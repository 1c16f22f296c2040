/** A plain server of files, as any static host is one: knows types by their endings and nothing else. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export interface StaticServer {
  /** `http://127.0.0.1:41234/some/where/` */
  readonly address: string;
  /** What was asked for, and with which status it was answered. */
  readonly requests: readonly { readonly path: string; readonly status: number }[];
  stop(): Promise<void>;
}

/** @param path that the folder is mounted at, such as `/some/where/` @param headers of every answer */
export async function serveFolder(
  folder: string,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const requests: { path: string; status: number }[] = [];
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://here').pathname);
    const answer = (status: number, type: string, body: string | Uint8Array): void => {
      requests.push({ path: asked, status });
      response.writeHead(status, { ...headers, 'Content-Type': type }).end(body);
    };
    const missing = (): void => answer(404, 'text/plain', 'Not found\n');
    if (!asked.startsWith(path)) return missing();
    const inside = normalize(asked.slice(path.length) || 'index.html');
    if (inside.startsWith('..') || inside.startsWith(sep)) return missing();
    readFile(join(folder, inside)).then(
      (body) => answer(200, types[extname(inside)] ?? 'application/octet-stream', body),
      missing,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${path}`,
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
