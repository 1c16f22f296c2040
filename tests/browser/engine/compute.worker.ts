/** Computes the case with the page's engine. */
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { download } from '../../../apps/viewer/src/workers/download.ts';
import { createPageRuntime } from '../../../apps/viewer/src/workers/onnxRuntime.ts';
import { compute } from './case.ts';

async function run(): Promise<void> {
  const shares: number[] = [];
  const wasm = await download(new URL(wasmUrl, import.meta.url).href, __WASM_BYTES__, (done) => shares.push(done));
  const { compile, threads, description } = await createPageRuntime(wasm, 2);
  const outputs = await compute(compile);
  postMessage({ ...outputs, shares, threads, description });
}

run().catch((error: unknown) => postMessage({ error: error instanceof Error ? error.message : String(error) }));
