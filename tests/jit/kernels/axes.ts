/** A case for each kernel that folds axes away, moves, cuts, joins or picks elements, or makes some of nothing. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { between, coarse, flags } from '../support.ts';
import { axisOf, choose, distinct, eitherOrder, floats, onGrid, shape, whole, within } from './draw.ts';
import type { Draw, KernelCase, KernelCases } from './draw.ts';

const someOf = (axes: readonly number[]): fc.Arbitrary<number[]> => fc.subarray([...axes], { minLength: 1 });

type Fold = (x: tf.Tensor, axes: number[] | undefined, keepDims: boolean) => tf.Tensor;

/** Some axes, from the start, or all. */
function axesOf(draw: Draw, dims: readonly number[]): number[] | undefined {
  return choose(draw, [true, false]) ? draw(someOf, [...dims.keys()]) : undefined;
}

/** Of numbers, of which no two are equal; `ties` has many that are, `whole` whole numbers. */
function fold(op: Fold, wholeNumbers = true): KernelCase {
  return {
    draw(draw) {
      const dims = shape(draw);
      const axes = axesOf(draw, dims);
      const keep = choose(draw, [true, false]);
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: distinct(draw, dims), t: coarse(floats(draw, dims)), i: whole(draw, dims, -4, 4) },
        f: ({ x, t, i }) => ({
          y: op(tf.mul(ordered(x), 0.25), axes, keep),
          ties: op(ordered(t), axes, keep),
          ...(wholeNumbers ? { whole: op(i, axes, keep) } : {}),
        }),
        along: ['x'],
      };
    },
  };
}

function ofFlags(op: Fold): KernelCase {
  return {
    draw(draw) {
      const dims = shape(draw);
      const axes = axesOf(draw, dims);
      const keep = choose(draw, [true, false]);
      return { inputs: { b: flags(floats(draw, dims)) }, f: ({ b }) => ({ y: op(b, axes, keep) }) };
    },
  };
}

/** Of a tensor and a place in its shape. */
function along(op: (x: tf.Tensor, axis: number) => tf.Tensor, longest = 4): KernelCase {
  return {
    draw(draw) {
      const dims = shape(draw, 1, 4, longest);
      const axis = axisOf(draw, dims, false);
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: distinct(draw, dims), t: coarse(floats(draw, dims)) },
        f: ({ x, t }) => ({ y: op(ordered(x), axis), ties: op(t, axis) }),
        along: ['x'],
      };
    },
  };
}

/** What depends on the shape besides: `plan` draws it. */
function moving<P>(
  plan: (draw: Draw, dims: readonly number[]) => P,
  op: (x: tf.Tensor, plan: P, dims: readonly number[]) => tf.Tensor,
  ranks: readonly [number, number] = [1, 4],
): KernelCase {
  return {
    draw(draw) {
      const dims = shape(draw, ...ranks);
      const planned = plan(draw, dims);
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: floats(draw, dims), i: whole(draw, dims, -9, 9) },
        f: ({ x, i }) => ({ y: op(ordered(x), planned, dims), whole: op(i, planned, dims) }),
        along: ['x'],
      };
    },
  };
}

const shuffled = (axes: readonly number[]): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray([...axes], { minLength: axes.length });

const pads = (draw: Draw, dims: readonly number[]): [number, number][] =>
  dims.map(() => [within(draw, 0, 2), within(draw, 0, 2)]);

function running(op: typeof tf.cumsum, lastOnly: boolean): KernelCase {
  return {
    draw(draw) {
      const dims = shape(draw);
      const axis = axisOf(draw, dims, false);
      const [exclusive, reverse] = [choose(draw, [true, false]), choose(draw, [true, false])];
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: floats(draw, dims) },
        // TensorFlow.js has the gradient right along the last axis only.
        f: ({ x }) => ({
          y: op(ordered(x), lastOnly ? dims.length - 1 : axis, exclusive, reverse),
          any: op(ordered(x), axis, exclusive, reverse),
        }),
      };
    },
  };
}

const made = (op: () => tf.Tensor): KernelCase => ({
  draw: (draw) => ({ inputs: { x: floats(draw, [2]) }, f: ({ x }) => ({ made: op(), negative: tf.neg(x) }) }),
});

export const axesCases: KernelCases = {
  Sum: fold((x, axes, keep) => tf.sum(x, axes, keep)),
  Mean: fold((x, axes, keep) => tf.mean(x, axes, keep)),
  Prod: fold((x, axes, keep) => tf.prod(x, axes, keep)),
  Max: fold((x, axes, keep) => tf.max(x, axes, keep)),
  Min: fold((x, axes, keep) => tf.min(x, axes, keep)),
  All: ofFlags((b, axes, keep) => tf.all(b, axes, keep)),
  Any: ofFlags((b, axes, keep) => tf.any(b, axes, keep)),
  ArgMax: along((x, axis) => tf.argMax(x, axis)),
  ArgMin: along((x, axis) => tf.argMin(x, axis)),
  Softmax: {
    draw(draw) {
      const dims = shape(draw);
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: between(floats(draw, dims), -4, 4) },
        f: ({ x }) => ({ y: tf.softmax(ordered(x)), log: tf.logSoftmax(ordered(x)) }),
      };
    },
  },
  Cumsum: running(tf.cumsum, true),
  Cumprod: running(tf.cumprod, false),
  TopK: {
    draw(draw) {
      const dims = shape(draw, 1, 3, 6);
      const k = within(draw, 1, dims[dims.length - 1]);
      return {
        inputs: { x: distinct(draw, dims), t: coarse(floats(draw, dims)) },
        f: ({ x, t }) => ({ ...tf.topk(x, k), ties: tf.topk(t, k).values }),
      };
    },
  },
  UnsortedSegmentSum: {
    draw(draw) {
      const dims = shape(draw);
      const segments = within(draw, 1, 4);
      return {
        inputs: { x: floats(draw, dims), ids: whole(draw, [dims[0]], 0, segments - 1) },
        f: ({ x, ids }) => ({ y: tf.unsortedSegmentSum(x, ids as tf.Tensor1D, segments) }),
      };
    },
  },

  Reshape: moving(
    (draw, dims) => draw(shuffled, [...dims.keys()]).map((axis) => dims[axis]),
    (x, to) => tf.reshape(x, [1, ...to]),
  ),
  ExpandDims: moving(
    (draw, dims) => within(draw, -dims.length - 1, dims.length),
    (x, axis) => tf.expandDims(x, axis),
  ),
  Transpose: moving(
    (draw, dims) => draw(shuffled, [...dims.keys()]),
    (x, order) => tf.transpose(x, order),
    [2, 4],
  ),
  Reverse: moving(
    (draw, dims) => draw(someOf, [...dims.keys()]),
    (x, axes) => tf.reverse(x, axes),
  ),
  Slice: moving(
    (draw, dims) => dims.map((length) => [within(draw, 0, length - 1), within(draw, 0, length)]),
    (x, cuts, dims) =>
      tf.slice(
        x,
        cuts.map(([begin]) => begin),
        cuts.map(([begin, size], i) => (size === 0 ? -1 : Math.min(size, dims[i] - begin))),
      ),
  ),
  StridedSlice: moving(
    (draw, dims) =>
      dims.map((length) => {
        const step = choose(draw, [1, 2, 3, -1, -2]);
        const [low, high] = [within(draw, 0, length - 1), length - 1];
        return step > 0 ? [low, high + 1, step] : [high, low - 1 - length, step];
      }),
    (x, cuts) =>
      tf.stridedSlice(
        x,
        cuts.map(([begin]) => begin),
        cuts.map(([, end]) => end),
        cuts.map(([, , step]) => step),
      ),
  ),
  PadV2: moving(pads, (x, around) => tf.pad(x, around, 2)),
  MirrorPad: {
    ...moving(
      (draw, dims) => ({
        mode: choose(draw, ['reflect', 'symmetric'] as const),
        around: dims.map((length): [number, number] => [within(draw, 0, length - 1), within(draw, 0, length - 1)]),
      }),
      (x, { mode, around }) => tf.mirrorPad(x, around, mode),
    ),
    noSlope: 'TensorFlow.js leaves out what an element gets from where the mirror shows it again',
  },
  Tile: moving(
    (draw, dims) => dims.map(() => within(draw, 1, 3)),
    (x, counts) => tf.tile(x, counts),
  ),
  Concat: moving(axisOf, (x, axis) => tf.concat([x, tf.mul(x, tf.scalar(2, x.dtype)), x], axis)),
  Pack: moving(
    (draw, dims) => within(draw, 0, dims.length),
    (x, axis) => tf.stack([x, tf.mul(x, tf.scalar(2, x.dtype))], axis),
  ),
  Unpack: moving(
    (draw, dims) => axisOf(draw, dims, false),
    (x, axis) =>
      tf.addN(tf.unstack(tf.concat([x, x], axis), axis).map((part, i) => tf.mul(part, tf.scalar(i, x.dtype)))),
  ),
  SplitV: moving(
    (draw, dims) => axisOf(draw, dims, false),
    (x, axis, dims) =>
      tf.concat([...tf.split(tf.concat([x, x], axis), [dims[axis], 1, dims[axis] - 1], axis)].reverse(), axis),
  ),
  DepthToSpace: {
    draw(draw) {
      const [n, h, w, c] = shape(draw, 4, 4, 3);
      const block = within(draw, 2, 3);
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: floats(draw, [n, h, w, c * block * block]) },
        f: ({ x }) => ({ y: tf.depthToSpace(ordered(x) as tf.Tensor4D, block, 'NHWC') }),
      };
    },
  },
  SpaceToBatchND: spaced((x, block, around) => tf.spaceToBatchND(x, block, around)),
  BatchToSpaceND: spaced((x, block, around) => tf.batchToSpaceND(tf.spaceToBatchND(x, block, around), block, around)),

  GatherV2: {
    draw(draw) {
      const dims = shape(draw, 2);
      const axis = axisOf(draw, dims, false);
      const ordered = eitherOrder(draw);
      const last = dims[1] - 1;
      return {
        inputs: {
          x: floats(draw, dims),
          i: whole(draw, [5], 0, dims[axis] - 1),
          table: whole(draw, [2, 2], 0, dims[axis] - 1),
          rows: whole(draw, [dims[0], 3], 0, last),
        },
        f: ({ x, i, table, rows }) => ({
          y: tf.gather(ordered(x), i, axis),
          byTable: tf.gather(x, table, axis),
          batched: tf.gather(ordered(x), rows, 1, 1),
        }),
      };
    },
  },
  GatherNd: {
    draw(draw) {
      const dims = shape(draw, 2, 4);
      const most = Math.min(...dims) - 1;
      const depth = within(draw, 1, dims.length);
      return {
        inputs: { x: floats(draw, dims), i: whole(draw, [3, depth], 0, most) },
        f: ({ x, i }) => ({ y: tf.gatherND(x, i) }),
      };
    },
  },
  ScatterNd: {
    draw(draw) {
      const dims = shape(draw, 2, 4);
      const depth = within(draw, 1, dims.length);
      // Places drawn twice add up.
      const inputs = {
        i: whole(draw, [5, depth], 0, Math.min(...dims) - 1),
        u: floats(draw, [5, ...dims.slice(depth)]),
      };
      return { inputs, f: ({ i, u }) => ({ y: tf.scatterND(i, u, dims) }) };
    },
  },
  TensorScatterUpdate: {
    draw(draw) {
      const dims = [4, ...shape(draw, 0, 3)];
      const places = draw(shuffled, [0, 1, 2, 3]).slice(0, 2);
      return {
        inputs: {
          x: floats(draw, dims),
          i: { shape: [2, 1], dtype: 'int32', data: Int32Array.from(places) },
          u: floats(draw, [2, ...dims.slice(1)]),
        },
        f: ({ x, i, u }) => ({ y: tf.tensorScatterUpdate(x, i, u) }),
      };
    },
  },
  OneHot: {
    draw(draw) {
      const dims = shape(draw, 0, 3);
      const depth = within(draw, 2, 5);
      return {
        // Indices out of range, below and above, have no class.
        inputs: { i: whole(draw, dims, -2, 6) },
        f: ({ i }) => ({ y: tf.oneHot(i, depth), valued: tf.oneHot(i, depth, 0.9, -0.1, 'float32') }),
      };
    },
  },
  Fill: made(() => tf.fill([2, 70], 1.5)),
  Range: made(() => tf.range(5, 0, -2)),
  LinSpace: made(() => tf.linspace(-1, 1, 7)),
  Einsum: {
    draw(draw) {
      const [i, j, k, l] = shape(draw, 4, 4);
      return {
        inputs: { a: floats(draw, [i, j, k]), b: floats(draw, [k, l]) },
        f: ({ a, b }) => ({ y: tf.einsum('ijk,kl->jil', a, b) }),
      };
    },
  },
};

function spaced(op: (x: tf.Tensor, block: number[], around: number[][]) => tf.Tensor): KernelCase {
  return {
    draw(draw) {
      const [n, h, w, c] = shape(draw, 4, 4, 3);
      const block = [within(draw, 1, 3), within(draw, 1, 3)];
      const around = block.map((b) => {
        const before = within(draw, 0, b - 1);
        return [before, b - before];
      });
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: onGrid(draw, [n, h * block[0], w * block[1], c]) },
        f: ({ x }) => ({ y: op(ordered(x), block, around) }),
      };
    },
  };
}
