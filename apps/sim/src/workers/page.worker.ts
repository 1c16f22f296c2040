/** The thread that builds the page with Vite. */
import { join } from 'node:path';
import { build } from 'vite';
import { answerCalls } from './calls.ts';

const functions = {
  /** Builds the sources in `viewer` into `folder`, which exists. */
  async build({ viewer, folder }: { viewer: string; folder: string }): Promise<void> {
    await build({
      configFile: join(viewer, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
  },
};

export type PageFunctions = typeof functions;

answerCalls(functions);
