/**
 * Resizing and its gradient. Each output row is a weighted sum of input rows, each column of columns, so an image is
 * resized by a constant matrix on either side, and its gradient by their transposes.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Graph } from '../graph.ts';
import { castTo, place } from '../pointwise.ts';
import { channelsFirst } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { attributesOf } from './call.ts';
import type { Kernel, KernelCall, KernelTable } from './call.ts';
import { separable, transposed } from './pooling.ts';

type Weights = (from: number, to: number, attributes: tf.ResizeBilinearAttrs) => Float32Array;

function scaleOf(from: number, to: number, alignCorners: boolean): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** [to, from] */
const bilinear: Weights = (from, to, { alignCorners, halfPixelCenters }) => {
  const weights = new Float32Array(to * from);
  const scale = scaleOf(from, to, alignCorners);
  for (let out = 0; out < to; out++) {
    const source = halfPixelCenters ? scale * (out + 0.5) - 0.5 : scale * out;
    const low = Math.max(0, Math.floor(source));
    const share = source - low;
    const high = Math.min(from - 1, Math.ceil(source));
    weights[out * from + low] += 1 - share;
    weights[out * from + Math.max(0, high)] += share;
  }
  return weights;
};

const nearest: Weights = (from, to, { alignCorners, halfPixelCenters }) => {
  const weights = new Float32Array(to * from);
  const scale = scaleOf(from, to, alignCorners);
  for (let out = 0; out < to; out++) {
    const source = halfPixelCenters ? scale * (out + 0.5) : scale * out;
    const cell = Math.min(from - 1, alignCorners ? Math.round(source) : Math.floor(source));
    weights[out * from + Math.max(0, cell)] = 1;
  }
  return weights;
};

function image(
  graph: Graph,
  x: Traced,
  height: number,
  width: number,
  rows: Float32Array,
  columns: Float32Array,
): Traced {
  const [n, h, w, c] = x.shape;
  const left = graph.constant('float32', [height, h], rows);
  const right = graph.constant('float32', [w, width], columns);
  const value = separable(graph, left, channelsFirst(graph, castTo(graph, x, 'float32')), right);
  return place('float32', [n, height, width, c], value, 'channelsFirst');
}

const resize =
  (weights: Weights): Kernel =>
  (call: KernelCall) => {
    const x = call.input('images');
    const attributes = attributesOf<tf.ResizeBilinearAttrs>(call);
    const [, h, w] = x.shape;
    const [height, width] = attributes.size;
    const columns = transposed(weights(w, width, attributes), width, w);
    return image(call.graph, x, height, width, weights(h, height, attributes), columns);
  };

const resizeGrad =
  (weights: Weights): Kernel =>
  (call: KernelCall) => {
    const dy = call.input('dy');
    const attributes = attributesOf<tf.ResizeBilinearAttrs>(call);
    const [, height, width] = call.input('images').shape;
    const [, h, w] = dy.shape;
    const rows = transposed(weights(height, h, attributes), h, height);
    return image(call.graph, dy, height, width, rows, weights(width, w, attributes));
  };

export const resizing: KernelTable = {
  ResizeBilinear: resize(bilinear),
  ResizeBilinearGrad: resizeGrad(bilinear),
  ResizeNearestNeighbor: resize(nearest),
  ResizeNearestNeighborGrad: resizeGrad(nearest),
};
