/**
 * What a build needs whose workers compute: ONNX Runtime as one wasm file beside its small loader, both of our own
 * origin, and TensorFlow.js without what tracing never touches.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions } from 'vite';
import type { UserConfig } from 'vite';

const wasm = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm');

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const engineBuild = {
  define: {
    // A compressed answer does not say how many bytes will come.
    __WASM_BYTES__: String(statSync(wasm).size),
    __VERSION__: JSON.stringify(version),
  },
  resolve: {
    // The build whose wasm and loader are files, not text within a script.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
    alias: [
      {
        find: /^@tensorflow\/tfjs$/,
        replacement: fileURLToPath(new URL('src/workers/tensorflow.ts', import.meta.url)),
      },
    ],
  },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        // Some static hosts do not know `.mjs` for a script, and browsers then refuse it.
        assetFileNames: ({ names }) =>
          names[0]?.endsWith('.mjs') ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]',
      },
    },
  },
} satisfies UserConfig;
