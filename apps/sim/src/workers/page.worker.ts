/** The process that builds the page with Vite: from the folder of its sources into another one, which exists. */
import { join } from 'node:path';
import { build } from 'vite';

const [viewer, folder] = process.argv.slice(2);
await build({
  configFile: join(viewer, 'vite.config.ts'),
  logLevel: 'error',
  build: { outDir: folder, emptyOutDir: true },
});
