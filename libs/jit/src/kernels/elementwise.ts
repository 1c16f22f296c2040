/** Kernels that compute each element from the elements at the same place. */
import type * as tf from '@tensorflow/tfjs';
import { float } from '../graph.ts';
import type { Graph } from '../graph.ts';
import * as p from '../pointwise.ts';
import { anyForm, rowMajor, reshape } from '../traced.ts';
import type { Traced, TracedDtype } from '../traced.ts';
import { attributesOf, unsupported } from './call.ts';
import type { Kernel, KernelTable } from './call.ts';

/** A float operator; integers are cast first, as TensorFlow.js does. */
const floatUnary =
  (op: string): Kernel =>
  ({ graph, input }) =>
    p.unary(graph, op, p.castTo(graph, input('x'), 'float32'));

/** An operator that keeps its argument's type. */
const sameUnary =
  (op: string): Kernel =>
  ({ graph, input }) =>
    p.unary(graph, op, input('x'));

/** Rounding leaves integers as they are. */
const rounding =
  (op: string): Kernel =>
  ({ graph, input }) =>
    input('x').dtype === 'float32' ? p.unary(graph, op, input('x')) : input('x');

const composed =
  (make: (graph: Graph, x: Traced) => Traced): Kernel =>
  ({ graph, input }) =>
    make(graph, p.castTo(graph, input('x'), 'float32'));

const RANK: Readonly<Record<TracedDtype, number>> = { bool: 0, int32: 1, float32: 2 };

function alike(graph: Graph, a: Traced, b: Traced): [Traced, Traced] {
  const dtype = RANK[a.dtype] >= RANK[b.dtype] ? a.dtype : b.dtype;
  return [p.castTo(graph, a, dtype), p.castTo(graph, b, dtype)];
}

const binary =
  (make: (graph: Graph, a: Traced, b: Traced) => Traced): Kernel =>
  ({ graph, input }) =>
    make(graph, ...alike(graph, input('a'), input('b')));

const comparison = (op: string): Kernel =>
  binary((graph, a, b) =>
    p.compare(graph, op, ...(a.dtype === 'bool' && op !== 'Equal' ? alikeIntegers(graph, a, b) : pair(a, b))),
  );

function pair(a: Traced, b: Traced): [Traced, Traced] {
  return [a, b];
}

function alikeIntegers(graph: Graph, a: Traced, b: Traced): [Traced, Traced] {
  return [p.castTo(graph, a, 'int32'), p.castTo(graph, b, 'int32')];
}

const logical = (op: string): Kernel =>
  binary((graph, a, b) => p.compare(graph, op, p.castTo(graph, a, 'bool'), p.castTo(graph, b, 'bool')));

const not = (graph: Graph, x: Traced): Traced => p.unary(graph, 'Not', x);

/** The remainder with the sign of the divisor. */
function modulo(graph: Graph, a: Traced, b: Traced): Traced {
  if (a.dtype !== 'float32') return p.pointwise(graph, 'Mod', [a, b]);
  const zero = p.number(graph, 0);
  const remainder = p.pointwise(graph, 'Mod', [a, b], 'float32', { fmod: { kind: 'int', value: 1 } });
  const opposed = p.compare(graph, 'Xor', p.compare(graph, 'Less', remainder, zero), p.compare(graph, 'Less', b, zero));
  const wrong = p.compare(graph, 'And', opposed, not(graph, p.compare(graph, 'Equal', remainder, zero)));
  return p.where(graph, wrong, p.add(graph, remainder, b), remainder);
}

function floorDivide(graph: Graph, a: Traced, b: Traced): Traced {
  if (a.dtype === 'float32') {
    return p.castTo(graph, p.unary(graph, 'Floor', p.divide(graph, a, b)), 'int32');
  }
  // ONNX rounds integer quotients towards zero.
  const zero = p.number(graph, 0, 'int32');
  const quotient = p.pointwise(graph, 'Div', [a, b]);
  const remainder = p.subtract(graph, a, p.multiply(graph, quotient, b));
  const opposed = p.compare(graph, 'Xor', p.compare(graph, 'Less', remainder, zero), p.compare(graph, 'Less', b, zero));
  const wrong = p.compare(graph, 'And', opposed, not(graph, p.compare(graph, 'Equal', remainder, zero)));
  return p.where(graph, wrong, p.subtract(graph, quotient, p.number(graph, 1, 'int32')), quotient);
}

function atan2(graph: Graph, y: Traced, x: Traced): Traced {
  const zero = p.number(graph, 0);
  const constant = (value: number): Traced => p.number(graph, value);
  const angle = p.unary(graph, 'Atan', p.divide(graph, y, x));
  const turned = p.where(
    graph,
    p.compare(graph, 'Less', y, zero),
    p.subtract(graph, angle, constant(Math.PI)),
    p.add(graph, angle, constant(Math.PI)),
  );
  const upright = p.multiply(graph, p.unary(graph, 'Sign', y), constant(Math.PI / 2));
  const left = p.where(graph, p.compare(graph, 'Less', x, zero), turned, upright);
  return p.where(graph, p.compare(graph, 'Greater', x, zero), angle, left);
}

/** expm1(x) = tanh(x / 2) (exp(x) + 1), exact near zero, where exp(x) - 1 loses all digits. */
function expm1(graph: Graph, x: Traced): Traced {
  const half = p.unary(graph, 'Tanh', p.multiply(graph, x, p.number(graph, 0.5)));
  return p.multiply(graph, half, p.add(graph, p.unary(graph, 'Exp', x), p.number(graph, 1)));
}

/** log1p(x) = 2 atanh(x / (x + 2)), near zero; log(1 + x) elsewhere. */
function log1p(graph: Graph, x: Traced): Traced {
  const ratio = p.divide(graph, x, p.add(graph, x, p.number(graph, 2)));
  const near = p.multiply(graph, p.unary(graph, 'Atanh', ratio), p.number(graph, 2));
  const far = p.unary(graph, 'Log', p.add(graph, x, p.number(graph, 1)));
  return p.where(graph, p.compare(graph, 'Less', p.unary(graph, 'Abs', x), p.number(graph, 0.5)), near, far);
}

/** Where x is positive, so is relu(x); asking of that lets x itself vanish into the convolution that made it. */
function rectifiedIfKnown(graph: Graph, x: Traced): Traced {
  const { value, layout } = anyForm(x);
  const rectified = graph.existing('Relu', [value], { type: x.dtype, shape: value.shape });
  return rectified === undefined ? x : p.place(x.dtype, x.shape, rectified, layout);
}

const step: Kernel = (call) => {
  const { alpha } = attributesOf<tf.StepAttrs>(call);
  const { graph } = call;
  const x = p.castTo(graph, call.input('x'), 'float32');
  const positive = p.compare(graph, 'Greater', rectifiedIfKnown(graph, x), p.number(graph, 0));
  if (alpha === 0) return p.castTo(graph, positive, 'float32');
  return p.where(graph, positive, p.number(graph, 1), p.number(graph, alpha));
};

const clip: Kernel = (call) => {
  const { clipValueMin, clipValueMax } = attributesOf<tf.ClipByValueAttrs>(call);
  const { graph } = call;
  const x = call.input('x');
  return clipped(graph, x, clipValueMin, clipValueMax);
};

export function clipped(graph: Graph, x: Traced, low: number, high: number): Traced {
  const bound = (value: number): Traced => p.number(graph, value, x.dtype);
  // Min and Max rather than Clip, whose bounds ONNX does not broadcast and which hides NaN.
  return p.pointwise(graph, 'Min', [p.pointwise(graph, 'Max', [x, bound(low)]), bound(high)]);
}

export function leakyRelu(graph: Graph, x: Traced, alpha: number): Traced {
  return p.unary(graph, 'LeakyRelu', p.castTo(graph, x, 'float32'), 'float32', { alpha: float(alpha) });
}

export function prelu(graph: Graph, x: Traced, alpha: Traced): Traced {
  const negative = p.compare(graph, 'Less', x, p.number(graph, 0));
  return p.where(graph, negative, p.multiply(graph, x, alpha), x);
}

export function elu(graph: Graph, x: Traced): Traced {
  return p.unary(graph, 'Elu', x, 'float32', { alpha: float(1) });
}

const select: Kernel = ({ graph, input }) => {
  const condition = p.castTo(graph, input('condition'), 'bool');
  const [t, e] = alike(graph, input('t'), input('e'));
  // A vector chooses rows.
  const rows = condition.shape.length === 1 && t.shape.length > 1;
  if (!rows) return p.where(graph, condition, t, e);
  const shape = [condition.shape[0], ...t.shape.slice(1).map(() => 1)];
  const value = reshape(graph, rowMajor(graph, condition), shape);
  return p.where(graph, { dtype: 'bool', shape, rowMajor: value }, t, e);
};

const castKernel: Kernel = (call) => {
  const { dtype } = attributesOf<tf.CastAttrs>(call);
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw unsupported(call, 'float32, int32 or bool', dtype);
  }
  return p.castTo(call.graph, call.input('x'), dtype);
};

const like =
  (value: number): Kernel =>
  ({ graph, input }) => {
    const x = input('x');
    return { dtype: x.dtype, shape: x.shape, rowMajor: graph.splat(x.dtype, x.shape, value) };
  };

const batchNorm: Kernel = (call) => {
  const { varianceEpsilon = 0.001 } = attributesOf<Partial<tf.FusedBatchNormAttrs>>(call);
  const { graph } = call;
  const spread = p.unary(graph, 'Sqrt', p.add(graph, call.input('variance'), p.number(graph, varianceEpsilon)));
  const inverse = p.unary(graph, 'Reciprocal', spread);
  const scale = call.optional('scale');
  const factor = scale === undefined ? inverse : p.multiply(graph, inverse, scale);
  const centred = p.multiply(graph, p.subtract(graph, call.input('x'), call.input('mean')), factor);
  const offset = call.optional('offset');
  return offset === undefined ? centred : p.add(graph, centred, offset);
};

export const elementwise: KernelTable = {
  ...Object.fromEntries(
    ['Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sigmoid', 'Tanh', 'Erf', 'Softplus', 'Selu', 'Sin', 'Cos', 'Tan'].map(
      (op) => [op, floatUnary(op)] as const,
    ),
  ),
  ...Object.fromEntries(
    ['Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh'].map((op) => [op, floatUnary(op)] as const),
  ),
  Abs: sameUnary('Abs'),
  Neg: sameUnary('Neg'),
  Sign: sameUnary('Sign'),
  Relu: ({ graph, input }) => p.unary(graph, 'Relu', input('x')),
  Floor: rounding('Floor'),
  Ceil: rounding('Ceil'),
  Round: rounding('Round'),
  Relu6: ({ graph, input }) => clipped(graph, input('x'), 0, 6),
  Elu: composed(elu),
  EluGrad: ({ graph, input }) => {
    const [dy, y] = [input('dy'), input('y')];
    const slope = p.add(graph, y, p.number(graph, 1));
    const positive = p.compare(graph, 'GreaterOrEqual', y, p.number(graph, 0));
    return p.where(graph, positive, dy, p.multiply(graph, dy, slope));
  },
  LeakyRelu: (call) => leakyRelu(call.graph, call.input('x'), attributesOf<tf.LeakyReluAttrs>(call).alpha),
  Prelu: ({ graph, input }) => prelu(graph, input('x'), input('alpha')),
  Square: ({ graph, input }) => p.pointwise(graph, 'Mul', [input('x'), input('x')]),
  Rsqrt: composed((graph, x) => p.unary(graph, 'Reciprocal', p.unary(graph, 'Sqrt', x))),
  Expm1: composed(expm1),
  Log1p: composed(log1p),
  Step: step,
  ClipByValue: clip,
  IsNan: ({ graph, input }) => p.unary(graph, 'IsNaN', p.castTo(graph, input('x'), 'float32'), 'bool'),
  IsInf: ({ graph, input }) => p.unary(graph, 'IsInf', p.castTo(graph, input('x'), 'float32'), 'bool'),
  IsFinite: ({ graph, input }) => {
    const x = p.castTo(graph, input('x'), 'float32');
    const isNan = p.unary(graph, 'IsNaN', x, 'bool');
    return not(graph, p.compare(graph, 'Or', isNan, p.unary(graph, 'IsInf', x, 'bool')));
  },

  Add: binary((graph, a, b) => (a.dtype === 'bool' ? p.compare(graph, 'Or', a, b) : p.add(graph, a, b))),
  Sub: binary(p.subtract),
  Multiply: binary((graph, a, b) => (a.dtype === 'bool' ? p.compare(graph, 'And', a, b) : p.multiply(graph, a, b))),
  RealDiv: ({ graph, input }) =>
    p.divide(graph, p.castTo(graph, input('a'), 'float32'), p.castTo(graph, input('b'), 'float32')),
  Maximum: binary((graph, a, b) => p.pointwise(graph, 'Max', [a, b])),
  Minimum: binary((graph, a, b) => p.pointwise(graph, 'Min', [a, b])),
  Pow: binary((graph, a, b) => p.pointwise(graph, 'Pow', [a, b])),
  SquaredDifference: binary((graph, a, b) => {
    const difference = p.subtract(graph, a, b);
    return p.pointwise(graph, 'Mul', [difference, difference]);
  }),
  Mod: binary(modulo),
  FloorDiv: binary(floorDivide),
  Atan2: binary(atan2),
  AddN: ({ graph, list }) => list.reduce((sum, x) => p.add(graph, sum, x)),

  Equal: comparison('Equal'),
  NotEqual: binary((graph, a, b) => not(graph, p.compare(graph, 'Equal', a, b))),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalNot: ({ graph, input }) => not(graph, p.castTo(graph, input('x'), 'bool')),
  Select: select,

  Cast: castKernel,
  Identity: ({ input }) => input('x'),
  ZerosLike: like(0),
  OnesLike: like(1),
  FusedBatchNorm: batchNorm,
};
