/** What the worker that hosts a session says to the one that explains for it, and what that answers. */
import type { Dictionary } from '@saccade/insight';
import type { OverlayRequest } from '@saccade/protocol';
import type { OverlayMap, Sight } from '@saccade/session';

export type ToExplainer =
  /** First: bytes of ONNX Runtime's wasm file. */
  | { readonly kind: 'start'; readonly wasm: Uint8Array }
  | {
      readonly kind: 'load';
      readonly id: number;
      readonly hash: string;
      readonly bytes: Uint8Array;
      /** Factors that came with the policy. */
      readonly dictionaries: readonly Dictionary[];
    }
  | {
      readonly kind: 'explain';
      readonly id: number;
      readonly hash: string;
      readonly sight: Sight;
      readonly request: OverlayRequest;
    }
  /** Call `id` is no longer wanted. */
  | { readonly kind: 'cancel'; readonly id: number };

export type FromExplainer =
  /** What there is so far; the map itself follows. */
  | { readonly id: number; readonly draft: OverlayMap }
  | { readonly id: number; readonly map: OverlayMap | null }
  | { readonly id: number; readonly error: 'input' | 'cancelled' | 'internal'; readonly message: string };
