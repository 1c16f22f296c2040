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
export const protocolVersion = 3;

/** The socket.io event of every message, both ways. */
export const messageEvent = 'message';

/** One line for the first thing that is wrong: `setSpeed.stepsPerSecond: expected number, got "fast"`. */
function describeIssue(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0];
  const type = at(value, ['type']);
  const path = [typeof type === 'string' && type.length < 40 ? type : 'message', ...issue.path.map(String)];
  const text = expectation(issue);
  return `${path.join('.')}: ${text}${text.includes(', got ') ? '' : `, got ${summary(at(value, issue.path))}`}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return issue.discriminator === undefined
        ? 'expected one of several forms'
        : `expected a known ${issue.discriminator}`;
    case 'unrecognized_keys':
      return `expected known fields only, got ${issue.keys.slice(0, 5).map(summary).join(', ')}`;
    case 'too_big':
      return `expected at most ${String(issue.maximum)}${lengthOf(issue.origin)}`;
    case 'too_small':
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${String(issue.minimum)}${lengthOf(issue.origin)}`;
    case 'custom':
      return issue.message;
    default:
      return `expected otherwise (${issue.message})`;
  }
}

function lengthOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
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
