/** How the page is built. The server runs this through Vite's API on first start, so it must stay quick. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { offlineModule } from './offline.build.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../../dist/apps/viewer', import.meta.url));
const libs = fileURLToPath(new URL('../../libs/', import.meta.url));

export default defineConfig({
  root: here,
  base: './',
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), offlineModule],
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    // Everything comes from our own origin under a policy without data: scripts; fonts and icons stay files.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      // Our libs run nothing on import, so a door that also exports engines costs the page nothing.
      treeshake: { moduleSideEffects: (id: string) => !id.startsWith(libs) },
      output: {
        codeSplitting: { groups: [{ name: 'pixi', test: /node_modules\/(pixi\.js|@pixi)\// }] },
      },
    },
  },
});
