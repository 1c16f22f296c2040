/** Operators that slide a window over an image: convolutions and pools. */
import { sameShape } from '@saccade/core';
import type { ExplicitPadding, Padding } from '../../../ops.ts';
import { windowAxis } from '../../../shapes.ts';
import type { OperatorCall } from '../call.ts';
import type { Constant } from '../constant.ts';
import type { Activation } from '../value.ts';
import { imageInput, layer, step } from './operator.ts';
import type { Operator } from './operator.ts';

type Two = [number, number];

interface Placement {
  readonly stride: Two;
  /** Cells before and after the image, vertical and horizontal. */
  readonly around: readonly [Two, Two];
}

function two(call: OperatorCall, name: string, otherwise: Two): Two {
  const given = call.ints(name);
  if (!given) return otherwise;
  if (given.length !== 2) call.fail(`expected ${name} of two axes, got [${given.join(', ')}]`);
  return [given[0], given[1]];
}

/** Where the windows lie, all ways of saying it (auto_pad, pads, ceil_mode) brought to explicit cells. */
function place(call: OperatorCall, image: readonly number[], size: Two): Placement {
  const stride = two(call, 'strides', [1, 1]);
  const pads = call.ints('pads') ?? [0, 0, 0, 0];
  const mode = call.text('auto_pad', 'NOTSET');
  const ceil = call.int('ceil_mode', 0) === 1;
  const axis = (i: 0 | 1): Two => {
    const same = windowAxis(i, image[i], size[i], stride[i], 'same');
    if (mode === 'SAME_UPPER') return [same.before, same.after];
    if (mode === 'SAME_LOWER') return [same.after, same.before];
    if (mode === 'VALID') return [0, 0];
    if (mode !== 'NOTSET') call.fail(`expected auto_pad NOTSET, SAME_UPPER, SAME_LOWER or VALID, got ${mode}`);
    const [before, after] = [pads[i], pads[i + 2]];
    if (!ceil) return [before, after];
    let count = Math.ceil((image[i] + before + after - size[i]) / stride[i]) + 1;
    // A window that would begin in the padding behind the image is left out.
    if ((count - 1) * stride[i] >= image[i] + before) count--;
    return [before, Math.max(after, (count - 1) * stride[i] + size[i] - image[i] - before)];
  };
  return { stride, around: [axis(0), axis(1)] };
}

/** In TensorFlow.js's words: `valid` and `same` where they mean the same cells. */
function paddingOf({ stride, around }: Placement, image: readonly number[], size: Two): Padding {
  const explicit: ExplicitPadding = [[0, 0], around[0], around[1], [0, 0]];
  const means = (padding: 'valid' | 'same'): boolean =>
    ([0, 1] as const).every((i) => {
      const named = windowAxis(i, image[i], size[i], stride[i], padding);
      const given = windowAxis(i, image[i], size[i], stride[i], explicit);
      return named.before === given.before && named.after === given.after && named.outLength === given.outLength;
    });
  return means('valid') ? 'valid' : means('same') ? 'same' : explicit;
}

/**
 * ONNX's kernel [o, i / groups, h, w] as TensorFlow.js's [h, w, i, o]. Groups and dilations become zeros: one op then
 * serves every convolution, and every method's rule for it holds.
 */
function denseKernel(
  { dims, data }: Constant,
  groups: number,
  dilations: Two,
): { readonly shape: [number, number, number, number]; readonly data: Float32Array } {
  const [outputs, perGroup, height, width] = dims;
  const reach = (length: number, dilation: number): number => (length - 1) * dilation + 1;
  const inputs = perGroup * groups;
  const shape: [number, number, number, number] = [
    reach(height, dilations[0]),
    reach(width, dilations[1]),
    inputs,
    outputs,
  ];
  const kernel = new Float32Array(shape[0] * shape[1] * inputs * outputs);
  let from = 0;
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor((o * groups) / outputs) * perGroup;
    for (let i = 0; i < perGroup; i++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const cell = y * dilations[0] * shape[1] + x * dilations[1];
          kernel[(cell * inputs + first + i) * outputs + o] = data[from++];
        }
      }
    }
  }
  return { shape, data: kernel };
}

const convolution: Operator = (call) => {
  const x = imageInput(call);
  const { draft } = call;
  const weights = call.constant(1);
  const groups = call.int('group', 1);
  if (weights.dims.length !== 4 || weights.dims[0] % groups !== 0) {
    call.fail(`expected a kernel [output, input, height, width], got [${weights.dims.join(', ')}]`);
  }
  const image = draft.shapes[x.node];
  const channels = weights.dims[1] * groups;
  if (channels !== image[2]) call.fail(`expected an input of ${channels} channels, got ${image[2]}`);
  const dilations = two(call, 'dilations', [1, 1]);
  // Checked before the kernel is widened: a damaged file could otherwise ask for more memory than there is.
  if (dilations.some((dilation) => dilation < 1 || dilation > Math.max(image[0], image[1]))) {
    call.fail(`expected dilations of 1 to the image's size, got [${dilations.join(', ')}]`);
  }
  const { shape, data } = denseKernel(weights, groups, dilations);
  const bias = call.optionalConstant(2)?.data ?? new Float32Array(shape[3]);
  if (bias.length !== shape[3]) call.fail(`expected a bias of ${shape[3]} channels, got ${bias.length}`);
  const size: Two = [shape[0], shape[1]];
  const placement = place(call, image, size);
  const parameters = [
    draft.parameter(`${call.layer}/kernel`, shape, data),
    draft.parameter(`${call.layer}/bias`, [shape[3]], bias),
  ] as const;
  const attributes = { stride: placement.stride, padding: paddingOf(placement, image, size) };
  return layer(call, { op: 'convolution', parameters, attributes }, [x]);
};

function poolSize(call: OperatorCall): Two {
  const size = two(call, 'kernel_shape', [0, 0]);
  if (size[0] < 1 || size[1] < 1) call.fail('expected a kernel_shape, got none');
  if (!sameShape(two(call, 'dilations', [1, 1]), [1, 1])) call.fail('expected a window without dilations, got some');
  return size;
}

function pool(call: OperatorCall, op: 'maxPool' | 'averagePool', x: Activation, placement?: Placement): Activation {
  const size = poolSize(call);
  const image = call.draft.shapes[x.node];
  const { stride } = placement ?? place(call, image, size);
  const padding = placement ? paddingOf(placement, image, size) : 'valid';
  return layer(call, { op, attributes: { size, stride, padding } }, [x]);
}

const maxPool: Operator = (call) => {
  const x = imageInput(call);
  return pool(call, 'maxPool', x, place(call, call.draft.shapes[x.node], poolSize(call)));
};

const averagePool: Operator = (call) => {
  const x = imageInput(call);
  const placement = place(call, call.draft.shapes[x.node], poolSize(call));
  const [vertical, horizontal] = placement.around;
  const padded = [...vertical, ...horizontal].some((cells) => cells > 0);
  if (!padded || call.int('count_include_pad', 0) === 0) return pool(call, 'averagePool', x, placement);
  if (call.int('ceil_mode', 0) === 1) call.fail('expected count_include_pad without ceil_mode, got both');
  const paddings: [number, number][] = [[0, 0], vertical, horizontal, [0, 0]];
  return pool(call, 'averagePool', step(call, 'padded', { op: 'pad', paddings, value: 0 }, [x]));
};

export const windowOperators: Readonly<Record<string, Operator>> = {
  Conv: convolution,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (call) => layer(call, { op: 'mean', axes: [1, 2], keepAxes: true }, [imageInput(call)]),
};
