/**
 * Which engine computes: `--device auto|cuda|webgpu|cpu`. Each device either opens or says why not; `auto` takes the
 * first that opens, in the order of speed.
 */
import { InputError } from '@saccade/core';
import { openCpu } from './cpu.ts';
import { openCuda } from './cuda.ts';
import { deviceNames } from './engine.ts';
import type { DeviceName, Engine, Imports, Opening } from './engine.ts';
import { openWebGpu } from './webGpu.ts';
import { probeWebGpu } from './webGpuProbe.ts';

export interface EngineOptions {
  /** Threads of the CPU's engine. */
  readonly threads: number;
  readonly imports?: Imports;
}

export const installedImports: Imports = {
  tensorFlowGpu: () => import('@tensorflow/tfjs-node-gpu' as string) as Promise<unknown>,
  webGpu: () => import('webgpu' as string) as Promise<unknown>,
  probeWebGpu,
};

export interface ChosenEngine {
  readonly engine: Engine;
  /** Devices that `auto` passed over, with the reason. */
  readonly passedOver: readonly { readonly device: DeviceName; readonly reason: string }[];
}

/** @throws InputError with the reason when the one device that was asked for does not open */
export async function openEngine(name: DeviceName, options: EngineOptions): Promise<ChosenEngine> {
  const { threads, imports = installedImports } = options;
  const openings = {
    cuda: () => openCuda(imports.tensorFlowGpu),
    webgpu: () => openWebGpu(imports, { software: name === 'webgpu' }),
    cpu: () => openCpu(threads),
  } satisfies Record<Engine['device'], () => Promise<Opening>>;
  const passedOver: { device: DeviceName; reason: string }[] = [];
  for (const device of name === 'auto' ? (['cuda', 'webgpu', 'cpu'] as const) : [name]) {
    const opening = await openings[device]();
    if ('engine' in opening) return { engine: opening.engine, passedOver };
    passedOver.push({ device, reason: opening.reason });
  }
  const reasons = passedOver.map(({ device, reason }) => (name === 'auto' ? `${device}: ${reason}` : reason));
  throw new InputError(`--device ${name}: ${reasons.join('; ')}`);
}

export { deviceNames };
export type { DeviceName, Engine, Imports };
