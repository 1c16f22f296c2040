/** Operators with weights and without windows: dense layers and batch normalisation. */
import { transposeConstant } from '../constant.ts';
import type { Constant } from '../constant.ts';
import type { OperatorCall } from '../call.ts';
import type { Activation } from '../value.ts';
import { affineLayer, imageInput, layer } from './operator.ts';
import type { Operator } from './operator.ts';

function dense(call: OperatorCall, x: Activation, weights: Constant, bias: ArrayLike<number>): Activation {
  const { draft } = call;
  const [features, outputs] = weights.dims;
  const shape = draft.shapes[x.node];
  if (weights.dims.length !== 2) call.fail(`expected weights [input, output], got [${weights.dims.join(', ')}]`);
  if (shape.length !== 1) call.fail(`expected an input [batch, feature], got [batch, ${draft.dims(x).join(', ')}]`);
  if (shape[0] !== features) call.fail(`expected an input of ${features} features, got ${shape[0]}`);
  const parameters = [
    draft.parameter(`${call.layer}/kernel`, [features, outputs], weights.data),
    draft.parameter(`${call.layer}/bias`, [outputs], bias),
  ] as const;
  return layer(call, { op: 'dense', parameters }, [x]);
}

/** alpha A B + beta C, where B and C are weights. */
const gemm: Operator = (call) => {
  if (call.int('transA', 0) === 1) call.fail('expected transA 0, got 1');
  const given = call.constant(1);
  if (given.dims.length !== 2) call.fail(`expected weights of two axes, got [${given.dims.join(', ')}]`);
  const turned = call.int('transB', 0) === 1 ? transposeConstant(given, [1, 0]) : given;
  const [alpha, beta] = [call.float('alpha', 1), call.float('beta', 1)];
  const outputs = turned.dims[1];
  const c = call.optionalConstant(2)?.data ?? [0];
  if (c.length !== 1 && c.length !== outputs) call.fail(`expected a bias of ${outputs} features, got ${c.length}`);
  const bias = Float64Array.from({ length: outputs }, (_, i) => beta * c[c.length === 1 ? 0 : i]);
  return dense(call, call.activation(0), { ...turned, data: turned.data.map((w) => alpha * w) }, bias);
};

const matMul: Operator = (call) => {
  const weights = call.constant(1);
  return dense(call, call.activation(0), weights, new Float64Array(weights.dims[1] ?? 0));
};

/** In inference: (x - mean) / sqrt(variance + epsilon) * gain + bias, each a number a channel. */
const batchNormalisation: Operator = (call) => {
  if (call.int('training_mode', 0) === 1) call.fail('expected inference, got training_mode 1');
  const [gain, bias, mean, variance] = [1, 2, 3, 4].map((i) => call.constant(i).data);
  const x = call.draft.rank(call.activation(0)) === 1 ? call.activation(0) : imageInput(call);
  const shape = call.draft.shapes[x.node];
  const channels = shape[shape.length - 1];
  if ([gain, bias, mean, variance].some(({ length }) => length !== channels)) {
    call.fail(`expected numbers for ${channels} channels, got ${gain.length}`);
  }
  const epsilon = call.float('epsilon', 1e-5);
  const scale = Float64Array.from(gain, (g, i) => g / Math.sqrt(variance[i] + epsilon));
  const shift = Float64Array.from(bias, (b, i) => b - mean[i] * scale[i]);
  return affineLayer(call, x, { shape: [channels], data: scale }, { shape: [channels], data: shift });
};

export const productOperators: Readonly<Record<string, Operator>> = {
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalisation,
};
