/** Episodes as things to show, made without a browser: what lies in the files, and what is refused in words. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapValues, unpackAnnotated } from '@saccade/protocol';
import { findChromium } from '../../apps/sim/src/commands/export/film/chromium.ts';
import { readGif } from '../support/gif.ts';
import { refusal, run } from './commandLine.ts';
import { policyFolder } from './randomPolicy.ts';

let folder = '';
let policy = '';
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-export-'));
  policy = join(await policyFolder('random'), 'random', 'policy.safetensors');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(join(policy, '..', '..'), { recursive: true, force: true });
});

const episode = ['--level', '3', '--from', '2', '--to', '6', '--method', 'saliency', '--layer', 'input'];

async function exported(...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await run('export', '--policy', policy, ...flags);
  expect(code, stderr).toBe(0);
  return stdout;
}

describe('an exported episode', () => {
  it('is a picture a step, or one of a step, the same both times, with the map on it', async () => {
    await exported('--format', 'png', '--scale', '4', ...episode, '--out', at('pictures'));
    const names = (await readdir(at('pictures'))).sort();
    expect(names).toEqual([2, 3, 4, 5, 6].map((step) => `step-0000${step}.png`));
    const picture = decode(await readFile(join(at('pictures'), names[2])));
    expect([picture.width, picture.channels]).toEqual([256, 4]);
    const single = ['--format', 'png', '--scale', '4', '--level', '3', '--step', '4', '--layer', 'input'];
    await exported(...single, '--method', 'saliency', '--out', at('one.png'));
    await exported(...single, '--method', 'none', '--out', at('none.png'));
    const world = async (file: string): Promise<Uint8Array> =>
      new Uint8Array(decode(await readFile(at(file))).data).subarray(0, 256 * 256 * 4);
    expect(Buffer.compare(await world('one.png'), await world(join('pictures', names[2])))).toBe(0);
    expect(Buffer.compare(await world('one.png'), await world('none.png'))).not.toBe(0);
  });

  it('is a GIF that loops at its pace, frame after frame of the same size', async () => {
    await exported('--format', 'gif', '--scale', '2', '--speed', '10', ...episode, '--out', at('film.gif'));
    const gif = readGif(await readFile(at('film.gif')));
    expect(gif).toMatchObject({ width: 128, loops: true });
    expect(gif.delays).toEqual([10, 10, 10, 10, 120]);
  });

  it('is one HTML file with frames and maps inside, which asks nobody for anything', async () => {
    const said = await exported('--format', 'html', ...episode, '--out', at('episode.html'));
    expect(said).toMatch(
      /^5 steps of level 3, Saliency of the value at input\nwrote .*episode\.html \(html, \d+ bytes\)\n$/,
    );
    const html = await readFile(at('episode.html'), 'utf8');
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    const packed = /id="episode">([^<]+)</.exec(html)?.[1] ?? '';
    const inside = unpackAnnotated(new Uint8Array(gunzipSync(Buffer.from(packed, 'base64'))));
    expect(inside).toMatchObject({ policy: 'random', lens: { method: 'Saliency', layer: 'input', signed: false } });
    expect(inside.frames.map(({ step, scene }) => [step, scene.step])).toEqual([2, 3, 4, 5, 6].map((n) => [n, n]));
    for (const { observation, map } of inside.frames) {
      expect(observation).toHaveLength(64 * 64 * 3);
      expect(map && Math.max(...mapValues(map))).toBeGreaterThan(0);
    }
  });

  it('can be a recording, explained with the policy that it names or another', async () => {
    const recorded = await run('record', '--policy', policy, '--level', '5', '--steps', '8', '--out', at('recording'));
    expect(recorded.code, recorded.stderr).toBe(0);
    const flags = ['--format', 'gif', '--scale', '2', '--method', 'saliency', '--layer', 'input'];
    await exported(...flags, '--recording', at('recording'), '--out', at('recording.gif'));
    expect(readGif(await readFile(at('recording.gif'))).delays).toHaveLength(9);
    const unnamed = await refusal('export', ...flags, '--recording', at('recording'), '--out', at('x.gif'));
    expect(unnamed).toContain('random');
  });
});

describe('an export that cannot be', () => {
  it('is refused in one line that says what was expected', async () => {
    const film = ['--policy', policy, '--out', at('x'), '--format'];
    for (const [flags, line] of [
      [['--policy', policy], 'export: expected --onnx, or --format with one of png, gif, mp4, webm, html, got neither'],
      [[...film, 'gif', '--onnx', at('y')], '--format: expected it or --onnx, got both'],
      [[...film, 'bmp'], '--format: expected one of png, gif, mp4, webm, html, got bmp'],
      [[...film, 'gif', '--step', '3'], '--step: expected --format png beside it, got gif'],
      [[...film, 'gif', '--from', '9', '--to', '3'], '--to: expected at least --from (9), got 3'],
      [['--format', 'gif', '--out', at('x')], '--policy: expected one beside --format, or --recording, got neither'],
      [['--policy', policy, '--format', 'gif'], '--out: expected the file to write, got nothing'],
      [[...film, 'gif', '--browser', 'x'], '--browser: expected --format mp4 or webm beside it, got gif'],
      [[...film, 'webm', '--browser', at('nothing')], '--browser: expected a program, got'],
      [[...film, 'gif', '--to', '3', '--method', 'magic'], 'magic'],
    ] as const) {
      expect(await refusal('export', ...flags)).toContain(line);
    }
  });

  it('names the steps that there are', async () => {
    const flags = ['--policy', policy, '--level', '3', '--format', 'png', '--step', '99999', '--out', at('x.png')];
    const { code, stderr } = await run('export', ...flags);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--step: expected 0 to \d+ \(the episode ended there\), got 99999\n$/);
  });

  it('for want of a browser says what to install, and what needs none', () => {
    expect(() => findChromium(undefined, folder)).toThrow(/expected a Chromium .* or take gif, which needs none/);
  });
});
