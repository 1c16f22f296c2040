/**
 * The page's own server, see session.worker.ts: a worker in which the world turns and the agent acts. It speaks to the page as a server does
 * over a socket, through the same connection, so that every panel works unchanged.
 */
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { InputError } from '@saccade/core';
import { Connection, defaultSessionLimits, Directory, hello, offer, OverlayService, Refusal } from '@saccade/session';
import type { Clock } from '@saccade/session';
import { download } from './download.ts';
import type { FromHost, ToHost } from './hostMessages.ts';
import { whyNoEngine } from './onnxRuntime.ts';
import { createPageEngine } from './pageEngine.ts';
import { openShelf } from './policyShelf.ts';
import { shelvedFeatures } from './shelvedFeatures.ts';

const firstLevel = 1;
/** The first map waits for what all maps need; the world is shown without it meanwhile. Milliseconds. */
const firstFrameWait = 200;

const clock: Clock = {
  now: () => performance.now(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};

function say(message: FromHost): void {
  postMessage(message);
}

/** Nobody else meets it. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function start(base: string): Promise<Connection> {
  const reason = whyNoEngine();
  if (reason !== null) throw new InputError(reason);
  const megabytes = (__WASM_BYTES__ / 1e6).toFixed(0);
  const shelf = await openShelf(base);
  const policies = shelf.policies.map((policy) => offer(policy));
  if (policies.length === 0) throw new InputError('This page has no policies beside it.');
  // All on their way at once; what goes wrong is said by whoever needs it.
  shelf.bytes(policies[0].hash).catch(() => undefined);
  const wasm = download(new URL(wasmUrl, import.meta.url).href, __WASM_BYTES__, (done) =>
    say({ kind: 'progress', text: `Loading the engine, ${Math.floor(done * 100)}% of ${megabytes} MB` }),
  );
  const engine = await createPageEngine(wasm, shelf);
  const overlays = new OverlayService(engine, clock);
  const limits = { ...defaultSessionLimits, firstFrameWait };
  const directory = new Directory({
    clock,
    limits,
    overlays,
    version: __VERSION__,
    act: (hash, observation) => engine.act(hash, observation),
    newId,
  });
  return new Connection((message) => say({ kind: 'message', message }), {
    offered: { policies, hello: () => hello(policies, engine.description, limits, __VERSION__) },
    directory,
    limits,
    supposing: engine,
    features: shelvedFeatures(shelf),
    start: { policy: policies[0].name, levelSeed: firstLevel, seed: 0 },
    open: (id) =>
      Promise.reject(
        new Refusal('unknown-recording', `recording: expected a server that holds ${id}; this page has none`),
      ),
    report: (error) => console.error(error),
  });
}

export function serveHost(): void {
  let connection: Connection | null = null;

  addEventListener('message', ({ data }: MessageEvent<ToHost>) => {
    if (data.kind === 'message') {
      connection?.receive(data.message);
      return;
    }
    start(data.base).then(
      (started) => {
        connection = started;
        say({ kind: 'open' });
        started.open();
      },
      (error: unknown) => say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
    );
  });
}
