import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import '../../support/allClose.ts';

/** Debian's chromium package ships a Vulkan loader and a software driver. */
const chromium = '/usr/lib/chromium';
const driver = `${chromium}/vk_swiftshader_icd.json`;
const available = existsSync(driver) && existsSync(`${chromium}/libvulkan.so.1`);

interface Step {
  device: string;
  loss: number;
  entropy: number;
  gradientNorm: number;
  map: number[];
}

async function step(...args: string[]): Promise<Step> {
  const program = fileURLToPath(new URL('./webGpuStep.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, ...args], {
    env: { ...process.env, LD_LIBRARY_PATH: chromium, VK_ICD_FILENAMES: driver },
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout.slice(stdout.indexOf('{"device"'))) as Step;
}

if (!available && process.env['REQUIRE_BROWSER'] === '1') {
  throw new Error(`expected a software Vulkan driver at ${driver}, got none: apt-get install chromium`);
}

describe.skipIf(!available)('WebGPU through Dawn on a software Vulkan driver', () => {
  it('takes the same training step and attributes the same frame as the CPU', async () => {
    const [gpu, cpu] = [await step('webgpu'), await step('plain')];
    expect(gpu.device).toBe('webgpu');
    expect(gpu.loss).toBeCloseTo(cpu.loss, 4);
    expect(gpu.entropy).toBeCloseTo(cpu.entropy, 4);
    expect(gpu.gradientNorm).toBeCloseTo(cpu.gradientNorm, 3);
    const largest = Math.max(...cpu.map.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    expect(gpu.map).toBeAllClose(cpu.map, { absolute: 1e-4 * largest, relative: 1e-3 });
  }, 240_000);

  it('throws what the device reports, where a kernel that fails would otherwise compute zeros', async () => {
    await expect(step('webgpu', 'faulty')).rejects.toThrow(/internal: WebGPU: .*storage buffers/);
  }, 240_000);
});
