/** Shapes, errors and cancellation: what everything else says its problems with. */
import { describe, expect, it } from 'vitest';
import {
  CancelledError,
  expectLength,
  expectShape,
  InputError,
  internalError,
  sameShape,
  sizeOf,
  throwIfAborted,
} from '@saccade/core';

describe('shapes', () => {
  it('have a size: one for a scalar, zero with an empty axis', () => {
    expect([sizeOf([]), sizeOf([4]), sizeOf([2, 3, 4]), sizeOf([2, 0])]).toEqual([1, 4, 24, 0]);
  });

  it('are the same axis for axis', () => {
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([], [])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
  });

  it('that do not fit are said with function, what was expected and what came', () => {
    const check = (got: number[]): void => expectShape('computeAdvantages', 'values', [129, -1], got);
    expect(() => check([129, 8])).not.toThrow();
    expect(() => check([128, 8])).toThrow(InputError);
    expect(() => check([128, 8])).toThrow('computeAdvantages: expected values [129, any], got [128, 8]');
    expect(() => check([129])).toThrow('computeAdvantages: expected values [129, any], got [129]');
  });

  it('of data are checked by its length', () => {
    expect(() => expectLength('f', 'x', [2, 3], 6)).not.toThrow();
    expect(() => expectLength('f', 'x', [], 1)).not.toThrow();
    expect(() => expectLength('f', 'x', [2, 3], 5)).toThrow('f: expected x [2, 3] (6 values), got 5');
  });
});

describe('errors', () => {
  it('of the user are told from our own and from cancelling by their type and name', () => {
    expect(new InputError('f: expected a, got b').name).toBe('InputError');
    const internal = internalError('lost a node');
    expect(internal).not.toBeInstanceOf(InputError);
    expect(internal.message).toBe('internal: lost a node');
    const cancelled = new CancelledError('attribution');
    expect(cancelled).not.toBeInstanceOf(InputError);
    expect([cancelled.name, cancelled.message]).toEqual(['CancelledError', 'attribution: cancelled']);
  });
});

describe('cancellation', () => {
  it('throws once an AbortSignal is aborted, and never without one', () => {
    const controller = new AbortController();
    expect(() => throwIfAborted(controller.signal, 'training')).not.toThrow();
    expect(() => throwIfAborted(undefined, 'training')).not.toThrow();
    controller.abort();
    expect(() => throwIfAborted(controller.signal, 'training')).toThrow(CancelledError);
    expect(() => throwIfAborted(controller.signal, 'training')).toThrow('training: cancelled');
  });
});
