export { createJit, defaultJitOptions } from './jit.ts';
export type { Jit, JitOptions } from './jit.ts';
export { runtimeOf } from './runtime.ts';
export type { Runtime, RuntimeSession, RuntimeTensor, RuntimeType } from './runtime.ts';
export { trace } from './trace.ts';
export type { TracedGraph } from './trace.ts';
