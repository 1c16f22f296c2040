/** Starts the server with the policies that there are, and waits for Ctrl+C. */
import { once } from 'node:events';
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { pageFolder, preparePage } from '../../server/page.ts';
import { startServer } from '../../server/index.ts';
import { findPolicies, loadPolicy, locatePolicy, modelsFolder } from '../../storage/policies.ts';
import type { StoredPolicy } from '../../storage/policies.ts';
import { createEngine } from '../../workers/engine.ts';
import type { CommandContext } from '../shell/command.ts';
import { commonFlags, integerFlag, parseFlags, seedFlag } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  port: integerFlag(0, 65535),
  policy: z.string().optional(),
  level: seedFlag(),
});

/** The bundled policies, and the one asked for, which comes first. */
async function loadPolicies(asked: string | undefined): Promise<StoredPolicy[]> {
  const files = await findPolicies();
  if (asked !== undefined) {
    const wanted = await locatePolicy(asked);
    const others = files.filter(({ path, name }) => path !== wanted.path && name !== wanted.name);
    return Promise.all([wanted, ...others].map((file) => loadPolicy(file)));
  }
  if (files.length === 0) {
    throw new InputError(
      `policy: expected one in ${modelsFolder}, got none; --policy names a file, and saccade train makes one`,
    );
  }
  return Promise.all(files.map((file) => loadPolicy(file)));
}

export async function runView(flags: Readonly<Record<string, unknown>>, { output, signal }: CommandContext) {
  const { port, policy, level, seed } = parseFlags(flagsSchema, flags);
  const policies = await loadPolicies(policy);
  const engine = createEngine();
  try {
    // All at once: the page is built while the engines load, and a port in use is said before either is done.
    const starting = startServer({
      port,
      policies,
      engine,
      page: pageFolder,
      start: { levelSeed: level, seed },
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
    output.print(`Saccade is at ${server.address} (Ctrl+C ends it)`);
    output.result({ address: server.address });
    if (!signal.aborted) await once(signal, 'abort');
    await server.close();
  } finally {
    await engine.dispose();
  }
}
