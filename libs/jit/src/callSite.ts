/** Where the user's function was when tracing met something it cannot put into a graph. */
import { InputError } from '@saccade/core';

/** A function cannot be traced, and its author can tell why from the message; `trace` adds the call site. */
export class TraceError extends InputError {}

/** V8's knob; other engines ignore it. Stacks through TensorFlow.js are deep, so the default of ten frames is short. */
const stackDepth = Error as unknown as { stackTraceLimit?: number };
const DEEP = 100;

export function withDeepStacks<T>(body: () => T): T {
  const before = stackDepth.stackTraceLimit;
  stackDepth.stackTraceLimit = DEEP;
  try {
    return body();
  } finally {
    stackDepth.stackTraceLimit = before;
  }
}

/** Frames of TensorFlow.js and of this library: never where the user's mistake is. */
const INTERNAL = /@tensorflow|[\\/]libs[\\/]jit[\\/]src[\\/]|node:/;
/** A frame's place: the file, line and column at its end, with or without parentheses. */
const PLACE = /(?:\(|at |@)((?:file:\/\/|https?:\/\/|[A-Za-z]:\\|\/)[^()\s]*:\d+:\d+)\)?\s*$/;

/** `file:line:column` of the first frame outside of the engine, or undefined where the stack does not tell. */
export function callSite(stack: string | undefined): string | undefined {
  for (const line of (stack ?? '').split('\n')) {
    const place = PLACE.exec(line)?.[1];
    if (place !== undefined && !INTERNAL.test(place)) return place;
  }
  return undefined;
}
