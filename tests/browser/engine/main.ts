/** A page whose worker computes; what it finds is left on `window` for the test. */
import type { Found } from './case.ts';

const worker = new Worker(new URL('./compute.worker.ts', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }: MessageEvent<Found | { readonly error: string }>) => {
  Object.assign(window, { found: data });
};
worker.onerror = ({ message }) => Object.assign(window, { found: { error: `the worker failed: ${message}` } });
