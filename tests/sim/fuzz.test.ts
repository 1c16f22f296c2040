import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
    limits: { burst: 1e9, messagesPerSecond: 1e9, requests: 1e9 },
    report: (error) => reported.push(error),
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

// Every kind of message there is, the newest too, and every field that any of them has.
const types = clientMessageSchema.options.map(({ shape }) => shape.type.value);
const fields = [...new Set(clientMessageSchema.options.flatMap(({ shape }) => Object.keys(shape)))];
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.uint8Array({ maxLength: 20 }), fc.nat(2000));
/** A message of a known type whose fields are anything, so that many get past the first checks. */
const nearly = fc
  .record({
    type: fc.constantFrom(...types),
    fields: fc.dictionary(fc.constantFrom(...fields.filter((name) => name !== 'type')), value),
  })
  .map(({ type, fields }) => ({ ...fields, type }));

/** Bytes in use once rubbish is collected. */
function memory(): number {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What was used meanwhile has been given back, but for 24 MB. */
async function untilGivenBack(used: number): Promise<void> {
  await expect.poll(() => memory() - used, { interval: 200 }).toBeLessThan(24 * 2 ** 20);
}

it('ten thousand malformed socket messages: each is answered, none crashes, and play goes on', async () => {
  const client = await connect(server.address);
  await client.join({ playing: false });
  const messages = fc.sample(fc.oneof({ arbitrary: value, weight: 1 }, { arbitrary: nearly, weight: 2 }), {
    numRuns: 10_000,
    seed: 1,
  });
  let refused = 0;
  const used = memory();
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
  await untilGivenBack(used);
  const after = await connect(server.address);
  await after.join();
  await after.frame(({ step }) => step > 3);
  after.close();
});

it('ten thousand malformed requests over HTTP are answered in words, without a fault of the server or a leak', async () => {
  const { port } = new URL(server.address);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  type Answer = { readonly status: number; readonly text: string };
  const answerTo = (method: string, path: string, headers: Record<string, string>, body: string): Promise<Answer> =>
    new Promise((resolve) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      // A connection that is hung up on is an answer too.
      sent.on('error', () => resolve({ status: 400, text: 'hung up' }));
      sent.end(body);
    });
  const segment = fc.stringMatching(/^[\x21-\x22\x24-\x7e]{0,30}$/);
  const requests = fc.sample(
    fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'),
      path: fc.array(
        fc.oneof(
          segment,
          fc.constantFrom('..', '%2e%2e', '%00', '%', 'api', 'socket.io', 'recordings', 'policies', 'health', 'assets'),
        ),
        { maxLength: 4 },
      ),
      headers: fc.dictionary(fc.constantFrom('range', 'if-none-match', 'cookie', 'content-type', 'accept'), segment),
      body: fc.oneof(fc.string({ maxLength: 200 }), fc.json({ maxDepth: 2 })),
    }),
    { numRuns: 10_000, seed: 1 },
  );
  const used = memory();
  for (let from = 0; from < requests.length; from += 8) {
    await Promise.all(
      requests.slice(from, from + 8).map(async ({ method, path, headers, body }) => {
        const what = `${method} ${path.join('/')}`;
        const { status, text } = await answerTo(method, `/${path.join('/')}`, headers, body);
        expect(status, what).toBeLessThan(500);
        if (status >= 400 && method !== 'HEAD') expect(text, `${what} ${status}`).not.toBe('');
      }),
    );
  }
  agent.destroy();
  await untilGivenBack(used);
  expect(reported).toEqual([]);
});
