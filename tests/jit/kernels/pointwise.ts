/** A case for each pointwise kernel. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { between, coarse, flags } from '../support.ts';
import { eitherOrder, floats, onGrid, shape, whole } from './draw.ts';
import type { Draw, KernelCase, KernelCases } from './draw.ts';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** On numbers off the corners, or between two bounds. */
function unary(op: Unary, bounds?: readonly [number, number]): KernelCase {
  return {
    draw(draw) {
      const dims = shape(draw, 0);
      const ordered = eitherOrder(draw);
      const x = bounds ? between(floats(draw, dims), ...bounds) : onGrid(draw, dims);
      return { inputs: { x }, f: ({ x }) => ({ y: op(ordered(x)) }) };
    },
  };
}

/** Two shapes that broadcast together. */
function broadcasting(draw: Draw): [number[], number[]] {
  const full = shape(draw, 0);
  const thin = full.map((length) => (draw(boolean) ? length : 1)).slice(draw(upTo, full.length));
  return draw(boolean) ? [full, thin] : [thin, full];
}

const boolean = (): fc.Arbitrary<boolean> => fc.boolean();
const upTo = (most: number): fc.Arbitrary<number> => fc.nat(most);

/** Tensors whose elements are never equal; `ties` has many that are. */
function binary(op: Binary, alike = false): KernelCase {
  return {
    draw(draw) {
      const [of, by] = broadcasting(draw);
      const [a, b] = alike ? [of, of] : [of, by];
      const ordered = eitherOrder(draw);
      const inputs = {
        a: onGrid(draw, a),
        b: onGrid(draw, b, 0),
        c: coarse(floats(draw, of)),
        d: coarse(floats(draw, by)),
      };
      return { inputs, f: ({ a, b, c, d }) => ({ y: op(ordered(a), b), ties: op(c, ordered(d)) }), along: ['a', 'b'] };
    },
  };
}

/** On positive numbers. */
function positive(op: Binary): KernelCase {
  return {
    draw(draw) {
      const [a, b] = broadcasting(draw);
      const ordered = eitherOrder(draw);
      const inputs = { a: between(floats(draw, a), 0.3, 3), b: between(floats(draw, b), 0.4, 2) };
      return { inputs, f: ({ a, b }) => ({ y: op(ordered(a), ordered(b)) }) };
    },
  };
}

/** Of whole numbers, and of numbers whose quotients stay away from whole ones. */
function ofQuotients(op: Binary): Omit<KernelCase, 'noSlope'> {
  return {
    draw(draw) {
      const [a, b] = broadcasting(draw);
      const sign = draw(boolean) ? 1 : -1;
      // a / b lies between n + 0.3 and n + 0.9.
      const inputs = {
        a: onGrid(draw, a, 0.3),
        b: { ...between(floats(draw, b), 0.485, 0.495), shape: b },
        i: whole(draw, a, -9, 9),
        j: whole(draw, b, 1, 4),
      };
      return {
        inputs,
        f: ({ a, b, i, j }) => ({ y: op(a, tf.mul(b, sign)), whole: op(i, tf.mul(j, tf.scalar(sign, 'int32'))) }),
        along: ['a', 'b'],
      };
    },
  };
}

function logical(op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): KernelCase {
  return {
    draw(draw) {
      const [a, b] = broadcasting(draw);
      const inputs = { a: flags(floats(draw, a)), b: flags(floats(draw, b)) };
      return { inputs, f: ({ a, b }) => ({ y: op(a, b) }) };
    },
  };
}

const beforeRounding = 'TensorFlow.js takes the slope of the quotient before it is rounded';
const ofNothing = 'nothing to differ: the case divides by zero on purpose';

export const pointwiseCases: KernelCases = {
  Abs: unary(tf.abs),
  Neg: unary(tf.neg),
  Sign: unary(tf.sign),
  Square: unary(tf.square),
  Exp: unary(tf.exp),
  Expm1: unary(tf.expm1),
  Sigmoid: unary(tf.sigmoid),
  Tanh: unary(tf.tanh),
  Softplus: unary(tf.softplus),
  Elu: unary(tf.elu),
  Selu: unary(tf.selu),
  Relu: unary(tf.relu),
  Relu6: unary((x) => tf.relu6(tf.mul(x, 4))),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.3)),
  Step: unary((x) => tf.step(x, -0.25)),
  Floor: unary(tf.floor),
  Ceil: unary(tf.ceil),
  Round: unary(tf.round),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Atan: unary(tf.atan),
  Sinh: unary(tf.sinh),
  Cosh: unary(tf.cosh),
  Asinh: unary(tf.asinh),
  Erf: unary(tf.erf),
  ClipByValue: unary((x) => tf.clipByValue(x, -0.5, 1)),
  IsNan: { ...unary((x) => tf.isNaN(tf.div(tf.relu(x), tf.relu(x)))), noSlope: ofNothing },
  IsInf: { ...unary((x) => tf.isInf(tf.div(1, tf.relu(x)))), noSlope: ofNothing },
  IsFinite: { ...unary((x) => tf.isFinite(tf.div(1, tf.relu(x)))), noSlope: ofNothing },
  ZerosLike: unary(tf.zerosLike),
  OnesLike: unary(tf.onesLike),
  Identity: unary((x) => x.clone()),
  Log: unary(tf.log, [0.2, 4]),
  Sqrt: unary(tf.sqrt, [0.2, 4]),
  Rsqrt: unary(tf.rsqrt, [0.2, 4]),
  Reciprocal: unary(tf.reciprocal, [0.2, 4]),
  Log1p: unary(tf.log1p, [-0.8, 3]),
  Acosh: unary(tf.acosh, [1.2, 3]),
  Asin: unary(tf.asin, [-0.8, 0.8]),
  Acos: unary(tf.acos, [-0.8, 0.8]),
  Atanh: unary(tf.atanh, [-0.8, 0.8]),
  Tan: unary(tf.tan, [-0.9, 0.9]),
  EluGrad: unary((x) => tf.grad((z) => tf.sum(tf.square(tf.elu(z))))(x)),
  Cast: {
    draw(draw) {
      const dims = shape(draw, 0);
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: onGrid(draw, dims), i: whole(draw, dims, -3, 3) },
        f: ({ x, i }) => ({
          y: tf.cast(ordered(x), 'float32'),
          whole: tf.cast(ordered(x), 'int32'),
          flag: tf.cast(tf.relu(ordered(x)), 'bool'),
          float: tf.cast(i, 'float32'),
          some: tf.cast(i, 'bool'),
          number: tf.cast(tf.cast(i, 'bool'), 'int32'),
        }),
      };
    },
  },

  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Multiply: binary(tf.mul),
  AddN: binary((a, b) => tf.addN([tf.add(a, b), tf.sub(a, b), tf.add(b, a)])),
  // TensorFlow.js's gradients of these three do not sum over what was broadcast.
  Maximum: binary(tf.maximum, true),
  Minimum: binary(tf.minimum, true),
  SquaredDifference: binary(tf.squaredDifference, true),
  Equal: binary(tf.equal),
  NotEqual: binary(tf.notEqual),
  Greater: binary(tf.greater),
  GreaterEqual: binary(tf.greaterEqual),
  Less: binary(tf.less),
  LessEqual: binary(tf.lessEqual),
  RealDiv: positive(tf.div),
  Pow: positive(tf.pow),
  Atan2: binary((a, b) => tf.atan2(tf.add(a, 0.01), tf.add(b, 0.02))),
  Mod: ofQuotients(tf.mod),
  FloorDiv: { ...ofQuotients(tf.floorDiv), noSlope: beforeRounding },
  LogicalAnd: logical(tf.logicalAnd),
  LogicalOr: logical(tf.logicalOr),
  LogicalNot: logical((a, b) => tf.logicalNot(tf.logicalAnd(a, b))),
  Select: {
    draw(draw) {
      const dims = shape(draw, 1);
      const ordered = eitherOrder(draw);
      const inputs = {
        c: flags(floats(draw, dims)),
        rows: flags(floats(draw, [dims[0]])),
        a: floats(draw, dims),
        b: floats(draw, dims),
      };
      return {
        inputs,
        f: ({ c, rows, a, b }) => ({
          y: tf.where(c, ordered(a), b),
          byRow: tf.where(tf.reshape(rows, [dims[0], ...dims.slice(1).map(() => 1)]), a, ordered(b)),
        }),
      };
    },
  },
  Prelu: {
    draw(draw) {
      const dims = shape(draw, 1);
      const ordered = eitherOrder(draw);
      const inputs = { x: onGrid(draw, dims), alpha: floats(draw, dims.slice(1)) };
      return { inputs, f: ({ x, alpha }) => ({ y: tf.prelu(ordered(x), alpha) }) };
    },
  },
  FusedBatchNorm: {
    draw(draw) {
      const dims = shape(draw, 4, 4);
      const channels = [dims[3]];
      const ordered = eitherOrder(draw);
      const inputs = {
        x: floats(draw, dims),
        mean: floats(draw, channels),
        variance: between(floats(draw, channels), 0.3, 2),
        offset: floats(draw, channels),
        scale: floats(draw, channels),
      };
      return {
        inputs,
        f: ({ x, mean, variance, offset, scale }) => {
          const [m, v] = [mean as tf.Tensor1D, variance as tf.Tensor1D];
          return { y: tf.batchNorm(ordered(x), m, v, offset as tf.Tensor1D, scale as tf.Tensor1D, 1e-2) };
        },
      };
    },
  },
};
