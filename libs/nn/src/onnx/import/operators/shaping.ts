/** Operators that move elements or average over axes. The batch axis stays first: what would move it is refused. */
import { sameShape, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { OperatorCall } from '../call.ts';
import { batchLength, toChannelsFirst, toChannelsLast } from '../value.ts';
import type { Activation } from '../value.ts';
import { layer, nodeAxis, step } from './operator.ts';
import type { Operator } from './operator.ts';

/** The layer as [batch, ...shape] in ONNX's order; kept channels last where an image is meant. */
function reshaped(call: OperatorCall, shape: Shape): Activation {
  const x = call.draft.asWritten(call.activation(0));
  if (shape.length !== 3 || !call.feedsSpatial) return layer(call, { op: 'reshape', shape }, [x]);
  const written = step(call, 'reshaped', { op: 'reshape', shape }, [x]);
  return layer(call, { op: 'transpose', permutation: toChannelsLast }, [written], true);
}

/**
 * A Reshape's target without the batch axis. The batch may be written as itself, as 0 (copied), as -1 (what is left),
 * or as the length that a graph exported for a fixed batch has.
 */
function resolveShape(call: OperatorCall, target: readonly number[], dims: Shape): Shape {
  const [batch, ...rest] = target;
  const size = sizeOf(dims);
  const copies = call.int('allowzero', 0) === 0;
  const shape = rest.map((length, i) => (length === 0 && copies ? dims[i] : length));
  const unknown = shape.indexOf(-1);
  if (unknown !== -1) shape[unknown] = size / shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const batchFirst =
    batch === batchLength || batch === call.fixedBatch || (batch === 0 && copies) || (batch === -1 && unknown === -1);
  if (!batchFirst || sizeOf(shape) !== size || !shape.every(Number.isInteger)) {
    const named = target.map((length) => (length === batchLength ? 'batch' : length)).join(', ');
    call.fail(`expected a shape that keeps the batch first and its ${size} values, got [${named}]`);
  }
  return shape;
}

const reshape: Operator = (call) =>
  reshaped(call, resolveShape(call, [...call.constant(1).data], call.draft.dims(call.activation(0))));

const flatten: Operator = (call) => {
  const x = call.draft.asWritten(call.activation(0));
  const axis = call.int('axis', 1);
  if (axis !== 1 && axis !== -call.draft.rank(x)) call.fail(`expected axis 1, got ${axis}`);
  return layer(call, { op: 'flatten' }, [x]);
};

const transpose: Operator = (call) => {
  const x = call.activation(0);
  const rank = call.draft.rank(x) + 1;
  const permutation = call.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (permutation.length !== rank || permutation[0] !== 0) {
    call.fail(`expected a permutation of ${rank} axes that keeps the batch first, got [${permutation.join(', ')}]`);
  }
  // An image kept channels last is already what these two ask for.
  if (x.channelsLast && sameShape(permutation, toChannelsLast)) return layer(call, { op: 'identity' }, [x], false);
  if (!x.channelsLast && sameShape(permutation, toChannelsFirst)) return layer(call, { op: 'identity' }, [x], true);
  return layer(call, { op: 'transpose', permutation }, [call.draft.asWritten(x)]);
};

const squeeze: Operator = (call) => {
  const x = call.activation(0);
  const dims = call.draft.dims(x);
  const written = call.draft.asWritten(x);
  const axes = call.axes(1)?.map((axis) => nodeAxis(call, axis, written));
  const dropped = (i: number): boolean => (axes ? axes.includes(i + 1) : dims[i] === 1);
  return reshaped(
    call,
    dims.filter((_, i) => !dropped(i)),
  );
};

const unsqueeze: Operator = (call) => {
  const dims = call.draft.dims(call.activation(0));
  const given = call.axes(1) ?? call.fail('expected axes, got none');
  const rank = dims.length + 1 + given.length;
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  if (axes.some((axis) => axis < 1 || axis >= rank)) {
    call.fail(`expected axes behind the batch, got [${given.join(', ')}]`);
  }
  const rest = [...dims];
  return reshaped(
    call,
    Array.from({ length: rank - 1 }, (_, i) => (axes.includes(i + 1) ? 1 : (rest.shift() ?? 1))),
  );
};

const concat: Operator = (call) => {
  const parts = call.inputs.map((_, i) => call.activation(i));
  const image = parts.some((part) => part.channelsLast);
  const aligned = parts.map((part) => (image && call.draft.rank(part) === 3 ? call.draft.channelsLast(part) : part));
  return layer(call, { op: 'concatenate', axis: nodeAxis(call, call.int('axis', 1), aligned[0]) }, aligned);
};

const slice: Operator = (call) => {
  let x = call.activation(0);
  const cuts = call.slices([batchLength, ...call.draft.dims(x)]);
  const real = cuts.filter(({ axis, size }) => size !== [batchLength, ...call.draft.dims(x)][axis]);
  for (const { size, step: by } of cuts) {
    if (by !== 1 || size < 1) call.fail(`expected slices of step 1 with elements, got ${size} of step ${by}`);
  }
  if (real.length === 0) return layer(call, { op: 'identity' }, [x]);
  real.forEach(({ axis, start, size }, i) => {
    const operation = { op: 'slice', axis: nodeAxis(call, axis, x), start, size } as const;
    x = i === real.length - 1 ? layer(call, operation, [x]) : step(call, 'cut', operation, [x]);
  });
  return x;
};

/** Elements of one axis by constant indices: a slice each, joined. */
const gather: Operator = (call) => {
  const x = call.draft.asWritten(call.activation(0));
  const axis = nodeAxis(call, call.int('axis', 0), x);
  const dims = call.draft.dims(x);
  const indices = call.constant(1);
  if (indices.dims.length > 1) call.fail(`expected a list of indices, got [${indices.dims.join(', ')}]`);
  const parts = Array.from(indices.data, (index) => {
    const start = index < 0 ? index + dims[axis - 1] : index;
    return step(call, 'element', { op: 'slice', axis, start, size: 1 }, [x]);
  });
  if (parts.length === 0) call.fail('expected at least one index, got none');
  if (indices.dims.length === 1) return layer(call, { op: 'concatenate', axis }, parts);
  const shape = dims.filter((_, i) => i !== axis - 1);
  return layer(call, { op: 'reshape', shape }, parts);
};

const pad: Operator = (call) => {
  const x = call.activation(0);
  const mode = call.text('mode', 'constant');
  if (mode !== 'constant') call.fail(`expected constant padding, got ${mode}`);
  const rank = call.draft.rank(x) + 1;
  const pads = call.ints('pads') ?? [...call.constant(1).data];
  const axes = call.optionalConstant(3)?.data ?? Float64Array.from({ length: rank }, (_, i) => i);
  const paddings: [number, number][] = Array.from({ length: rank }, () => [0, 0]);
  axes.forEach((given, i) => {
    const [before, after] = [pads[i], pads[i + axes.length]];
    if (before === 0 && after === 0) return;
    if (before < 0 || after < 0) call.fail(`expected padding of at least 0, got ${Math.min(before, after)}`);
    paddings[nodeAxis(call, given, x)] = [before, after];
  });
  const value = call.number(2, 'value') ?? 0;
  return layer(call, { op: 'pad', paddings, value }, [x]);
};

/** Over any axes but the batch's; `total` sums instead. */
const mean =
  (total: boolean): Operator =>
  (call) => {
    const { draft } = call;
    const given = call.activation(0);
    const onnxAxes = call.axes(1) ?? call.fail('expected axes, got none: the mean would go over the batch');
    const keepAxes = call.int('keepdims', 1) === 1;
    // Axes that are left must come in ONNX's order: the channels of an image reduced over height and width do.
    const left = draft.rank(given) - onnxAxes.length;
    const x = keepAxes || left <= 1 ? given : draft.asWritten(given);
    const axes = onnxAxes.map((axis) => nodeAxis(call, axis, x)).sort((a, b) => a - b);
    const operation = { op: 'mean', axes, keepAxes } as const;
    const channelsLast = keepAxes && x.channelsLast;
    if (!total) return layer(call, operation, [x], channelsLast);
    const factor = sizeOf(axes.map((axis) => draft.shapes[x.node][axis - 1]));
    return layer(call, { op: 'scale', factor }, [step(call, 'mean', operation, [x])], channelsLast);
  };

export const shapingOperators: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Slice: slice,
  Gather: gather,
  Pad: pad,
  ReduceMean: mean(false),
  ReduceSum: mean(true),
};
