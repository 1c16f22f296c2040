/**
 * Convolutions and their gradients. Axes: n batch, h height, w width, c input channel, o output channel, i and j the
 * place in the kernel. TensorFlow.js kernels are [i, j, c, o], ONNX's [o, c, i, j].
 */
import type * as tf from '@tensorflow/tfjs';
import { int, ints } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { place } from '../pointwise.ts';
import { channelsFirst, reshape, rowMajor, traced, transpose } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { attributesOf } from './call.ts';
import type { Kernel, KernelTable } from './call.ts';
import { pad, reverse, slice } from './shaping.ts';
import { convolutionWindow, padWindow, shifted, windowAttributes } from './window.ts';
import type { Window, WindowAxis } from './window.ts';

function outputShape(window: Window): number[] {
  return [window.batch, window.height.outLength, window.width.outLength, window.outChannels];
}

function inputShape(window: Window): number[] {
  return [window.batch, window.height.inLength, window.width.inLength, window.inChannels];
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

/** The window of the convolution that carries a stride-1 gradient back: what stuck out is now cut, and the reverse. */
function transposedWindow(window: Window): Window {
  const axis = (a: WindowAxis): WindowAxis => ({
    ...a,
    before: a.size - 1 - a.before,
    after: a.inLength - a.outLength + a.before,
    inLength: a.outLength,
    outLength: a.inLength,
  });
  return { ...window, height: axis(window.height), width: axis(window.width) };
}

/**
 * Gradient of the input. Stride 1: a convolution of dy with the kernels turned by 180 degrees, which ONNX Runtime
 * computes faster than ConvTranspose; other strides: ConvTranspose.
 */
function inputGradient(graph: Graph, dy: Value, filter: Value, window: Window, groups: number): Value {
  const [kh, kw, inChannels, multiplier] = filter.shape;
  const { height, width } = window;
  const shape = firstShape(inputShape(window));
  const fits = (axis: WindowAxis): boolean => axis.stride === 1 && axis.before < axis.size && axis.after < axis.size;
  if (fits(height) && fits(width)) {
    const turned = reverse(graph, filter, [0, 1]);
    // Both are [output, input within the group, i, j] of the convolution back: c, then o or the multiplier.
    const kernel = transpose(graph, turned, [2, 3, 0, 1]);
    return conv(graph, dy, kernel, shape, transposedWindow(window), groups);
  }
  const kernel =
    groups === 1
      ? transpose(graph, filter, [3, 2, 0, 1])
      : reshape(graph, transpose(graph, filter, [2, 3, 0, 1]), [inChannels * multiplier, 1, kh, kw]);
  const left = (a: WindowAxis): number => a.inLength + a.before + a.after - ((a.outLength - 1) * a.stride + a.size);
  const attributes = {
    ...windowAttributes(window),
    output_padding: ints([left(height), left(width)]),
    group: int(groups),
  };
  return graph.node('ConvTranspose', [dy, kernel], { type: 'float32', shape }, attributes);
}

const conv2dInputGradient: Kernel = (call) => {
  const { graph } = call;
  const dy = call.input('dy');
  const filter = call.input('filter');
  const shape = attributesOf<tf.Conv2DBackpropInputAttrs>(call).inputShape;
  const window = convolutionWindow(call, shape, filter.shape);
  return image(shape, inputGradient(graph, channelsFirst(graph, dy), rowMajor(graph, filter), window, 1));
};

/**
 * Gradient of the kernels, dW[i, j, c, o] = sum over n, h, w of x[n, h s + i, w s + j, c] dy[n, h, w, o].
 *
 * Stride 1: the k column shifts of x are stacked on the channel axis, dy is shifted by rows, and each row of the
 * kernel is then one product per image of [k c, h w] with [h w, o], summed over the images. ONNX Runtime's matrix
 * product reaches 90-150 GFLOP/s a core on these shapes, its convolution 35-65. Other strides, and images of so few
 * channels that the copies would cost more than they save: see giantKernel.
 */
function filterGradient(graph: Graph, x: Value, dy: Value, window: Window): Value {
  const { height, width, batch, inChannels, outChannels } = window;
  if (height.stride !== 1 || width.stride !== 1 || inChannels < FEW_CHANNELS) {
    return giantKernel(graph, x, dy, window);
  }
  const rows = height.inLength + height.before + height.after;
  const cells = rows * width.outLength;
  const columns = Array.from({ length: width.size }, (_, j) =>
    pad(graph, x, [
      [0, 0],
      [0, 0],
      [height.before, height.after],
      // A negative padding cuts: together they shift.
      [width.before - j, width.after - (width.size - 1 - j)],
    ]),
  );
  const stackedShape = [batch, width.size * inChannels, rows, width.outLength];
  const stacked = reshape(graph, concatenated(graph, columns, 1, stackedShape), [batch, stackedShape[1], cells]);
  const products = Array.from({ length: height.size }, (_, i) => {
    const shiftedDy = pad(graph, dy, [
      [0, 0],
      [0, 0],
      [i, height.size - 1 - i],
      [0, 0],
    ]);
    const right = reshape(graph, shiftedDy, [batch, outChannels, cells]);
    const output = { type: 'float32', shape: [batch, stackedShape[1], outChannels] } as const;
    const perImage = graph.node('FusedMatMul', [stacked, right], output, { transB: int(1) }, 'com.microsoft');
    const sum = { type: 'float32', shape: [stackedShape[1], outChannels] } as const;
    return graph.node('ReduceSum', [perImage, graph.int64s([0])], sum, { keepdims: int(0) });
  });
  const all = concatenated(graph, products, 0, [height.size * stackedShape[1], outChannels]);
  return reshape(graph, all, [height.size, width.size, inChannels, outChannels]);
}

const FEW_CHANNELS = 8;

/** The same sum as a convolution of x with dy as giant kernel, batch and channel exchanged. */
function giantKernel(graph: Graph, x: Value, dy: Value, window: Window): Value {
  const { height, width, inChannels, outChannels } = window;
  const swapped = transpose(graph, x, [1, 0, 2, 3]);
  const giant = transpose(graph, dy, [1, 0, 2, 3]);
  const attributes = {
    kernel_shape: ints([height.outLength, width.outLength]),
    dilations: ints([height.stride, width.stride]),
    pads: ints([height.before, width.before, height.after, width.after]),
  };
  const rows = (a: WindowAxis): number => a.inLength + a.before + a.after - (a.outLength - 1) * a.stride;
  const shape = [inChannels, outChannels, rows(height), rows(width)];
  const full = graph.node('Conv', [swapped, giant], { type: 'float32', shape }, attributes);
  const cut = slice(graph, full, [0, 0, 0, 0], [inChannels, outChannels, height.size, width.size]);
  return transpose(graph, cut, [2, 3, 0, 1]);
}

function concatenated(graph: Graph, values: readonly Value[], axis: number, shape: readonly number[]): Value {
  if (values.length === 1) return values[0];
  return graph.node('Concat', values, { type: 'float32', shape }, { axis: int(axis) });
}

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
  return image(shape, inputGradient(graph, dy, rowMajor(graph, filter), window, filter.shape[2]));
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
