/** The command that serves, as a process: what it prints, and how it ends while somebody watches. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startSaccade } from '../support/saccade.ts';
import { connect } from './client.ts';
import { policyFolder } from './randomPolicy.ts';

it('prints an address with a token where others reach it, and ends at once and cleanly on Ctrl+C, watched or not', async () => {
  const policy = join(await policyFolder('random'), 'random', 'policy.safetensors');
  const running = startSaccade('view', '--policy', policy, '--port', '0', '--host', '0.0.0.0', '--json');
  try {
    const address = await running.said(/"address": "([^"]+)"/);
    const { port, searchParams } = new URL(address);
    const here = `http://127.0.0.1:${port}/`;
    await expect(connect(here)).rejects.toThrow();
    const client = await connect(here, { authorization: `Bearer ${searchParams.get('token')}` });
    await client.join();
    await client.frame();
  } finally {
    running.kill('SIGINT');
  }
  const { code, signal, stdout, stderr } = await running.finished;
  expect([code, signal], stderr).toEqual([0, null]);
  const { address } = JSON.parse(stdout) as { address: string };
  expect(address).toMatch(/^http:\/\/[\d.]+:\d+\/\?token=[\w-]{24}$/);
  await rm(join(policy, '..', '..'), { recursive: true, force: true });
});
