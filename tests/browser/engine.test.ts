/** The page's engine in a real Chromium, under the content policy of our server: it computes what Node's computes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import type { Browser } from 'playwright-core';
import { build, mergeConfig } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJit, runtimeOf } from '@saccade/jit';
import { engineBuild } from '../../apps/viewer/vite.engine.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { serveFolder } from '../support/staticServer.ts';
import '../support/allClose.ts';
import { compute } from './engine/case.ts';
import type { Found, Outputs } from './engine/case.ts';

/** As the server's: no `unsafe-eval`. */
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; object-src 'none'";
const tolerance = { absolute: 1e-5, relative: 1e-5 };

let folder = '';
let browser: Browser;
let expected: Outputs;

async function find(headers: Record<string, string>): Promise<Found> {
  const server = await serveFolder(folder, '/', { 'Content-Security-Policy': policy, ...headers });
  const page = await browser.newPage();
  try {
    await page.goto(server.address);
    const found = await page.waitForFunction(() => (globalThis as { found?: Found | { error: string } }).found);
    const value = await found.jsonValue();
    if (!value || 'error' in value) throw new Error(value?.error ?? 'nothing was found');
    expect(server.requests.filter(({ status }) => status !== 200)).toEqual([{ path: '/favicon.ico', status: 404 }]);
    expect(server.requests.filter(({ path }) => path.endsWith('.wasm'))).toHaveLength(1);
    return value;
  } finally {
    await page.close();
    await server.stop();
  }
}

function expectSame(found: Outputs): void {
  expect(found.logits).toBeAllClose(expected.logits, tolerance);
  expect(found.value).toBeAllClose(expected.value, tolerance);
  expect(found.gradient).toBeAllClose(expected.gradient, tolerance);
  // Not trivially equal: there is a gradient, and it is not tiny beside the tolerance.
  expect(Math.max(...expected.gradient.map(Math.abs))).toBeGreaterThan(1e-4);
}

describeInBrowser('the engine in a page', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-engine-'));
    const root = fileURLToPath(new URL('engine', import.meta.url));
    const page = { root, base: './', configFile: false as const, logLevel: 'error' as const };
    await build(mergeConfig(engineBuild, { ...page, build: { outDir: folder, emptyOutDir: true, target: 'es2022' } }));
    browser = await launchBrowser();
    const jit = createJit(runtimeOf<ort.InferenceSession.SessionOptions>(ort));
    expected = await compute(jit.compile);
  });
  afterAll(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('gives the forward outputs and the input gradient of onnxruntime-node, within 1e-5', async () => {
    const found = await find({});
    expectSame(found);
    expect(found.threads).toBe(1);
    expect(found.description).toMatch(/^ONNX Runtime \d+\.\d+\.\d+ \(wasm, 1 thread\)$/);
    expect(found.shares.at(-1)).toBe(1);
    expect([...found.shares].sort((a, b) => a - b)).toEqual(found.shares);
  });

  it('computes on several threads where the page is isolated from other origins', async () => {
    const found = await find({
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    expectSame(found);
    expect(found.threads).toBe(Math.min(2, availableParallelism()));
  });
});
