/** A case for each kernel of convolutions, pools, resizing and products. */
import * as tf from '@tensorflow/tfjs';
import { between, coarse } from '../support.ts';
import { choose, distinct, eitherOrder, floats, shape, within } from './draw.ts';
import type { Case, Draw, KernelCase, KernelCases } from './draw.ts';

type Explicit = [[number, number], [number, number], [number, number], [number, number]];

interface Slide {
  readonly dims: readonly [number, number, number, number];
  readonly size: [number, number];
  readonly stride: [number, number];
  readonly pad: 'same' | 'valid' | Explicit;
}

/** A window of its own size and stride on each axis, with every way of padding. */
function slide(draw: Draw, most = 4): Slide {
  const size: [number, number] = [within(draw, 1, most), within(draw, 1, most)];
  const stride: [number, number] = [within(draw, 1, 3), within(draw, 1, 3)];
  const dims = [2, within(draw, 4, 9), within(draw, 4, 9), choose(draw, [1, 3, 9])] as const;
  const around = (axis: number): [number, number] => [within(draw, 0, size[axis] - 1), within(draw, 0, size[axis] - 1)];
  const explicit: Explicit = [[0, 0], around(0), around(1), [0, 0]];
  return { dims, size, stride, pad: choose<Slide['pad']>(draw, ['same', 'valid', explicit]) };
}

const image = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

function convolution(
  along: readonly string[],
  f: (drawn: Slide & { outputs: number }) => Case['f'],
  depthwise = false,
): KernelCase {
  return {
    draw(draw) {
      const drawn = slide(draw);
      const outputs = within(draw, 1, 3);
      const ordered = eitherOrder(draw);
      const of = f({ ...drawn, outputs });
      return {
        inputs: {
          x: floats(draw, drawn.dims),
          w: floats(draw, [...drawn.size, drawn.dims[3], outputs]),
          bias: floats(draw, [depthwise ? drawn.dims[3] * outputs : outputs]),
          alpha: between(floats(draw, [depthwise ? drawn.dims[3] * outputs : outputs]), 0.1, 0.5),
        },
        f: (inputs) => of({ ...inputs, x: ordered(inputs.x) }),
        along,
      };
    },
  };
}

const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

/** Results of one activation each. */
function activated(make: (activation: (typeof activations)[number]) => tf.Tensor): Record<string, tf.Tensor> {
  return Object.fromEntries(activations.map((activation) => [activation, make(activation)] as const));
}

type Pool = (x: tf.Tensor4D, size: [number, number], stride: [number, number], pad: Slide['pad']) => tf.Tensor4D;

function pool(op: Pool): KernelCase {
  return {
    draw(draw) {
      const { dims, size, stride, pad } = slide(draw, 3);
      const ordered = eitherOrder(draw);
      return {
        inputs: { x: distinct(draw, dims), t: coarse(floats(draw, dims), 1) },
        f: ({ x, t }) => ({
          y: op(image(ordered(x)), size, stride, pad),
          ties: op(image(ordered(t)), size, stride, pad),
        }),
        along: ['x'],
      };
    },
  };
}

/** The slopes of a pool's squares; several windows may share a cell, and several cells a window's maximum. */
function poolSlope(op: Pool, padded: boolean): KernelCase {
  return {
    draw(draw) {
      const { dims, size, stride, pad } = slide(draw, 3);
      const ordered = eitherOrder(draw);
      const slope = (x: tf.Tensor): tf.Tensor =>
        tf.grad((z) => tf.sum(tf.square(op(image(ordered(z)), size, stride, padded ? pad : 'valid'))))(x);
      return {
        inputs: { x: floats(draw, dims), t: coarse(floats(draw, dims), 1) },
        f: ({ x, t }) => ({ y: slope(x), ties: slope(t) }),
      };
    },
  };
}

type Resize = (x: tf.Tensor4D, size: [number, number], align: boolean, centred?: boolean) => tf.Tensor4D;

function resize(op: Resize, slopeOnly = false, batch = 2): KernelCase {
  return {
    draw(draw) {
      const [h, w] = [within(draw, 2, 7), within(draw, 2, 7)];
      // TensorFlow.js's plain slope exchanges the sides of an image.
      const dims = [batch, h, slopeOnly ? h : w, 2];
      const to: [number, number] = [within(draw, 2, 7), within(draw, 2, 7)];
      const align = choose(draw, [true, false]);
      const centred = !align && choose(draw, [true, false]);
      const ordered = eitherOrder(draw);
      const slope = (x: tf.Tensor): tf.Tensor => tf.grad((z) => tf.sum(tf.square(op(image(ordered(z)), to, align))))(x);
      const results: Case['f'] = ({ x }) => ({
        y: op(image(ordered(x)), to, align),
        centred: op(image(x), to, align, centred),
      });
      return { inputs: { x: floats(draw, dims) }, f: slopeOnly ? ({ x }) => ({ y: slope(x) }) : results };
    },
  };
}

function product(f: (ta: boolean, tb: boolean) => Case['f']): KernelCase {
  return {
    draw(draw) {
      const batch = shape(draw, 0, 2, 3);
      const [m, k, n] = shape(draw, 3, 3);
      const [ta, tb] = [choose(draw, [true, false]), choose(draw, [true, false])];
      return {
        inputs: {
          a: floats(draw, [...batch, ...(ta ? [k, m] : [m, k])]),
          b: floats(draw, [...batch, ...(tb ? [n, k] : [k, n])]),
          bias: floats(draw, [n]),
          alpha: between(floats(draw, [n]), 0.1, 0.5),
        },
        f: f(ta, tb),
        along: ['a', 'b'],
      };
    },
  };
}

export const imageCases: KernelCases = {
  Conv2D: convolution(['x', 'w', 'bias'], ({ stride, pad }) => ({ x, w, bias }) => ({
    y: tf.add(tf.conv2d(image(x), image(w), stride, pad), bias),
    // Only one of the two may be above one.
    dilated: tf.conv2d(image(x), image(w), 1, 'same', 'NHWC', stride),
  })),
  Conv2DBackpropInput: convolution(['x', 'w', 'bias'], ({ dims, size, stride, outputs }) => ({ w, x, bias }) => {
    // The transposed convolution gives an image of [height, width, input channels] back.
    const rows = (axis: 0 | 1): number => (dims[axis + 1] - 1) * stride[axis] + size[axis];
    const from = tf.tile(tf.slice(x, [0, 0, 0, 0], [2, dims[1], dims[2], 1]), [1, 1, 1, outputs]);
    const shape: [number, number, number, number] = [2, rows(0), rows(1), dims[3]];
    const spread = tf.conv2dTranspose(image(tf.mul(from, bias)), image(w), shape, stride, 'valid');
    return { y: spread };
  }),
  Conv2DBackpropFilter: convolution([], ({ stride, pad }) => ({ x, w }) => ({
    y: tf.grad((v) => tf.sum(tf.square(tf.conv2d(image(x), image(v), stride, pad))))(w),
  })),
  DepthwiseConv2dNative: convolution(
    ['x', 'w', 'bias'],
    ({ stride, pad }) =>
      ({ x, w, bias }) => ({
        y: tf.add(tf.depthwiseConv2d(image(x), image(w), stride[0], pad as 'same'), bias),
        dilated: tf.depthwiseConv2d(image(x), image(w), 1, 'same', 'NHWC', stride),
      }),
    true,
  ),
  DepthwiseConv2dNativeBackpropInput: convolution(
    [],
    ({ stride, pad }) =>
      ({ x, w }) => ({
        y: tf.grad((z) => tf.sum(tf.square(tf.depthwiseConv2d(image(z), image(w), stride[0], pad as 'same'))))(x),
      }),
    true,
  ),
  DepthwiseConv2dNativeBackpropFilter: convolution(
    [],
    ({ stride, pad }) =>
      ({ x, w }) => ({
        y: tf.grad((v) => tf.sum(tf.square(tf.depthwiseConv2d(image(x), image(v), stride[0], pad as 'same'))))(w),
      }),
    true,
  ),
  FusedConv2D: convolution([], ({ stride, pad }) => ({ x, w, bias, alpha }) => {
    const options = { x: image(x), filter: image(w), strides: stride, bias, leakyreluAlpha: 0.3 };
    const preluActivationWeights = alpha;
    return activated((activation) =>
      tf.fused.conv2d({ ...options, pad: pad as 'same', activation, preluActivationWeights }),
    );
  }),
  FusedDepthwiseConv2D: convolution(
    [],
    ({ stride, pad }) =>
      ({ x, w, bias, alpha }) => {
        const options = { x: image(x), filter: image(w), strides: stride[0], bias, leakyreluAlpha: 0.3 };
        const preluActivationWeights = alpha;
        return activated((activation) =>
          tf.fused.depthwiseConv2d({ ...options, pad: pad as 'same', activation, preluActivationWeights }),
        );
      },
    true,
  ),
  MaxPool: pool((x, size, stride, pad) => tf.maxPool(x, size, stride, pad)),
  AvgPool: pool((x, size, stride, pad) => tf.avgPool(x, size, stride, pad)),
  MaxPoolGrad: poolSlope((x, size, stride, pad) => tf.maxPool(x, size, stride, pad), true),
  // TensorFlow.js's plain kernel counts padding that its pool does not: with padding, AvgPool's slope stands for it.
  AvgPoolGrad: poolSlope((x, size, stride, pad) => tf.avgPool(x, size, stride, pad), false),
  ResizeBilinear: resize((x, to, align, centred) => tf.image.resizeBilinear(x, to, align, centred)),
  ResizeNearestNeighbor: resize((x, to, align, centred) => tf.image.resizeNearestNeighbor(x, to, align, centred)),
  ResizeBilinearGrad: resize((x, to, align) => tf.image.resizeBilinear(x, to, align), true),
  // TensorFlow.js's plain slope looks for all but the first image of a batch in the wrong place.
  ResizeNearestNeighborGrad: resize((x, to, align) => tf.image.resizeNearestNeighbor(x, to, align), true, 1),
  BatchMatMul: product((ta, tb) => ({ a, b }) => ({ y: tf.matMul(a, b, ta, tb) })),
  _FusedMatMul: product(
    (transposeA, transposeB) =>
      ({ a, b, bias, alpha }) =>
        activated((activation) =>
          tf.fused.matMul({
            a,
            b,
            transposeA,
            transposeB,
            bias,
            activation,
            preluActivationWeights: alpha,
            leakyreluAlpha: 0.3,
          }),
        ),
  ),
};
