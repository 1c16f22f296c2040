/**
 * Which engine computes: `--device auto|cuda|webgpu|cpu`. Each device either opens or says why not; `auto` takes the
 * first that opens, in the order of speed.
 */
import { InputError } from '@saccade/core';
import { openOnnxRuntime } from './cpu.ts';
import { openCuda } from './cuda.ts';
import { deviceNames } from './engine.ts';
import type { DeviceName, Engine, Imports, Opening } from './engine.ts';
import { installedImports } from './imports.ts';
import { openPlain, openWasm } from './lastResort.ts';
import { openWebGpu } from './webGpu.ts';

export interface EngineOptions {
  /** Threads of ONNX Runtime. */
  readonly threads: number;
  readonly imports?: Imports;
}

/** The engines behind the devices, best first. */
const order = ['cuda', 'webgpu', 'onnxruntime', 'wasm', 'plain'] as const;
export type EngineName = (typeof order)[number];

const enginesOf: Record<DeviceName, readonly EngineName[]> = {
  auto: order,
  cuda: ['cuda'],
  webgpu: ['webgpu'],
  // The last two are a last resort: ONNX Runtime is a dependency, so it is missing only where something is broken.
  cpu: ['onnxruntime', 'wasm', 'plain'],
};

export interface ChosenEngine {
  readonly engine: Engine;
  /** Engines that were passed over, with the reason. */
  readonly passedOver: readonly { readonly engine: EngineName; readonly reason: string }[];
}

/** @throws InputError with the reason when the one device that was asked for does not open */
export async function openEngine(name: DeviceName, options: EngineOptions): Promise<ChosenEngine> {
  const { threads, imports = installedImports } = options;
  const openings = {
    cuda: () => openCuda(imports.tensorFlowGpu),
    webgpu: () => openWebGpu(imports, { software: name === 'webgpu' }),
    onnxruntime: () => openOnnxRuntime(threads, imports.onnxRuntime),
    wasm: () => openWasm(imports.wasm),
    plain: () => openPlain(),
  } satisfies Record<EngineName, () => Promise<Opening>>;
  const passedOver: { engine: EngineName; reason: string }[] = [];
  for (const engine of enginesOf[name]) {
    const opening = await openings[engine]();
    if ('engine' in opening) return { engine: opening.engine, passedOver };
    passedOver.push({ engine, reason: opening.reason });
  }
  throw new InputError(`--device ${name}: ${passedOver.map(({ reason }) => reason).join('; ')}`);
}

export { deviceNames };
export type { DeviceName, Engine, Imports };
