/** Matrix products, and the fused kernels that add a bias and an activation to a product or a convolution. */
import type * as tf from '@tensorflow/tfjs';
import { int, text } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { add, castTo, unary } from '../pointwise.ts';
import { broadcastShape } from '../pointwise.ts';
import { rowMajor, sumOfImages, traced, transpose } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { attributesOf, unsupported } from './call.ts';
import type { Kernel, KernelCall, KernelTable } from './call.ts';
import { conv2d, depthwise } from './convolution.ts';
import { clipped, elu, leakyRelu, prelu } from './elementwise.ts';

function swapLast(graph: Graph, value: Value): Value {
  const rank = value.shape.length;
  const perm = value.shape.map((_, i) => i);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return transpose(graph, value, perm);
}

/** a [..., m, k] times b [..., k, n], either transposed in place; leading axes broadcast. */
function product(graph: Graph, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const m = a.shape[a.shape.length - (transposeA ? 1 : 2)];
  const n = b.shape[b.shape.length - (transposeB ? 2 : 1)];
  if (a.shape.length === 2 && b.shape.length === 2 && (transposeA || transposeB)) {
    const attributes = { transA: int(transposeA ? 1 : 0), transB: int(transposeB ? 1 : 0) };
    return graph.node('Gemm', [a, b], { type: 'float32', shape: [m, n] }, attributes);
  }
  const left = transposeA ? swapLast(graph, a) : a;
  const right = transposeB ? swapLast(graph, b) : b;
  const ofImages = sumOfImages(graph, left, right);
  if (ofImages !== undefined) return ofImages;
  const batch = broadcastShape([left.shape.slice(0, -2), right.shape.slice(0, -2)]);
  return graph.node('MatMul', [left, right], { type: 'float32', shape: [...batch, m, n] });
}

const matMul: Kernel = (call) => {
  const { graph } = call;
  const { transposeA, transposeB } = attributesOf<tf.BatchMatMulAttrs>(call);
  const a = rowMajor(graph, castTo(graph, call.input('a'), 'float32'));
  const b = rowMajor(graph, castTo(graph, call.input('b'), 'float32'));
  const value = product(graph, a, b, transposeA, transposeB);
  return traced('float32', value.shape, value);
};

const einsum: Kernel = (call) => {
  const { graph, list } = call;
  const { equation } = attributesOf<tf.EinsumAttrs>(call);
  const [left, right = ''] = equation.replace(/\s/g, '').split('->');
  const lengths = new Map<string, number>();
  left.split(',').forEach((axes, i) => [...axes].forEach((axis, j) => lengths.set(axis, list[i].shape[j])));
  const shape = [...right].map((axis) => lengths.get(axis) ?? 1);
  const values = list.map((x) => rowMajor(graph, castTo(graph, x, 'float32')));
  const attributes = { equation: text(`${left}->${right}`) };
  return traced('float32', shape, graph.node('Einsum', values, { type: 'float32', shape }, attributes));
};

interface FusedAttributes {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

function finish(call: KernelCall, product: Traced): Traced {
  const { graph } = call;
  const { activation = 'linear', leakyreluAlpha = 0.2 } = attributesOf<FusedAttributes>(call);
  const bias = call.optional('bias');
  const x = bias === undefined ? product : add(graph, product, bias);
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return unary(graph, 'Relu', x);
    case 'relu6':
      return clipped(graph, x, 0, 6);
    case 'elu':
      return elu(graph, x);
    case 'sigmoid':
      return unary(graph, 'Sigmoid', x);
    case 'leakyrelu':
      return leakyRelu(graph, x, leakyreluAlpha);
    case 'prelu':
      return prelu(graph, x, call.input('preluActivationWeights'));
    default:
      throw unsupported(call, 'an activation that it knows', activation);
  }
}

const fused =
  (kernel: Kernel): Kernel =>
  (call) =>
    finish(call, kernel(call) as Traced);

export const products: KernelTable = {
  BatchMatMul: matMul,
  Einsum: einsum,
  _FusedMatMul: fused(matMul),
  FusedConv2D: fused(conv2d),
  FusedDepthwiseConv2D: fused(depthwise),
};
