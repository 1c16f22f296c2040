/** A server that others than this machine can reach: nothing of it is answered without its token. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect as openSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAccess, createToken, isLoopback, urlHost } from '../../apps/sim/src/server/access.ts';
import { startServer } from '../../apps/sim/src/server/index.ts';
import type { RunningServer, ServerOptions } from '../../apps/sim/src/server/index.ts';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import type { StoredPolicy } from '../../apps/sim/src/storage/policies.ts';
import { connect } from './client.ts';
import { refusal } from './commandLine.ts';
import { fakeEngine } from './fakeEngine.ts';
import { policyFolder } from './randomPolicy.ts';

const token = createToken();
let folder = '';
let outside = '';
let page = '';
let policies: StoredPolicy[] = [];
let server: RunningServer;

beforeAll(async () => {
  folder = await policyFolder('alpha');
  policies = await Promise.all((await findPolicies(folder)).map((file) => loadPolicy(file)));
  outside = await mkdtemp(join(tmpdir(), 'saccade-page-'));
  page = join(outside, 'page');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(page, 'assets', 'app.js'), '"use strict";');
  await writeFile(join(outside, 'saccade-secret.txt'), 'kept from everyone');
});
afterAll(async () => {
  await rm(outside, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => server?.close());

async function start(options: Partial<ServerOptions>): Promise<void> {
  server = await startServer({
    port: 0,
    policies,
    engine: fakeEngine(),
    page,
    start: { levelSeed: 5, seed: 0 },
    report: (error) => expect.unreachable(String(error)),
    ...options,
  });
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Answer> {
  const { hostname, port } = new URL(server.address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers, method }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('a server that listens beyond this machine', () => {
  it('does not start without a token', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toThrow('--host: expected a token beside 0.0.0.0, got none');
  });

  it('answers neither page nor API nor sockets without its token, nor with another one', async () => {
    await start({ host: '0.0.0.0', token });
    for (const path of ['/', '/assets/app.js', '/api', '/api/health', '/api/catalogue', '/nothing']) {
      expect((await ask(path)).status, path).toBe(401);
      expect((await ask(`${path}?token=${createToken()}`)).status, path).toBe(401);
      expect((await ask(path, { authorization: 'Bearer x' })).status, path).toBe(401);
      expect((await ask(path, { cookie: `token=${token}` })).status, path).toBe(401);
    }
    expect((await ask('/api/health')).body).toContain('expected its token');
    await expect(connect(server.address)).rejects.toThrow();
    await expect(connect(server.address, { authorization: `Bearer ${token.slice(1)}` })).rejects.toThrow();
  });

  it('takes the token from the printed address once, and then from the cookie: page, API and sockets', async () => {
    await start({ host: '0.0.0.0', token });
    const first = await ask(`/?level=7&token=${token}&method=saliency`, { accept: 'text/html' });
    expect(first.status).toBe(303);
    expect(first.headers['location']).toBe('/?level=7&method=saliency');
    const set = String(first.headers['set-cookie']);
    expect(set).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    const cookie = set.split(';')[0];
    for (const path of ['/', '/assets/app.js', '/api/health']) {
      expect((await ask(path, { cookie: `other=1; ${cookie}` })).status, path).toBe(200);
    }
    const client = await connect(server.address, { cookie });
    await client.join();
    await client.frame();
    client.close();
  });

  it('takes it as a bearer too, for programs', async () => {
    await start({ host: '0.0.0.0', token });
    const authorization = `Bearer ${token}`;
    expect((await ask('/api/health', { authorization })).status).toBe(200);
    const client = await connect(server.address, { authorization });
    await client.join();
    client.close();
  });

  it('refuses pages of another origin, token or not', async () => {
    await start({ host: '0.0.0.0', token });
    const origin = 'http://evil.example';
    expect((await ask(`/api/health?token=${token}`, { origin })).status).toBe(403);
    await expect(connect(server.address, { origin, authorization: `Bearer ${token}` })).rejects.toThrow();
  });

  it('redirects nowhere but to itself', async () => {
    await start({ host: '0.0.0.0', token });
    const { status, headers } = await ask(`//evil.example/?token=${token}`);
    expect(status).toBe(303);
    expect(headers['location']).toMatch(/^\/[^/]|^\/$/);
  });
});

describe('the bounds of the HTTP edge', () => {
  it('hold for requests a client sends: above them it is told so, and nothing else is refused to others', async () => {
    await start({ limits: { requests: 20 } });
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('/api/health')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(refused[0].body).toContain('expected at most 20 requests in 10 seconds');
  });

  it('hold for bodies: a large one is refused before it is read', async () => {
    await start({});
    const { status, body } = await ask('/api/health', {}, 'POST', 'x'.repeat(100_000));
    expect(status).toBe(413);
    expect(body).toContain('expected at most 32768 bytes, got 100000');
  });

  it('keep every file outside the page out of reach, however the way there is written', async () => {
    await start({});
    const ways = [
      '/../saccade-secret.txt',
      '/assets/../../saccade-secret.txt',
      '/..%2fsaccade-secret.txt',
      '/%2e%2e/saccade-secret.txt',
      '/%2e%2e%2fsaccade-secret.txt',
      '/..%5csaccade-secret.txt',
      '/assets/..%252f..%252fsaccade-secret.txt',
      '/assets/%c0%ae%c0%ae/saccade-secret.txt',
      `/${encodeURIComponent(join(outside, 'saccade-secret.txt'))}`,
      `/%00/../saccade-secret.txt`,
    ];
    for (const way of ways) {
      const { status, body } = await ask(way);
      expect(status, way).toBeGreaterThanOrEqual(400);
      expect(body, way).not.toContain('kept from everyone');
    }
    expect((await ask('/')).status).toBe(200);
  });

  it('cut off who sends the head of a request slowly or wrongly', async () => {
    await start({});
    const { hostname, port } = new URL(server.address);
    const said = await new Promise<string>((resolve) => {
      const socket = openSocket(Number(port), hostname, () => socket.write('GET / HTTP/1.1\r\nHost: \0\r\n\r\n'));
      let text = '';
      socket.on('data', (part) => (text += String(part)));
      socket.on('close', () => resolve(text));
    });
    expect(said).toMatch(/^HTTP\/1\.1 400/);
    expect((await ask('/')).status).toBe(200);
  });
});

describe('access', () => {
  it('knows which addresses only this machine reaches, and writes IPv6 as addresses do', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '192.168.0.2', 'example.org', '127.0.0.1.evil'].map(isLoopback)).not.toContain(true);
    expect(['::1', '10.0.0.1', 'localhost'].map(urlHost)).toEqual(['[::1]', '10.0.0.1', 'localhost']);
  });

  it('makes tokens that nobody guesses', () => {
    const many = new Set(Array.from({ length: 100 }, createToken));
    expect(many.size).toBe(100);
    for (const one of many) expect(one).toMatch(/^[\w-]{24}$/);
  });

  it('compares whole tokens only', () => {
    const access = createAccess(token);
    const host = 'box:4700';
    for (const given of ['', token.slice(0, -1), `${token}a`, token.toUpperCase()]) {
      expect(access.refusal({ headers: { host }, url: `/?token=${given}` })?.status).toBe(401);
    }
    expect(access.refusal({ headers: { host }, url: `/?token=${token}` })).toBeNull();
  });

  it('of the command is refused where the host is none of this machine', async () => {
    expect(await refusal('view', '--host', '', '--port', '0')).toContain('--host: expected');
  });
});
