/** Starts the server with the policies that there are, and waits for Ctrl+C. */
import { once } from 'node:events';
import { createToken, isLoopback } from '../../server/access.ts';
import { pageFolder, preparePage } from '../../server/page.ts';
import { startServer } from '../../server/index.ts';
import { loadPolicy } from '../../storage/policies.ts';
import { RecordingShelf } from '../../storage/recordingShelf.ts';
import { createEngine } from '../../workers/engine.ts';
import type { CommandContext } from '../shell/command.ts';
import type { Settings } from './settings.ts';

export async function runView(settings: Settings, { output, signal }: CommandContext): Promise<void> {
  const { port, host, level, seed } = settings;
  const token = isLoopback(host) ? undefined : createToken();
  const shelf = new RecordingShelf(settings.recordings);
  const recording = settings.recording === undefined ? undefined : await shelf.add(settings.recording);
  const policies = await Promise.all(settings.policies.map((file) => loadPolicy(file)));
  const engine = createEngine();
  try {
    // All at once: the page is built while the engines load, and a port in use is said before either is done.
    const starting = startServer({
      port,
      host,
      ...(token === undefined ? {} : { token }),
      policies,
      engine,
      page: pageFolder,
      start: { levelSeed: level, seed, ...(recording === undefined ? {} : { recording }) },
      shelf,
      report: (error) => output.note(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    });
    const unneeded = new AbortController();
    const stop = (): void => unneeded.abort();
    signal.addEventListener('abort', stop);
    starting.catch(stop);
    const page = preparePage((line) => output.note(line), unneeded.signal);
    page.catch(() => undefined);
    const server = await starting;
    await page;
    const address = token === undefined ? server.address : `${server.address}?token=${token}`;
    output.print(`Saccade is at ${address} (Ctrl+C ends it)`);
    output.result({ address });
    if (!signal.aborted) await once(signal, 'abort');
    await server.close();
  } finally {
    await engine.dispose();
  }
}
