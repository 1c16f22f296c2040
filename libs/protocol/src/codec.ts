/**
 * The edge: what came over a socket becomes a message or an InputError of one line, and nothing else does. All
 * messages travel under one socket event, so that a recording of the wire is a list of messages.
 */
import type { z } from 'zod';
import { InputError } from '@saccade/core';
import { clientMessageSchema } from './client.ts';
import type { ClientMessage } from './client.ts';
import { serverMessageSchema } from './server.ts';
import type { ServerMessage } from './server.ts';

/** Raised when a message changes so that an older page or server would misread it. */
export const protocolVersion = 1;

/** The socket.io event of every message, both ways. */
export const messageEvent = 'message';

/** One line for the first thing that is wrong: `setSpeed.stepsPerSecond: expected number, got string`. */
export function describeIssue(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0];
  const type = (value as { type?: unknown } | null | undefined)?.type;
  const path = [typeof type === 'string' && type.length < 40 ? type : 'message', ...issue.path.map(String)];
  const got = at(value, issue.path);
  const saysGot = issue.message.includes('got ') || issue.message.includes('received ');
  const text = issue.message.replace(/^Invalid input: /, '').replace('received', 'got');
  return `${path.join('.')}: ${text}${saysGot ? '' : `, got ${summary(got)}`}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

function summary(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : typeof value;
}

/** @throws InputError that names the field, what was expected and what came */
export function parseClientMessage(value: unknown): ClientMessage {
  const result = clientMessageSchema.safeParse(value);
  if (!result.success) throw new InputError(describeIssue(result.error, value));
  return result.data;
}

/** @throws InputError that names the field, what was expected and what came */
export function parseServerMessage(value: unknown): ServerMessage {
  const result = serverMessageSchema.safeParse(value);
  if (!result.success) throw new InputError(describeIssue(result.error, value));
  return result.data;
}
