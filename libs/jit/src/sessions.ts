/**
 * Sessions under a limit in bytes. A session holds its weights and its arena, so keeping one for every function ever
 * compiled would grow without end; the one unused for longest is released when the limit is passed, and made again if
 * its function is called once more.
 */
import { internalError } from '@saccade/core';
import type { RuntimeSession } from './runtime.ts';

export interface SessionPool {
  /** Runs `use` on the session of `key`, made by `create` if there is none; it is not released meanwhile. */
  with<T>(
    key: object,
    bytes: number,
    create: () => Promise<RuntimeSession>,
    use: (s: RuntimeSession) => Promise<T>,
  ): Promise<T>;
  /** Releases the session of `key`, when its last run has ended. */
  release(key: object): Promise<void>;
  /** How many sessions are held, and their bytes together. */
  held(): { readonly sessions: number; readonly bytes: number };
}

interface Entry {
  readonly bytes: number;
  readonly session: Promise<RuntimeSession>;
  running: number;
  dropped: boolean;
}

/** @param limit bytes; at least the session in use is always held, however large. */
export function createSessionPool(limit: number): SessionPool {
  // A Map keeps the order of insertion: the first entry is the one unused for longest.
  const entries = new Map<object, Entry>();

  const total = (): number => [...entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);

  const drop = async (key: object, entry: Entry): Promise<void> => {
    entries.delete(key);
    entry.dropped = true;
    if (entry.running === 0) await (await entry.session).release();
  };

  const trim = async (): Promise<void> => {
    for (const [key, entry] of entries) {
      if (total() <= limit || entries.size === 1) return;
      if (entry.running === 0) await drop(key, entry);
    }
  };

  return {
    async with(key, bytes, create, use) {
      const known = entries.get(key);
      const entry: Entry = known ?? { bytes, session: create(), running: 0, dropped: false };
      entries.delete(key);
      entries.set(key, entry);
      entry.running++;
      try {
        await trim();
        return await use(await entry.session);
      } catch (error) {
        // A session that could not be made must not be kept as the function's session.
        if (known === undefined) await entry.session.catch(() => entries.delete(key));
        throw error;
      } finally {
        entry.running--;
        if (entry.running < 0) throw internalError('a session was released twice');
        if (entry.dropped && entry.running === 0) await (await entry.session).release();
      }
    },
    async release(key) {
      const entry = entries.get(key);
      if (entry !== undefined) await drop(key, entry);
    },
    held: () => ({ sessions: entries.size, bytes: total() }),
  };
}
