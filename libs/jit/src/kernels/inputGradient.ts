/**
 * The gradient of a convolution with respect to its image, three ways. Axes: n batch, h height, w width, c input
 * channel, o output channel, i and j the place in the kernel, as in convolution.ts.
 */
import { int, ints } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { place } from '../pointwise.ts';
import { channelsFirstShape, reshape, transpose } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { gatherAxis, pad, reverse, slice } from './shaping.ts';
import { windowAttributes } from './window.ts';
import type { Window, WindowAxis } from './window.ts';

/**
 * dx of a convolution, from dy [n, o, h', w'] and the kernels [i, j, c, o] (with groups: [i, j, c, multiplier]).
 *
 * Stride 1: a convolution of dy with the kernels turned by 180 degrees, faster in ONNX Runtime than ConvTranspose.
 * Other strides, and images of few channels (of which a convolution would compute 16 at a time and throw most away):
 * a convolution that computes a block of cells as channels. Groups with strides: ConvTranspose.
 */
export function inputGradient(graph: Graph, dy: Value, filter: Value, window: Window, groups = 1): Traced {
  const { height, width, inChannels } = window;
  const single = height.stride === 1 && width.stride === 1;
  if (groups === 1 && (!single || inChannels < FEW_CHANNELS)) return blockwise(graph, dy, filter, window);
  const shape = [window.batch, height.inLength, width.inLength, inChannels];
  const fits = (axis: WindowAxis): boolean => axis.before < axis.size && axis.after < axis.size;
  const value =
    single && fits(height) && fits(width)
      ? turned(graph, dy, filter, window, groups)
      : convTranspose(graph, dy, filter, window, groups);
  return place('float32', shape, value, 'channelsFirst');
}

/** Half of what a convolution of ONNX Runtime computes at once on AVX-512 (16) and all of it on AVX2. */
const FEW_CHANNELS = 8;

function turned(graph: Graph, dy: Value, filter: Value, window: Window, groups: number): Value {
  // What stuck out of the image is now cut, and the reverse.
  const axis = (a: WindowAxis): WindowAxis => ({
    ...a,
    before: a.size - 1 - a.before,
    after: a.inLength - a.outLength + a.before,
  });
  const back = { ...window, height: axis(window.height), width: axis(window.width) };
  // [output, input within the group, i, j] of the convolution back: c, then o or the multiplier.
  const kernel = transpose(graph, reverse(graph, filter, [0, 1]), [2, 3, 0, 1]);
  const attributes = { ...windowAttributes(back), ...(groups === 1 ? {} : { group: int(groups) }) };
  return graph.node('Conv', [dy, kernel], { type: 'float32', shape: imageShape(window) }, attributes);
}

function imageShape({ batch, height, width, inChannels }: Window): number[] {
  return channelsFirstShape([batch, height.inLength, width.inLength, inChannels]);
}

function convTranspose(graph: Graph, dy: Value, filter: Value, window: Window, groups: number): Value {
  const [kh, kw, inChannels, multiplier] = filter.shape;
  const { height, width } = window;
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
  return graph.node('ConvTranspose', [dy, kernel], { type: 'float32', shape: imageShape(window) }, attributes);
}

/** How one axis is cut into blocks: cell b q + r of the image is part r of block q. */
interface Blocks {
  /** b, a multiple of the stride. */
  readonly length: number;
  /** How many blocks cover the axis. */
  readonly count: number;
  /** Cells of dy that a block sees: its own first one is `first` cells after dy's cell b q / s. */
  readonly taps: number;
  readonly first: number;
  /** [length * taps]: which kernel row meets part r at tap t; `axis.size`, one past the last, where none does. */
  readonly rows: readonly number[];
}

/**
 * dx[p] is the sum of dy[(p + before - k) / s] W[k] over the k for which that is a whole number. With p = b q + r the
 * offset (r + before - k) / s does not depend on q, so every r is a channel of one convolution over dy with stride b / s.
 */
function blocksOf({ size, stride, before, inLength }: WindowAxis): Blocks {
  const length = stride === 1 ? SINGLE_STRIDE_BLOCK : stride;
  const first = Math.ceil((before - size + 1) / stride);
  const last = Math.floor((length - 1 + before) / stride);
  const taps = last - first + 1;
  const rows = Array.from({ length: length * taps }, (_, i) => {
    const k = Math.floor(i / taps) + before - stride * (first + (i % taps));
    return k >= 0 && k < size ? k : size;
  });
  return { length, count: Math.ceil(inLength / length), taps, first, rows };
}

/** 2 by 2 cells of 3 channels fill 12 of the 16 channels computed at once. */
const SINGLE_STRIDE_BLOCK = 2;

function blockwise(graph: Graph, dy: Value, filter: Value, window: Window): Traced {
  const { batch, inChannels: c, outChannels: o, height, width } = window;
  const [down, across] = [blocksOf(height), blocksOf(width)];
  const [bh, bw] = [down.length, across.length];
  // One row and column of zeros more, for the places that no kernel row or column meets.
  const zeros = pad(graph, filter, [
    [0, 1],
    [0, 1],
    [0, 0],
    [0, 0],
  ]);
  const spread = gatherAxis(graph, gatherAxis(graph, zeros, graph.int64s(down.rows), 0), graph.int64s(across.rows), 1);
  const parts = reshape(graph, spread, [bh, down.taps, bw, across.taps, c, o]);
  const kernel = reshape(graph, transpose(graph, parts, [0, 2, 4, 5, 1, 3]), [bh * bw * c, o, down.taps, across.taps]);
  const [top, bottom] = paddings(height, down);
  const [before, after] = paddings(width, across);
  const seen = pad(graph, dy, [
    [0, 0],
    [0, 0],
    [Math.min(0, top), Math.min(0, bottom)],
    [Math.min(0, before), Math.min(0, after)],
  ]);
  const attributes = {
    kernel_shape: ints([down.taps, across.taps]),
    strides: ints([bh / height.stride, bw / width.stride]),
    pads: ints([top, before, bottom, after].map((padding) => Math.max(0, padding))),
  };
  const output = { type: 'float32', shape: [batch, bh * bw * c, down.count, across.count] } as const;
  const blocks = graph.node('Conv', [seen, kernel], output, attributes);
  const shape = [batch, height.inLength, width.inLength, c];
  return place('float32', shape, unblocked(graph, blocks, bh, bw, shape), 'rowMajor');
}

/** Zeros around dy so that every block sees all its taps; negative where dy has cells that no block sees. */
function paddings(axis: WindowAxis, { length, count, taps, first }: Blocks): [number, number] {
  const end = ((count - 1) * length) / axis.stride + first + taps;
  return [-first, end - axis.outLength];
}

/** [n, (r, r', c), q, q'] to an image [n, b q + r, b' q' + r', c]: in steps that each move whole runs of numbers. */
function unblocked(graph: Graph, blocks: Value, bh: number, bw: number, shape: readonly number[]): Value {
  const [n, channels, rows, columns] = blocks.shape;
  const run = channels / bh;
  const last = reshape(graph, transpose(graph, blocks, [0, 2, 3, 1]), [n * rows, columns, bh, run]);
  const lines = reshape(graph, transpose(graph, last, [0, 2, 1, 3]), [n, rows * bh, columns * bw, run / bw]);
  return slice(
    graph,
    lines,
    shape.map(() => 0),
    shape,
  );
}
