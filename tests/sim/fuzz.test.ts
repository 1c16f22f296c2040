import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientMessageSchema } from '@saccade/protocol';
import { startServer } from '../../apps/sim/src/server/index.ts';
import type { RunningServer } from '../../apps/sim/src/server/index.ts';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import { connect } from './client.ts';
import { fakeEngine } from './fakeEngine.ts';
import { policyFolder } from './randomPolicy.ts';

let folder = '';
let server: RunningServer;
const reported: unknown[] = [];

beforeAll(async () => {
  folder = await policyFolder('alpha');
  server = await startServer({
    port: 0,
    policies: await Promise.all((await findPolicies(folder)).map((file) => loadPolicy(file))),
    engine: fakeEngine(),
    page: folder,
    start: { levelSeed: 5, seed: 0 },
    limits: { burst: 1e9, messagesPerSecond: 1e9 },
    report: (error) => reported.push(error),
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const types = clientMessageSchema.options.map(({ shape }) => shape.type.value);
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.uint8Array({ maxLength: 20 }), fc.nat(2000));
/** A message of a known type whose fields are anything, so that many get past the first checks. */
const nearly = fc
  .record({
    type: fc.constantFrom(...types),
    fields: fc.dictionary(
      fc.constantFrom(
        'id',
        'protocol',
        'session',
        'policy',
        'levelSeed',
        'step',
        'count',
        'overlays',
        'edits',
        'action',
        'from',
        'to',
        'frame',
      ),
      value,
    ),
  })
  .map(({ type, fields }) => ({ ...fields, type }));

it('ten thousand malformed socket messages: each is answered, none crashes, and play goes on', async () => {
  const client = await connect(server.address);
  await client.join({ playing: false });
  const messages = fc.sample(fc.oneof({ arbitrary: value, weight: 1 }, { arbitrary: nearly, weight: 2 }), {
    numRuns: 10_000,
    seed: 1,
  });
  let refused = 0;
  for (const [i, message] of messages.entries()) {
    client.sendRaw(message);
    if (i % 500 !== 499) continue;
    // An answer to this one comes after the answers to all before it.
    client.send({ type: 'history', id: i, from: 0, to: 0 });
    await Promise.race([
      client.next('history', ({ reply }) => reply === i),
      client.next('error', ({ reply }) => reply === i),
    ]);
    refused += client.messages.filter(({ type }) => type === 'error').length;
    client.messages.length = 0;
  }
  expect(refused).toBeGreaterThan(5000);
  expect(reported).toEqual([]);
  client.close();
  const after = await connect(server.address);
  await after.join();
  await after.frame(({ step }) => step > 3);
  after.close();
});

it('malformed requests over HTTP are refused without a fault of the server', async () => {
  const { port } = new URL(server.address);
  const statusOf = (method: string, path: string, headers: Record<string, string>, body: string): Promise<number> =>
    new Promise((resolve) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      // A connection that is hung up on is an answer too.
      sent.on('error', () => resolve(400));
      sent.end(body);
    });
  const segment = fc.stringMatching(/^[\x21-\x22\x24-\x7e]{0,30}$/);
  const requests = fc.sample(
    fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
      path: fc.array(fc.oneof(segment, fc.constantFrom('..', '%2e%2e', '%00', '%', 'api', 'socket.io')), {
        maxLength: 4,
      }),
      headers: fc.dictionary(fc.constantFrom('range', 'if-none-match', 'cookie', 'content-type', 'accept'), segment),
      body: fc.string({ maxLength: 200 }),
    }),
    { numRuns: 1000, seed: 1 },
  );
  for (const { method, path, headers, body } of requests) {
    const status = await statusOf(method, `/${path.join('/')}`, headers, body);
    expect(status, `${method} ${path.join('/')}`).toBeLessThan(500);
  }
  expect(reported).toEqual([]);
});
