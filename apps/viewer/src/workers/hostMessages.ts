/** What the page says to the worker that hosts its session, and what that answers. */
import type { ServerMessage } from '@saccade/protocol';

export type ToHost =
  /** First. `base`: where the page and its files lie. */
  { readonly kind: 'start'; readonly base: string } | { readonly kind: 'message'; readonly message: unknown };

export type FromHost =
  /** What it is doing, for people. */
  | { readonly kind: 'progress'; readonly text: string }
  /** Messages are answered from now on. */
  | { readonly kind: 'open' }
  | { readonly kind: 'message'; readonly message: ServerMessage }
  /** It cannot run here: a sentence for people. */
  | { readonly kind: 'failed'; readonly reason: string };
