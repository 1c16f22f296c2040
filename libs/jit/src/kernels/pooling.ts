/** Pools and their gradients, channels first. */
import { int, ints, text } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { place } from '../pointwise.ts';
import { channelsFirst, channelsFirstShape, reshape } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { sizeOf } from '@saccade/core';
import type { Kernel, KernelTable } from './call.ts';
import { poolWindow, windowAttributes } from './window.ts';
import type { Window, WindowAxis } from './window.ts';

function pooledShape({ batch, height, width, inChannels }: Window): number[] {
  return [batch, height.outLength, width.outLength, inChannels];
}

function image(shape: readonly number[], value: Value): Traced {
  return place('float32', shape, value, 'channelsFirst');
}

const pool =
  (op: 'MaxPool' | 'AveragePool'): Kernel =>
  (call) => {
    const x = call.input('x');
    const window = poolWindow(call, x.shape);
    const shape = pooledShape(window);
    const output = { type: 'float32', shape: channelsFirstShape(shape) } as const;
    return image(shape, call.graph.node(op, [channelsFirst(call.graph, x)], output, windowAttributes(window)));
  };

/**
 * Sends each gradient to the window's maximum, the first where several are equal. Windows that do not overlap may
 * overwrite (MaxUnpool); where a cell can be the maximum of two windows their gradients must add up.
 */
const maxPoolGrad: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('input');
  const window = poolWindow(call, x.shape);
  const { height, width } = window;
  const image4 = channelsFirst(graph, x);
  const pooled = channelsFirstShape(pooledShape(window));
  const outputs = [
    { type: 'float32', shape: pooled },
    { type: 'int64', shape: pooled },
  ] as const;
  const [, indices] = graph.nodes('MaxPool', [image4], outputs, windowAttributes(window));
  const dy = channelsFirst(graph, call.input('dy'));
  const output = { type: 'float32', shape: image4.shape } as const;
  if (height.stride >= height.size && width.stride >= width.size) {
    const attributes = {
      kernel_shape: ints([height.size, width.size]),
      strides: ints([height.stride, width.stride]),
    };
    const inputs = [dy, indices, graph.int64s(image4.shape)];
    return image(x.shape, graph.node('MaxUnpool', inputs, output, attributes));
  }
  const size = sizeOf(image4.shape);
  const flat = (value: Value): Value => reshape(graph, value, [sizeOf(value.shape)]);
  const inputs = [graph.splat('float32', [size], 0), flat(indices), flat(dy)];
  const attributes = { axis: int(0), reduction: { kind: 'string', value: 'add' } } as const;
  const sums = graph.node('ScatterElements', inputs, { type: 'float32', shape: [size] }, attributes);
  return image(x.shape, reshape(graph, sums, image4.shape));
};

/** Windows side by side, without gaps, overlap or padding. */
function tiles({ size, stride, dilation, before, after, inLength, outLength }: WindowAxis): boolean {
  return size === stride && dilation === 1 && before === 0 && after === 0 && inLength === outLength * size;
}

/** Each cell repeated over `rows` by `columns` cells. */
function enlarged(graph: Graph, x: Value, rows: number, columns: number): Value {
  const [n, c, h, w] = x.shape;
  const attributes = {
    mode: text('nearest'),
    coordinate_transformation_mode: text('asymmetric'),
    nearest_mode: text('floor'),
  };
  const scales = graph.constant('float32', [4], Float32Array.of(1, 1, rows, columns));
  const output = { type: 'float32', shape: [n, c, h * rows, w * columns] } as const;
  return graph.node('Resize', [x, undefined, scales], output, attributes);
}

/** [out, in]: 1 where a window of the axis covers a cell, with the share that each covered cell has in the mean. */
function coverage(axis: WindowAxis): { readonly covers: Float32Array; readonly counts: number[] } {
  const covers = new Float32Array(axis.outLength * axis.inLength);
  const counts = Array.from({ length: axis.outLength }, (_, out) => {
    let count = 0;
    for (let k = 0; k < axis.size; k++) {
      const cell = out * axis.stride - axis.before + k * axis.dilation;
      if (cell < 0 || cell >= axis.inLength) continue;
      covers[out * axis.inLength + cell] = 1;
      count++;
    }
    return count;
  });
  return { covers, counts };
}

/**
 * Spreads each gradient evenly over the cells that its window averaged, padding not counted (TensorFlow.js's plain
 * kernel divides by the full window at the border, which is not the gradient of its own pool). A window is a row range
 * times a column range, so this is a product with a constant matrix on either side.
 */
const avgPoolGrad: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('input');
  const window = poolWindow(call, x.shape);
  const { height, width } = window;
  const dy = channelsFirst(graph, call.input('dy'));
  if (tiles(height) && tiles(width)) {
    const share = graph.scalar(1 / (height.size * width.size));
    const shared = graph.node('Mul', [dy, share], { type: 'float32', shape: dy.shape });
    return image(x.shape, enlarged(graph, shared, height.size, width.size));
  }
  const [rows, columns] = [spread(height), spread(width)];
  const right = graph.constant('float32', [width.outLength, width.inLength], columns);
  const left = graph.constant(
    'float32',
    [height.inLength, height.outLength],
    transposed(rows, height.outLength, height.inLength),
  );
  return image(x.shape, separable(graph, left, dy, right));
};

function spread(axis: WindowAxis): Float32Array {
  const { covers, counts } = coverage(axis);
  return covers.map((value, i) => value / counts[Math.floor(i / axis.inLength)]);
}

export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]);
}

export function separable(graph: Graph, left: Value, x: Value, right: Value): Value {
  const [n, c, h] = x.shape;
  const wide = graph.node('MatMul', [x, right], { type: 'float32', shape: [n, c, h, right.shape[1]] });
  return graph.node('MatMul', [left, wide], { type: 'float32', shape: [n, c, left.shape[0], right.shape[1]] });
}

export const pools: KernelTable = {
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  MaxPoolGrad: maxPoolGrad,
  AvgPoolGrad: avgPoolGrad,
};
