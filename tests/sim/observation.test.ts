import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { methods } from '@saccade/attribution';
import { decodeOnnx, encodeOnnx, policyFromOnnx } from '@saccade/nn';
import { decodeNpy, encodeNpy } from '../../apps/sim/src/storage/npy.ts';
import { refusal, run } from './commandLine.ts';
import { policyFolder } from './randomPolicy.ts';

const torch = (name: string): string => fileURLToPath(new URL(`../golden/nn/${name}.onnx`, import.meta.url));

let folder = '';
const at = (name: string): string => join(folder, name);
const shape = [64, 64, 3];
const bytes = ((stream) => Uint8Array.from({ length: 64 * 64 * 3 }, () => stream.integer(256)))(createStream(1, 'x'));

/** NumPy's file by its documentation, written without our encoder. */
function npy(descr: string, axes: readonly number[], data: Uint8Array, fortran = 'False'): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${axes.join(', ')},), }\n`;
  return Buffer.concat([
    Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0),
    Buffer.from(header),
    data,
  ]);
}

beforeAll(async () => {
  folder = await policyFolder('random');
  await writeFile(at('x.npy'), npy('|u1', shape, bytes));
  const scaled = Float32Array.from(bytes, (byte) => byte / 255);
  await writeFile(at('floats.npy'), npy('<f4', shape, new Uint8Array(scaled.buffer)));
  const { code, stderr } = await run('export', '--policy', at('random'), '--onnx', at('policy.onnx'), '--frames', '8');
  expect(code, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function map(policy: string, x: string, ...flags: string[]): Promise<ReturnType<typeof decodeNpy>> {
  const common = ['attribute', '--policy', policy, '--observation', at(x), '--format', 'npy', '--out', at('map.npy')];
  const { code, stderr } = await run(...common, ...flags);
  expect(code, stderr).toBe(0);
  return decodeNpy(await readFile(at('map.npy')), 'map');
}

describe('npy files', () => {
  it('are read back as written, by rows or by columns, from versions 1 and 2', () => {
    const values = Float32Array.from({ length: 24 }, (_, i) => i / 7);
    expect(decodeNpy(encodeNpy(values, [2, 3, 4]), 'a')).toEqual({ values, shape: [2, 3, 4] });
    const columns = npy('|u1', [2, 3], Uint8Array.of(1, 4, 2, 5, 3, 6), 'True');
    expect([...decodeNpy(columns, 'a').values]).toEqual([1, 2, 3, 4, 5, 6]);
    const first = npy('|u1', [3], Uint8Array.of(7, 8, 9));
    const second = Buffer.concat([first.subarray(0, 6), Uint8Array.of(2, 0, first[8], 0, 0, 0), first.subarray(10)]);
    expect([...decodeNpy(second, 'a').values]).toEqual([7, 8, 9]);
  });

  it('of other kinds are named as such', () => {
    const said = (file: Uint8Array): string => {
      try {
        decodeNpy(file, 'x.npy');
      } catch (error) {
        return (error as Error).message;
      }
      return 'read';
    };
    expect(said(npy('<f8', [1], new Uint8Array(8)))).toBe('x.npy: expected uint8 or float32, got dtype <f8');
    expect(said(npy('<f4', [2], new Uint8Array(7)))).toBe('x.npy: expected a .npy file, but it is truncated');
    expect(said(bytes)).toBe('x.npy: expected a .npy file, got another');
    for (let length = 0; length < 60; length++)
      expect(said(npy('|u1', [9], new Uint8Array(9)).subarray(0, length))).toContain('expected');
  });
});

describe('saccade export', () => {
  it('writes a file that gives the policy back, and says how far the two differ', async () => {
    const { stdout } = await run(
      'export',
      '--policy',
      at('random'),
      '--onnx',
      at('again.onnx'),
      '--json',
      '--frames',
      '8',
    );
    const { parity } = JSON.parse(stdout) as { parity: Record<string, number | boolean> };
    expect(parity).toMatchObject({ observations: 8, sameAction: 8, equal: true });
    expect(await readFile(at('again.onnx'))).toEqual(await readFile(at('policy.onnx')));
    expect(policyFromOnnx(await readFile(at('policy.onnx'))).actions).toContain('right+jump');
  });
});

describe('attribute --observation', () => {
  it('gives an exported policy the maps of the policy itself, of the layer and with its channels', async () => {
    // At the input the graph is given 0-255, our own network 0-1: gradients there differ by that.
    for (const [method, layer, expected, scale] of [
      ['integratedGradients', '2b', [16, 16, 32], 1],
      ['gradCam', '2b', [16, 16], 1],
      ['conductance', '2b', [16, 16, 32], 1],
      ['guidedGradCam', '2b', [64, 64, 3], 255],
      ['gradient', 'input', [64, 64, 3], 255],
    ] as const) {
      // Our own file knows its environment, and so a better baseline than black.
      const steps = method === 'conductance' ? ['--option', 'baseline=black'] : [];
      const asked = ['--method', method, '--layer', layer, '--target', 'jump', ...steps];
      const own = await map(at('random'), 'x.npy', ...asked);
      const onnx = await map(at('policy.onnx'), 'x.npy', ...asked);
      expect(own.shape).toEqual(expected);
      expect(onnx.shape).toEqual(expected);
      const largest = Math.max(...own.values.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      own.values.forEach((value, i) => expect(Math.abs(scale * onnx.values[i] - value)).toBeLessThan(1e-4 * largest));
    }
  });

  it('takes floats as they are: bytes / 255 to a policy that scales so itself give the same map', async () => {
    const flags = ['--method', 'saliency', '--layer', 'input', '--target', 'value'];
    const whole = await map(at('random'), 'x.npy', ...flags);
    const floats = await map(at('random'), 'floats.npy', ...flags);
    const largest = Math.max(...whole.values);
    floats.values.forEach((value, i) => expect(Math.abs(value - whole.values[i])).toBeLessThan(1e-5 * largest));
  });

  it('names targets by index too', async () => {
    const flags = ['--method', 'gradient', '--layer', '3a', '--target'];
    const value = await map(at('policy.onnx'), 'x.npy', ...flags, 'value');
    expect(await map(at('policy.onnx'), 'x.npy', ...flags, '7')).toEqual(value);
  });

  it('shares the TD residual out to both observations, one map each', async () => {
    const other = bytes.map((byte) => 255 - byte);
    await writeFile(at('next.npy'), npy('|u1', shape, other));
    const flags = ['--method', 'gradientTimesInput', '--layer', '2b', '--target'];
    const [before, after] = [
      await map(at('policy.onnx'), 'x.npy', ...flags, 'value'),
      await map(at('policy.onnx'), 'next.npy', ...flags, 'value'),
    ];
    const residual = [...flags, 'td-residual', '--gamma', '0.5', '--reward', '3', '--next'];
    const both = await map(at('policy.onnx'), 'x.npy', ...residual, at('next.npy'));
    expect(both.shape).toEqual([2, 16, 16, 32]);
    const half = both.values.length / 2;
    before.values.forEach((value, i) => expect(both.values[i]).toBeCloseTo(-value, 5));
    after.values.forEach((value, i) => expect(both.values[half + i]).toBeCloseTo(0.5 * value, 5));
    const last = await map(at('policy.onnx'), 'x.npy', ...residual, 'end');
    expect(last).toEqual({ shape: [1, 16, 16, 32], values: both.values.slice(0, half) });
    const attempt = (...more: string[]): Promise<string> =>
      refusal(
        'attribute',
        ...['--policy', at('policy.onnx'), '--observation', at('x.npy'), '--out', at('never.npy')],
        ...['--target', 'td-residual', ...more],
      );
    expect(await attempt()).toContain('--next: expected the observation after the step');
    expect(await attempt('--next', 'end')).toContain('--reward: expected the reward of the step, got nothing');
    expect(await attempt('--next', 'end', '--reward', '1')).toContain('--gamma: expected a discount from 0 to 1');
    expect(await attempt('--next', at('floats.npy'), '--reward', '1', '--gamma', '0.9')).toContain(
      'floats.npy: expected uint8, got float32',
    );
  });

  it('compares with a baseline from a file', async () => {
    await writeFile(at('black.npy'), npy('|u1', shape, new Uint8Array(bytes.length)));
    const flags = ['--layer', 'input', '--target', 'value'];
    const named = await map(at('random'), 'x.npy', ...flags, '--option', 'baseline=black');
    expect(await map(at('random'), 'x.npy', ...flags, '--baseline', at('black.npy'))).toEqual(named);
    const itself = await map(at('random'), 'x.npy', ...flags, '--baseline', at('x.npy'));
    expect(itself.values.every((value) => value === 0)).toBe(true);
  });

  it('says what is wrong in one line, and writes nothing', async () => {
    await writeFile(at('kept.npy'), 'kept');
    const onnx = await readFile(at('policy.onnx'));
    await writeFile(at('cut.onnx'), onnx.subarray(0, onnx.length / 2));
    await writeFile(at('small.npy'), npy('|u1', [8, 8, 3], new Uint8Array(192)));
    const model = decodeOnnx(new Uint8Array(onnx));
    const odd = model.graph.nodes.map((node) => (node.opType === 'Relu' ? { ...node, opType: 'Celu' } : node));
    await writeFile(at('odd.onnx'), encodeOnnx({ ...model, graph: { ...model.graph, nodes: odd } }));
    const attempt = (policy: string, x: string, ...flags: string[]): Promise<string> =>
      refusal('attribute', '--policy', at(policy), '--observation', at(x), '--out', at('kept.npy'), ...flags);
    expect(await attempt('odd.onnx', 'x.npy')).toMatch(/Celu/);
    expect(await attempt('cut.onnx', 'x.npy')).toMatch(/cut\.onnx: /);
    expect(await attempt('policy.onnx', 'small.npy')).toMatch(/expected .*64.*got .*8, ?8, ?3/);
    expect(await attempt('random', 'small.npy')).toMatch(
      /small\.npy: expected an observation \[64, 64, 3\], got \[8, 8, 3\]/,
    );
    // Not even where a ReLU would turn it into zero.
    const broken = Float32Array.from(bytes, (byte) => byte / 255);
    broken[(2 * 64 + 5) * 3 + 1] = NaN;
    await writeFile(at('broken.npy'), npy('<f4', shape, new Uint8Array(broken.buffer)));
    expect(await attempt('policy.onnx', 'broken.npy', '--layer', '2b')).toMatch(
      /broken\.npy: expected finite values, got NaN at \[2, 5, 1\]$/,
    );
    expect(await attempt('policy.onnx', 'x.npy', '--baseline', at('small.npy'))).toMatch(
      /small\.npy: expected an observation \[64, 64, 3\], got \[8, 8, 3\]$/,
    );
    expect(await attempt('policy.onnx', 'policy.onnx')).toContain('expected a .npy file');
    expect(await attempt('policy.onnx', 'x.npy', '--layer', '9z')).toContain('9z');
    expect(await attempt('policy.onnx', 'x.npy', '--target', '8')).toContain('target: expected');
    expect(await attempt('policy.onnx', 'x.npy', '--option', 'nonsense=1')).toContain('got nonsense');
    expect(await attempt('policy.onnx', 'x.npy', '--format', 'files')).toContain('--format: expected npy');
    expect(await refusal('attribute', '--policy', at('random'), '--observation', at('x.npy'))).toContain(
      '--out: expected',
    );
    expect(await readFile(at('kept.npy'), 'utf8')).toBe('kept');
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('explains a policy that PyTorch exported, by every method that needs no simulator', async () => {
    const file = torch('nature');
    const { network } = policyFromOnnx(new Uint8Array(await readFile(file)));
    const [height, width, channels] = network.observationShape;
    await writeFile(at('theirs.npy'), npy('|u1', network.observationShape, bytes.slice(0, height * width * channels)));
    expect(height * width * channels).toBeLessThanOrEqual(bytes.length);
    const layer = network.layers.find((name) => network.layerShapes[name].length === 3 && name !== 'input') ?? '';
    for (const [name, { needs }] of Object.entries(methods)) {
      if (needs.includes('objects')) continue;
      const { values, shape: found } = await map(
        file,
        'theirs.npy',
        '--method',
        name,
        '--layer',
        layer,
        '--target',
        '0',
      );
      expect(found.slice(0, 2), name).toEqual(network.layerShapes[layer].slice(0, 2));
      expect(values.every(Number.isFinite), name).toBe(true);
    }
  });
});
