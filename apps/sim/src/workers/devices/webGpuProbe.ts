/**
 * Asks Dawn for a GPU in a process of its own: a driver that crashes takes nobody along, and what drivers print when
 * they find nothing stays there.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from '../../installation.ts';

const program = `
  import { create } from 'webgpu';
  const adapter = await create([]).requestAdapter();
  const { vendor, architecture, description } = adapter?.info ?? {};
  console.log(adapter ? [vendor, architecture, description].filter(Boolean).join(' ') || 'a GPU' : '');
  process.exit(0);
`;
const timeout = 10_000;

/** The adapter's name, `google swiftshader SwiftShader driver`; empty where there is none. Throws when Dawn is absent. */
export async function probeWebGpu(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    timeout,
  });
  return stdout.trim();
}

/** Drivers that compute on the CPU: slower than ONNX Runtime there. */
export function isSoftwareAdapter(name: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(name);
}
