/**
 * The gradient of a convolution with respect to its kernels: where training spends its time. Axes as in
 * convolution.ts.
 */
import { int, ints } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { reshape, transpose } from '../traced.ts';
import { concatenated, pad, slice } from './shaping.ts';
import type { Window, WindowAxis } from './window.ts';

/**
 * Gradient of the kernels, dW[i, j, c, o] = sum over n, h, w of x[n, h s + i, w s + j, c] dy[n, h, w, o].
 *
 * Stride 1: the k column shifts of x are stacked on the channel axis, dy is shifted by rows, and each row of the
 * kernel is then one product per image of [k c, h w] with [h w, o], summed over the images. ONNX Runtime's matrix
 * product reaches 90-150 GFLOP/s a core on these shapes, its convolution 35-65. Other strides, and images of so few
 * channels that the copies would cost more than they save: see giantKernel.
 */
export function filterGradient(graph: Graph, x: Value, dy: Value, window: Window): Value {
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
