/** The engine of commands that let nobody choose: ONNX Runtime's threads on the CPU. */
import { openEngine } from './devices/device.ts';
import type { Engine } from './devices/device.ts';

export async function createTrainingEngine(threads: number): Promise<Engine> {
  return (await openEngine('cpu', { threads })).engine;
}
