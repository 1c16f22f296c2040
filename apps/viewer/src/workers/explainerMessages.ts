/** What the worker that hosts a session says to those that explain and play levels for it, and what they answer. */
import type { EngineCalls, OverlayMap } from '@saccade/session';

export type ToExplainer =
  /** First: bytes of ONNX Runtime's wasm file. */
  | { readonly kind: 'start'; readonly wasm: Uint8Array }
  /** A function of the engine; `argument` is what it takes. */
  | { readonly kind: 'call'; readonly id: number; readonly name: keyof EngineCalls; readonly argument: unknown }
  /** Call `id` is no longer wanted. */
  | { readonly kind: 'cancel'; readonly id: number };

export type FromExplainer =
  /** What there is so far; the map itself follows. */
  | { readonly id: number; readonly draft: OverlayMap }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: 'input' | 'cancelled' | 'internal'; readonly message: string };
