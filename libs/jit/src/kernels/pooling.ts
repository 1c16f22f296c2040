/** Pools and their gradients, channels first. */
import { int, text } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { place } from '../pointwise.ts';
import { cast, channelsFirst, channelsFirstShape, reshape, transpose } from '../traced.ts';
import type { Traced } from '../traced.ts';
import type { Kernel, KernelTable } from './call.ts';
import { pad } from './shaping.ts';
import { padWindow, poolWindow, shifted, windowAttributes } from './window.ts';
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
 * Sends each gradient to the window's maximum, the first where several are equal; where a cell is the maximum of two
 * windows their gradients add up. One place of the window after the other takes what it is due from the gradient that
 * is left, all windows at once. (MaxPool with indices and MaxUnpool or ScatterElements do the same in ONNX Runtime, in
 * four to ten times the time.)
 */
const maxPoolGrad: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('input');
  const window = poolWindow(call, x.shape);
  const { height, width } = window;
  const cells = padWindow(graph, channelsFirst(graph, x), window, -Infinity);
  const maxima = channelsFirst(graph, call.input('output'));
  const { shape } = maxima;
  let left = channelsFirst(graph, call.input('dy'));
  const shares: Share[] = [];
  for (let i = 0; i < height.size; i++) {
    for (let j = 0; j < width.size; j++) {
      const last = i === height.size - 1 && j === width.size - 1;
      let value = left;
      if (!last) {
        const seen = shifted(graph, cells, window, i, j);
        const hit = graph.node('Equal', [seen, maxima], { type: 'bool', shape });
        value = graph.node('Mul', [left, cast(graph, hit, 'float32')], { type: 'float32', shape });
        left = graph.node('Sub', [left, value], { type: 'float32', shape });
      }
      shares.push({ row: i * height.dilation, column: j * width.dilation, value });
    }
  }
  return image(x.shape, gathered(graph, shares, window));
};

/** A value for each window, due to the cell `row`, `column` cells after the window's first. */
interface Share {
  readonly row: number;
  readonly column: number;
  readonly value: Value;
}

/**
 * Adds up what the windows give to each cell, [n, c, h, w]. With stride s the cells of one remainder modulo s are a
 * small image of their own: shares are added there, and the s * s small images are interleaved at the end.
 */
function gathered(graph: Graph, shares: readonly Share[], { height, width }: Window): Value {
  const reach = (axis: WindowAxis): number => Math.floor(((axis.size - 1) * axis.dilation) / axis.stride);
  const [rows, columns] = [height.outLength + reach(height), width.outLength + reach(width)];
  const [n, c] = shares[0].value.shape;
  const small = { type: 'float32', shape: [n, c, rows, columns] } as const;
  const sumOf = (rowPhase: number, columnPhase: number): Value =>
    shares
      .filter(({ row, column }) => row % height.stride === rowPhase && column % width.stride === columnPhase)
      .map(({ row, column, value }) => {
        const down = Math.floor(row / height.stride);
        const right = Math.floor(column / width.stride);
        return pad(graph, value, [
          [0, 0],
          [0, 0],
          [down, reach(height) - down],
          [right, reach(width) - right],
        ]);
      })
      .reduce<Value | undefined>(
        (sum, part) => (sum === undefined ? part : graph.node('Add', [sum, part], small)),
        undefined,
      ) ?? graph.splat('float32', small.shape, 0);
  const lines = Array.from({ length: height.stride }, (_, rowPhase) =>
    interleaveColumns(
      graph,
      Array.from({ length: width.stride }, (_, columnPhase) => sumOf(rowPhase, columnPhase)),
    ),
  );
  const full = interleaveRows(graph, lines);
  const cut = (axis: WindowAxis, length: number): [number, number] => [
    -axis.before,
    axis.inLength + axis.before - length,
  ];
  return pad(graph, full, [[0, 0], [0, 0], cut(height, full.shape[2]), cut(width, full.shape[3])]);
}

/** Column j of the k-th image becomes column j s + k. A transpose of two axes is the fast way to interleave numbers. */
function interleaveColumns(graph: Graph, images: readonly Value[]): Value {
  const count = images.length;
  if (count === 1) return images[0];
  const [n, c, h, w] = images[0].shape;
  const stacked = graph.node('Concat', images, { type: 'float32', shape: [count * n, c, h, w] }, { axis: int(0) });
  return reshape(graph, transpose(graph, reshape(graph, stacked, [count, n * c * h * w]), [1, 0]), [
    n,
    c,
    h,
    w * count,
  ]);
}

function interleaveRows(graph: Graph, images: readonly Value[]): Value {
  const count = images.length;
  if (count === 1) return images[0];
  const [n, c, h, w] = images[0].shape;
  const rows = images.map((value) => reshape(graph, value, [n * c * h, w]));
  const joined = graph.node('Concat', rows, { type: 'float32', shape: [n * c * h, w * count] }, { axis: int(1) });
  return reshape(graph, joined, [n, c, h * count, w]);
}

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
