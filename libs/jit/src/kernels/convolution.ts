/**
 * Convolutions and their gradients. Axes: n batch, h height, w width, c input channel, o output channel, i and j the
 * place in the kernel. TensorFlow.js kernels are [i, j, c, o], ONNX's [o, c, i, j].
 */
import type * as tf from '@tensorflow/tfjs';
import { int } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { place } from '../pointwise.ts';
import { channelsFirst, reshape, rowMajor, traced, transpose } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { attributesOf } from './call.ts';
import type { Kernel, KernelTable } from './call.ts';
import { filterGradient } from './filterGradient.ts';
import { inputGradient } from './inputGradient.ts';
import { concatenated } from './shaping.ts';
import { convolutionWindow, padWindow, shifted, windowAttributes } from './window.ts';
import type { Window } from './window.ts';

function outputShape(window: Window): number[] {
  return [window.batch, window.height.outLength, window.width.outLength, window.outChannels];
}

function image(shape: readonly number[], value: Value): Traced {
  return place('float32', shape, value, 'channelsFirst');
}

function conv(graph: Graph, x: Value, kernel: Value, shape: readonly number[], window: Window, groups = 1): Value {
  const attributes = { ...windowAttributes(window), ...(groups === 1 ? {} : { group: int(groups) }) };
  return graph.node('Conv', [x, kernel], { type: 'float32', shape }, attributes);
}

function firstShape([n, h, w, c]: readonly number[]): number[] {
  return [n, c, h, w];
}

const conv2d: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const filter = call.input('filter');
  const window = convolutionWindow(call, x.shape, filter.shape);
  const kernel = transpose(graph, rowMajor(graph, filter), [3, 2, 0, 1]);
  const shape = outputShape(window);
  return image(shape, conv(graph, channelsFirst(graph, x), kernel, firstShape(shape), window));
};

const conv2dInputGradient: Kernel = (call) => {
  const { graph } = call;
  const dy = call.input('dy');
  const filter = call.input('filter');
  const shape = attributesOf<tf.Conv2DBackpropInputAttrs>(call).inputShape;
  const window = convolutionWindow(call, shape, filter.shape);
  return inputGradient(graph, channelsFirst(graph, dy), rowMajor(graph, filter), window);
};

const conv2dFilterGradient: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const { filterShape } = attributesOf<tf.Conv2DBackpropFilterAttrs>(call);
  const window = convolutionWindow(call, x.shape, filterShape);
  const value = filterGradient(graph, channelsFirst(graph, x), channelsFirst(graph, call.input('dy')), window);
  return traced('float32', filterShape, value);
};

const depthwise: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const filter = call.input('filter');
  const [kh, kw, channels, multiplier] = filter.shape;
  const window = convolutionWindow(call, x.shape, filter.shape, true);
  const kernel = reshape(graph, transpose(graph, rowMajor(graph, filter), [2, 3, 0, 1]), [
    channels * multiplier,
    1,
    kh,
    kw,
  ]);
  const shape = outputShape(window);
  return image(shape, conv(graph, channelsFirst(graph, x), kernel, firstShape(shape), window, channels));
};

const depthwiseInputGradient: Kernel = (call) => {
  const { graph } = call;
  const filter = call.input('filter');
  const shape = attributesOf<tf.DepthwiseConv2dNativeBackpropInputAttrs>(call).inputShape;
  const window = convolutionWindow(call, shape, filter.shape, true);
  const dy = channelsFirst(graph, call.input('dy'));
  return inputGradient(graph, dy, rowMajor(graph, filter), window, filter.shape[2]);
};

/** One product and sum for each place in the kernel: depthwise kernels are small and rare. */
const depthwiseFilterGradient: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const { filterShape } = attributesOf<tf.DepthwiseConv2dNativeBackpropFilterAttrs>(call);
  const window = convolutionWindow(call, x.shape, filterShape, true);
  const { height, width, batch, inChannels } = window;
  const multiplier = filterShape[3];
  const padded = padWindow(graph, channelsFirst(graph, x), window);
  const spread = [batch, inChannels, multiplier, height.outLength, width.outLength];
  const dy = reshape(graph, channelsFirst(graph, call.input('dy')), spread);
  const places: Value[] = [];
  for (let i = 0; i < height.size; i++) {
    for (let j = 0; j < width.size; j++) {
      const seen = reshape(graph, shifted(graph, padded, window, i, j), [...spread.slice(0, 2), 1, ...spread.slice(3)]);
      const product = graph.node('Mul', [seen, dy], { type: 'float32', shape: spread });
      const axes = graph.int64s([0, 3, 4]);
      const output = { type: 'float32', shape: [inChannels, multiplier] } as const;
      places.push(graph.node('ReduceSum', [product, axes], output, { keepdims: int(0) }));
    }
  }
  const shape = [height.size * width.size * inChannels, multiplier];
  const all = concatenated(graph, places, 0, shape);
  return traced('float32', filterShape, reshape(graph, all, filterShape));
};

export const convolutions: KernelTable = {
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dInputGradient,
  Conv2DBackpropFilter: conv2dFilterGradient,
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
};

export { conv2d, depthwise };
