/** How a window slides over an image: TensorFlow.js's padding rules as the explicit numbers that ONNX takes. */
import * as tf from '@tensorflow/tfjs';
import { ints } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import type { OnnxAttribute } from '@saccade/nn';
import { unsupported } from './call.ts';
import type { KernelCall } from './call.ts';
import { pad, slice } from './shaping.ts';

type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
type Pair = number | [number, number];

/** One axis of a sliding window, in cells. */
export interface WindowAxis {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  readonly inLength: number;
  readonly outLength: number;
}

export interface Window {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly height: WindowAxis;
  readonly width: WindowAxis;
}

export interface WindowAttributes {
  readonly strides: Pair;
  readonly pad: Pad;
  readonly dilations?: Pair;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

function windowOf(call: KernelCall, info: tf.backend_util.Conv2DInfo): Window {
  const axis = (
    size: number,
    stride: number,
    dilation: number,
    before: number,
    inLength: number,
    outLength: number,
  ): WindowAxis => {
    const reach = (outLength - 1) * stride + (size - 1) * dilation + 1;
    const after = Math.max(0, reach - inLength - before);
    if (inLength + before + after - reach >= stride) {
      // TensorFlow.js measures a kernel that is not square by its height where the padding is a number.
      throw unsupported(call, 'windows that cover the image', `${outLength} for ${inLength} cells`);
    }
    return { size, stride, dilation, before, after, inLength, outLength };
  };
  return {
    batch: info.batchSize,
    inChannels: info.inChannels,
    outChannels: info.outChannels,
    height: axis(
      info.filterHeight,
      info.strideHeight,
      info.dilationHeight,
      info.padInfo.top,
      info.inHeight,
      info.outHeight,
    ),
    width: axis(info.filterWidth, info.strideWidth, info.dilationWidth, info.padInfo.left, info.inWidth, info.outWidth),
  };
}

export function convolutionWindow(
  call: KernelCall,
  inShape: readonly number[],
  filterShape: readonly number[],
  depthwise = false,
): Window {
  const {
    strides,
    pad,
    dilations = 1,
    dimRoundingMode,
    dataFormat = 'NHWC',
  } = call.attributes as unknown as WindowAttributes;
  if (dataFormat !== 'NHWC') throw unsupported(call, 'NHWC', dataFormat);
  return windowOf(
    call,
    tf.backend_util.computeConv2DInfo(
      inShape as [number, number, number, number],
      filterShape as [number, number, number, number],
      strides,
      dilations,
      pad,
      dimRoundingMode,
      depthwise,
    ),
  );
}

export function poolWindow(call: KernelCall, inShape: readonly number[]): Window {
  const { strides, pad, dimRoundingMode, dilations = 1 } = call.attributes as unknown as WindowAttributes;
  const { filterSize } = call.attributes as { filterSize: Pair };
  return windowOf(
    call,
    tf.backend_util.computePool2DInfo(
      inShape as [number, number, number, number],
      filterSize,
      strides,
      dilations,
      pad,
      dimRoundingMode,
    ),
  );
}

/** The attributes that Conv, MaxPool and AveragePool share; AveragePool knows no dilations in this operator set. */
export function windowAttributes({ height, width }: Window): Record<string, OnnxAttribute> {
  const attributes: Record<string, OnnxAttribute> = {
    kernel_shape: ints([height.size, width.size]),
    strides: ints([height.stride, width.stride]),
    pads: ints([height.before, width.before, height.after, width.after]),
  };
  if (height.dilation !== 1 || width.dilation !== 1) attributes.dilations = ints([height.dilation, width.dilation]);
  return attributes;
}

/** x [n, c, h, w] with `fill` around it, as the window sees it. */
export function padWindow(graph: Graph, x: Value, { height, width }: Window, fill = 0): Value {
  const paddings: [number, number][] = [
    [0, 0],
    [0, 0],
    [height.before, height.after],
    [width.before, width.after],
  ];
  return pad(graph, x, paddings, fill);
}

/** What the window's place (i, j) sees of the padded image, [n, c, h', w']. */
export function shifted(graph: Graph, padded: Value, { height, width }: Window, i: number, j: number): Value {
  const [n, c] = padded.shape;
  const rows = i * height.dilation;
  const columns = j * width.dilation;
  return slice(
    graph,
    padded,
    [0, 0, rows, columns],
    [n, c, rows + (height.outLength - 1) * height.stride + 1, columns + (width.outLength - 1) * width.stride + 1],
    [1, 1, height.stride, width.stride],
  );
}
