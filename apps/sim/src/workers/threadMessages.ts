/** What the pool of ONNX Runtime threads says to a thread, and what the thread answers. */

export interface PlainTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type ThreadRequest =
  | { readonly kind: 'create'; readonly call: number; readonly session: number; readonly model: Uint8Array }
  | {
      readonly kind: 'run';
      readonly call: number;
      readonly session: number;
      readonly feeds: Readonly<Record<string, PlainTensor>>;
    }
  | { readonly kind: 'release'; readonly call: number; readonly session: number };

export type ThreadAnswer =
  | { readonly call: number; readonly outputs: Readonly<Record<string, PlainTensor>> | null }
  | { readonly call: number; readonly error: string };
