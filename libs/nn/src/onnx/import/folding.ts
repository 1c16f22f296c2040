/** Operators on constants alone: the arithmetic by which exporters compute shapes, pads and prepared weights. */
import { sizeOf } from '@saccade/core';
import { constantFrom, constantOf, strided, stridesOf, transposeConstant } from './constant.ts';
import type { Constant } from './constant.ts';
import type { OperatorCall } from './call.ts';

type Folder = (call: OperatorCall, inputs: readonly Constant[]) => Constant;

function normalised(call: OperatorCall, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank) call.fail(`expected an axis of a tensor of ${rank} axes, got ${axis}`);
  return positive;
}

const binary =
  (compute: (a: number, b: number) => number): Folder =>
  (call, [a, b]) => {
    const rank = Math.max(a.dims.length, b.dims.length);
    const padded = (dims: readonly number[]): number[] => [
      ...Array.from({ length: rank - dims.length }, () => 1),
      ...dims,
    ];
    const [left, right] = [padded(a.dims), padded(b.dims)];
    const dims = left.map((length, i) => (length === 1 ? right[i] : length));
    if (right.some((length, i) => length !== 1 && length !== dims[i])) {
      call.fail(`expected constants that fit, got [${a.dims.join(', ')}] and [${b.dims.join(', ')}]`);
    }
    const spread = ({ data }: Constant, own: readonly number[]): Float64Array =>
      strided(
        data,
        dims,
        stridesOf(own).map((stride, i) => (own[i] === 1 ? 0 : stride)),
      );
    const [x, y] = [spread(a, left), spread(b, right)];
    const integer = a.integer && b.integer;
    return { kind: 'constant', dims, integer, data: x.map((value, i) => compute(value, y[i])) };
  };

const unary =
  (compute: (x: number) => number): Folder =>
  (_, [x]) => ({ ...x, data: Float64Array.from(x.data, compute) });

const reshape: Folder = (call, [x, shape]) => {
  const wanted = Array.from(shape.data, (length, i) => (length === 0 ? x.dims[i] : length));
  const known = wanted.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const dims = wanted.map((length) => (length === -1 ? x.data.length / known : length));
  if (sizeOf(dims) !== x.data.length) call.fail(`expected ${x.data.length} values, got [${wanted.join(', ')}]`);
  return { ...x, dims };
};

const gather: Folder = (call, [x, indices]) => {
  const axis = normalised(call, call.int('axis', 0), x.dims.length);
  const [before, length, after] = [x.dims.slice(0, axis), x.dims[axis], x.dims.slice(axis + 1)];
  const inner = sizeOf(after);
  const picked = Array.from(indices.data, (index) => (index < 0 ? index + length : index));
  if (picked.some((index) => index < 0 || index >= length)) call.fail(`expected indices below ${length}`);
  const data = new Float64Array(sizeOf(before) * picked.length * inner);
  let at = 0;
  for (let outer = 0; outer < sizeOf(before); outer++) {
    for (const index of picked) {
      const from = (outer * length + index) * inner;
      data.set(x.data.subarray(from, from + inner), at);
      at += inner;
    }
  }
  return { ...x, dims: [...before, ...indices.dims, ...after], data };
};

const concat: Folder = (call, parts) => {
  const axis = normalised(call, call.int('axis', 0), parts[0].dims.length);
  const outer = sizeOf(parts[0].dims.slice(0, axis));
  const data = new Float64Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (let i = 0; i < outer; i++) {
    for (const part of parts) {
      const width = part.data.length / outer;
      data.set(part.data.subarray(i * width, (i + 1) * width), at);
      at += width;
    }
  }
  const joined = parts.reduce((sum, part) => sum + part.dims[axis], 0);
  const dims = parts[0].dims.map((length, i) => (i === axis ? joined : length));
  return constantOf(dims, data, parts[0].integer);
};

const slice: Folder = (call, [x]) => {
  const strides = stridesOf(x.dims);
  const dims = [...x.dims];
  const steps = [...strides];
  let start = 0;
  for (const cut of call.slices(x.dims)) {
    dims[cut.axis] = cut.size;
    steps[cut.axis] = strides[cut.axis] * cut.step;
    start += strides[cut.axis] * cut.start;
  }
  return { ...x, dims, data: strided(x.data, dims, steps, start) };
};

const squeeze: Folder = (call, [x]) => {
  const axes = call.axes(1)?.map((axis) => normalised(call, axis, x.dims.length));
  return { ...x, dims: x.dims.filter((length, i) => (axes ? !axes.includes(i) : length !== 1)) };
};

const unsqueeze: Folder = (call, [x]) => {
  const given = call.axes(1) ?? [];
  const rank = x.dims.length + given.length;
  const axes = given.map((axis) => normalised(call, axis, rank));
  const rest = [...x.dims];
  return { ...x, dims: Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() ?? 1))) };
};

const integerTypes = [2, 3, 4, 5, 6, 7, 9, 12, 13];

/** The most elements that a constant of a given shape may have: 128 MB, far above what preparing weights needs. */
const mostElements = 2 ** 24;

const constantOfShape: Folder = (call, [shape]) => {
  const { value } = call.node.attributes;
  const fill = value?.kind === 'tensor' ? constantFrom(value.value, call.file) : constantOf([1], [0], false);
  const dims = [...shape.data];
  if (dims.some((length) => !Number.isInteger(length) || length < 0) || sizeOf(dims) > mostElements) {
    call.fail(`expected a shape of at most ${mostElements} elements, got [${dims.join(', ')}]`);
  }
  return constantOf(dims, new Float64Array(sizeOf(dims)).fill(fill.data[0]), fill.integer);
};

/** How many inputs an operator reads without asking whether they are there, where that is not one. */
const leastInputs: Readonly<Record<string, number>> = {
  Constant: 0,
  ...Object.fromEntries(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Reshape', 'Gather'].map((name) => [name, 2])),
};

/** The result of a node all of whose inputs are known. @throws InputError that names operator and node */
export function fold(call: OperatorCall, inputs: readonly Constant[]): Constant {
  const { opType } = call.node;
  if (!Object.hasOwn(folders, opType)) {
    return call.fail(`this operator is not supported on constants (${Object.keys(folders).join(', ')} are)`);
  }
  const least = leastInputs[opType] ?? 1;
  if (inputs.length < least) call.fail(`expected at least ${least} input${least > 1 ? 's' : ''}, got ${inputs.length}`);
  return folders[opType](call, inputs);
}

/** What can be folded, by operator. `Shape` is here for constants; of activations the importer knows the shape. */
const folders: Readonly<Record<string, Folder>> = {
  Identity: (_, [x]) => x,
  Shape: (_, [x]) => constantOf([x.dims.length], x.dims),
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: (call, inputs) => {
    const truncating = inputs.every(({ integer }) => integer);
    return binary((a, b) => (truncating ? Math.trunc(a / b) : a / b))(call, inputs);
  },
  Pow: binary((a, b) => a ** b),
  Sqrt: unary(Math.sqrt),
  Cast: (call, [x]) => {
    const integer = integerTypes.includes(call.int('to', 1));
    return integer && !x.integer ? { ...x, integer, data: Float64Array.from(x.data, Math.trunc) } : { ...x, integer };
  },
  Constant: (call) => {
    const { value, value_float, value_floats, value_int, value_ints } = call.node.attributes;
    if (value?.kind === 'tensor') return constantFrom(value.value, call.file);
    if (value_float?.kind === 'float') return constantOf([], [value_float.value], false);
    if (value_floats?.kind === 'floats') return constantOf([value_floats.value.length], value_floats.value, false);
    if (value_int?.kind === 'int') return constantOf([], [value_int.value]);
    if (value_ints?.kind === 'ints') return constantOf([value_ints.value.length], value_ints.value);
    return call.fail('expected numbers, got none');
  },
  ConstantOfShape: constantOfShape,
  Reshape: reshape,
  Transpose: (call, [x]) => {
    const order = call.ints('perm') ?? [...x.dims.keys()].reverse();
    if (order.length !== x.dims.length || x.dims.some((_, axis) => !order.includes(axis))) {
      call.fail(`expected perm to order ${x.dims.length} axes, got [${order.join(', ')}]`);
    }
    return transposeConstant(x, order);
  },
  Gather: gather,
  Concat: concat,
  Slice: slice,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
};
