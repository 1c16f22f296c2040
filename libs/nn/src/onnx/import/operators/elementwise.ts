/** Operators of single elements: activations, arithmetic, and those that compute nothing. */
import { lowest } from '../../../ops.ts';
import type { ElementwiseFunction } from '../../../elementwise.ts';
import type { OperatorCall } from '../call.ts';
import type { Activation } from '../value.ts';
import { affineLayer, beside, layer, nodeAxis, scalar, step } from './operator.ts';
import type { HostArray, Operator } from './operator.ts';

const elementwise =
  (make: (call: OperatorCall) => ElementwiseFunction): Operator =>
  (call) =>
    layer(call, { op: 'elementwise', function: make(call) }, [call.activation(0)]);

const identity: Operator = (call) => layer(call, { op: 'identity' }, [call.activation(0)]);

const clip: Operator = (call) => {
  const low = Math.max(call.number(1, 'min') ?? lowest, lowest);
  const high = Math.min(call.number(2, 'max') ?? -lowest, -lowest);
  const x = call.activation(0);
  if (low === 0 && high === -lowest) return layer(call, { op: 'relu' }, [x]);
  return layer(call, { op: 'elementwise', function: { kind: 'clip', low, high } }, [x]);
};

/** TensorProto numbers of float32, float16 and float64. */
const floatTypes = [1, 10, 11];

const cast: Operator = (call) => {
  const to = call.int('to', 1);
  if (!floatTypes.includes(to)) call.fail(`expected a cast to floats, got one to ONNX type ${to}`);
  return identity(call);
};

const softmax: Operator = (call) => {
  const x = call.activation(0);
  const { draft, opset } = call;
  const rank = draft.rank(x) + 1;
  const axis = call.int('axis', opset < 13 ? 1 : -1);
  // Before operator set 13 all axes from this one on were one distribution.
  if (opset < 13 && (axis + rank) % rank !== rank - 1) call.fail(`expected the last axis, got axis ${axis}`);
  const forms = [x, ...(rank === 4 ? [x.channelsLast ? draft.asWritten(x) : draft.channelsLast(x)] : [])];
  const fitting = forms.find((form) => nodeAxis(call, axis, form) === rank - 1);
  if (!fitting) return call.fail(`expected the last axis or the channels, got axis ${axis}`);
  return layer(call, { op: 'softmax' }, [fitting]);
};

/** Two activations in one order of axes. */
function aligned(call: OperatorCall): [Activation, Activation] {
  const [a, b] = [call.activation(0), call.activation(1)];
  const { draft } = call;
  if (a.channelsLast === b.channelsLast || draft.rank(a) !== draft.rank(b)) return [a, b];
  return [draft.channelsLast(a), draft.channelsLast(b)];
}

/** The operand that depends on the observation, and the constant beside it, if one is constant. */
function split(call: OperatorCall): { x: Activation; constant: HostArray; first: boolean } | undefined {
  const [a, b] = call.inputs;
  if (a?.kind === 'activation' && b?.kind === 'constant') return { x: a, constant: beside(call, b, a), first: false };
  if (a?.kind === 'constant' && b?.kind === 'activation') return { x: b, constant: beside(call, a, b), first: true };
  return undefined;
}

const mapped = ({ shape, data }: HostArray, fn: (x: number) => number): HostArray => ({
  shape,
  data: Array.from(data, fn),
});

const add: Operator = (call) => {
  const mixed = split(call);
  return mixed ? affineLayer(call, mixed.x, scalar(1), mixed.constant) : layer(call, { op: 'add' }, aligned(call));
};

const subtract: Operator = (call) => {
  const mixed = split(call);
  if (mixed?.first) return affineLayer(call, mixed.x, scalar(-1), mixed.constant);
  if (mixed)
    return affineLayer(
      call,
      mixed.x,
      scalar(1),
      mapped(mixed.constant, (c) => -c),
    );
  const [a, b] = aligned(call);
  return layer(call, { op: 'add' }, [a, step(call, 'negative', { op: 'scale', factor: -1 }, [b])]);
};

const multiply: Operator = (call) => {
  const mixed = split(call);
  if (mixed) return affineLayer(call, mixed.x, mixed.constant, scalar(0));
  return layer(call, { op: 'multiply' }, aligned(call));
};

const reciprocal: ElementwiseFunction = { kind: 'power', exponent: -1 };

const divide: Operator = (call) => {
  const mixed = split(call);
  if (mixed && !mixed.first)
    return affineLayer(
      call,
      mixed.x,
      mapped(mixed.constant, (c) => 1 / c),
      scalar(0),
    );
  const inverse = (x: Activation): Activation =>
    step(call, 'reciprocal', { op: 'elementwise', function: reciprocal }, [x]);
  if (mixed) return affineLayer(call, inverse(mixed.x), mixed.constant, scalar(0));
  const [a, b] = aligned(call);
  return layer(call, { op: 'multiply' }, [a, inverse(b)]);
};

export const elementwiseOperators: Readonly<Record<string, Operator>> = {
  Identity: identity,
  Dropout: identity,
  Cast: cast,
  Relu: (call) => layer(call, { op: 'relu' }, [call.activation(0)]),
  Tanh: elementwise(() => ({ kind: 'tanh' })),
  Sigmoid: elementwise(() => ({ kind: 'sigmoid' })),
  LeakyRelu: elementwise((call) => ({ kind: 'leakyRelu', slope: call.float('alpha', 0.01) })),
  Reciprocal: elementwise(() => reciprocal),
  Neg: (call) => layer(call, { op: 'scale', factor: -1 }, [call.activation(0)]),
  Sqrt: elementwise(() => ({ kind: 'power', exponent: 0.5 })),
  Pow: elementwise((call) => {
    const { data } = call.constant(1);
    if (data.length !== 1) call.fail(`expected one exponent, got ${data.length}`);
    return { kind: 'power', exponent: data[0] };
  }),
  Clip: clip,
  Softmax: softmax,
  Add: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
};
