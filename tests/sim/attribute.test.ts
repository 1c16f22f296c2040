import { once } from 'node:events';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPpoConfig } from '@saccade/agent';
import { encodeSafetensors } from '@saccade/nn';
import { startServer } from '../../apps/sim/src/server/index.ts';
import { encodeNpy } from '../../apps/sim/src/storage/npy.ts';
import { loadPolicy, locatePolicy } from '../../apps/sim/src/storage/policies.ts';
import { createEngine } from '../../apps/sim/src/workers/engine.ts';
import { connect } from './client.ts';
import { refusal, run } from './commandLine.ts';
import { policyFolder } from './randomPolicy.ts';

let folder = '';
let policy = '';
beforeAll(async () => {
  folder = await policyFolder('random');
  policy = join(folder, 'random', 'policy.safetensors');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const out = (name: string): string => join(folder, name);

/** NumPy's own reading of the header, by its documentation. */
function parseNpy(file: Buffer): { shape: number[]; values: Float32Array } {
  expect(file.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
  const start = 10 + file.readUInt16LE(8);
  expect(start % 64).toBe(0);
  const header = file.subarray(10, start).toString('latin1');
  expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \([\d, ]+\), \} *\n$/);
  const shape = (/\(([\d, ]+)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((axis) => axis.trim())
    .map(Number);
  return { shape, values: new Float32Array(file.buffer.slice(file.byteOffset + start, file.byteOffset + file.length)) };
}

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('saccade attribute', () => {
  it('writes the overlay, the raw map and a report, which under --json is all of stdout', async () => {
    const flags = ['--policy', policy, '--level', '3', '--step', '12', '--method', 'gradCam', '--target', 'jump'];
    const { code, stdout } = await run('attribute', ...flags, '--out', out('a'), '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      level: 3,
      step: 12,
      method: 'gradCam',
      layer: '2b',
      target: 'jump',
      shape: [16, 16],
    });
    expect(JSON.parse(await readFile(join(out('a'), 'report.json'), 'utf8'))).toEqual(report);
    const { shape, values } = parseNpy(await readFile(join(out('a'), 'map.npy')));
    expect(shape).toEqual([16, 16]);
    expect(Math.max(...values)).toBe(report['scale']);
    const picture = decode(await readFile(join(out('a'), 'overlay.png')));
    expect([picture.width, picture.height, picture.channels]).toEqual([512, 512, 3]);
  });

  it('explains the very frame that the viewer shows for the same policy, level and seed, with the same map', async () => {
    const engine = createEngine();
    const server = await startServer({
      port: 0,
      policies: [await loadPolicy(await locatePolicy(policy))],
      engine,
      page: folder,
      start: { levelSeed: 3, seed: 5 },
      report: (error) => expect.unreachable(String(error)),
    });
    try {
      const client = await connect(server.address);
      await client.join({ playing: false });
      client.send({ type: 'step', count: 12 });
      await client.frame(({ step }) => step === 12);
      for (const [method, layer, target] of [
        ['integratedGradients', 'input', 'value'],
        ['saliency', '2b', 'value'],
        ['factors', '2b', 'value'],
        ['ablation', 'input', 'value'],
        ['change', '2b', 'value'],
        ['gradCam', '2b', 'td-residual'],
        ['factors', '2b', 'td-residual:0.9'],
      ]) {
        const id = `${method} ${target}`;
        client.send({ type: 'setOverlays', overlays: [{ id, method, layer, target, options: {} }] });
        // Drafts come first where the machine is slow.
        const { overlays, step } = await client.frame(
          ({ overlays: [one] }) => one?.request === id && (!one.ok || one.draft === undefined),
        );
        expect(step).toBe(12);
        const flags = ['--policy', policy, '--level', '3', '--seed', '5', '--step', '12', '--target', target];
        expect(await run('attribute', ...flags, '--method', method, '--layer', layer, '--out', out(id))).toMatchObject({
          code: 0,
        });
        const { shape, values } = parseNpy(await readFile(join(out(id), 'map.npy')));
        const [overlay] = overlays;
        expect(overlay.ok && overlay.shape).toEqual(shape);
        expect(overlay.ok && overlay.map).toEqual(values);
        expect(values.some((value) => value !== 0)).toBe(true);
      }
      client.close();
    } finally {
      await server.close();
      await engine.dispose();
    }
  });

  it('explains the TD residual of the step that led to the frame: what its report adds up to', async () => {
    const ask = async (step: number, ...flags: string[]) => {
      const common = ['--policy', policy, '--level', '3', '--step', String(step), '--layer', 'input'];
      const { code, stdout, stderr } = await run('attribute', ...common, ...flags, '--out', out('td'), '--json');
      expect(code, stderr).toBe(0);
      const report = JSON.parse(stdout) as { value: number; score: number; residual: Record<string, number> };
      return { ...report, map: parseNpy(await readFile(join(out('td'), 'map.npy'))).values };
    };
    const linear = ['--method', 'gradientTimesInput'];
    const [before, after] = [await ask(11, ...linear), await ask(12, ...linear)];
    const both = await ask(12, ...linear, '--target', 'td-residual', '--gamma', '0.9');
    expect(both.residual).toMatchObject({ gamma: 0.9, reward: 0 });
    expect(both.residual['valueBefore']).toBeCloseTo(before.value, 5);
    expect(both.residual['discountedValueAfter']).toBeCloseTo(0.9 * after.value, 5);
    expect(both.score).toBeCloseTo(0.9 * after.value - before.value, 5);
    both.map.forEach((value, at) => expect(value).toBeCloseTo(0.9 * after.map[at] - before.map[at], 5));
    const usual = await ask(12, ...linear, '--target', 'td-residual');
    // A policy that says nothing of its training.
    expect(usual.residual).toMatchObject({ gamma: defaultPpoConfig.gamma });
  });

  it('says what a TD residual cannot be asked', async () => {
    const flags = ['attribute', '--policy', policy, '--out', out('never')];
    const residual = [...flags, '--target', 'td-residual'];
    expect(await refusal(...residual, '--step', '0')).toBe(
      'saccade attribute: td-residual: expected a frame before this one, got the first of its episode',
    );
    expect(await refusal(...residual, '--gamma', '1.5')).toContain('--gamma: expected a number from 0 to 1, got 1.5');
    expect(await refusal(...residual, '--step', '3', '--method', 'shapley')).toContain(
      'expected a method that takes no objects away, got shapley',
    );
    expect(await refusal(...residual, '--step', '3', '--method', 'change')).toContain(
      'change: expected a target of one frame, got td-residual',
    );
    expect(await refusal(...residual, '--next', 'x.npy')).toContain('--next: expected --observation beside it');
    expect(await refusal(...flags, '--gamma', '0.9')).toContain(
      '--gamma: expected --target td-residual beside it, got value',
    );
  });

  it('refuses a baseline of another shape, and one for methods that compare with none', async () => {
    await writeFile(out('small.npy'), encodeNpy(new Float32Array(192), [8, 8, 3]));
    await writeFile(out('floats.npy'), encodeNpy(new Float32Array(64 * 64 * 3), [64, 64, 3]));
    const flags = ['attribute', '--policy', policy, '--out', out('never'), '--baseline'];
    expect(await refusal(...flags, out('small.npy'))).toMatch(
      /small\.npy: expected an observation \[64, 64, 3\], got \[8, 8, 3\]$/,
    );
    // Frames are bytes: floats beside them would be at another scale.
    expect(await refusal(...flags, out('floats.npy'))).toMatch(/floats\.npy: expected uint8, got float32$/);
    expect(await refusal(...flags, out('floats.npy'), '--option', 'baseline=black')).toContain(
      '--baseline: expected no --option baseline beside the file, got black',
    );
  });

  it('names what it does not know, with what there is', async () => {
    const flags = ['attribute', '--policy', policy, '--out', out('never')];
    expect(await refusal(...flags, '--method', 'magic')).toMatch(
      /^saccade attribute: method: expected one of saliency, .*integratedGradients.*, got magic$/,
    );
    expect(await refusal(...flags, '--layer', '9z')).toBe(
      'saccade attribute: layer: expected one of input, 1a, 2a, 2b, 3a, dense1, got 9z',
    );
    expect(await refusal(...flags, '--target', 'fly')).toMatch(
      /^saccade attribute: target: expected an action .*got fly$/,
    );
    expect(await refusal(...flags, '--option', 'steps=many')).toMatch(/expected steps as an integer .*got many$/);
    expect(await refusal(...flags, '--step', '9999')).toMatch(
      /^saccade attribute: --step: expected 0 to \d+ \(the episode ended there: \w+\), got 9999$/m,
    );
    for (const [flag, value] of [
      ['--level', '4294967296'],
      ['--seed', 'three'],
      ['--step', '1.5'],
    ]) {
      expect(await refusal(...flags, flag, value)).toMatch(
        new RegExp(`^saccade attribute: ${flag}: expected .*, got ${value}$`),
      );
    }
    expect(await refusal(...flags, '--leyer', '2b')).toContain("unknown option '--leyer'");
    expect(await refusal('attribute')).toContain("required option '--policy <name>' not specified");
    expect(await refusal('atribute')).toContain("unknown command 'atribute'");
  });

  it('names a policy file that is missing, truncated or foreign as such', async () => {
    const attempt = (path: string): Promise<string> => refusal('attribute', '--policy', path, '--out', out('never'));
    expect(await attempt(join(folder, 'nothing'))).toMatch(
      /policy: expected .*a path to a policy.safetensors, got .*nothing$/,
    );
    await mkdir(out('cut'));
    const cut = join(out('cut'), 'policy.safetensors');
    const bytes = await readFile(policy);
    for (const length of [5, bytes.length - 1]) {
      await writeFile(cut, bytes);
      await truncate(cut, length);
      expect(await attempt(cut)).toContain('truncated');
    }
    await writeFile(cut, 'I am no policy, but long enough to have a header');
    expect(await attempt(cut)).toContain('expected a safetensors file');
    await writeFile(cut, encodeSafetensors({ tensors: {}, metadata: {} }));
    expect(await attempt(cut)).toContain('expected a Saccade policy');
  });
});

describe('saccade view', () => {
  it('says that its port is in use', async () => {
    const { server, port } = await listening();
    try {
      const { code, stdout, stderr } = await run('view', '--policy', policy, '--port', String(port));
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain(
        `saccade view: --port: expected a free port, got ${port}, which is in use; --port 0 takes any free one`,
      );
    } finally {
      server.close();
    }
  });
});
