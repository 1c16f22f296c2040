/** What the names of an ONNX graph stand for while it is imported: constants, or activations of the network. */
import type { Constant } from './constant.ts';

/**
 * A node of the network that computes an ONNX value. Images are kept [height, width, channel] wherever the graph means
 * [channel, height, width]: `channelsLast` says that the axes of the node and those of the ONNX value differ so.
 */
export interface Activation {
  readonly kind: 'activation';
  readonly node: string;
  readonly channelsLast: boolean;
}

export type Value = Activation | Constant;

/**
 * The batch axis counts as a length that no network has: shape arithmetic then works on plain numbers, and where this
 * one comes out, the batch is meant.
 */
export const batchLength = 1_000_003;

/** Permutations between [batch, channel, height, width] and [batch, height, width, channel]. */
export const toChannelsLast: readonly number[] = [0, 2, 3, 1];
export const toChannelsFirst: readonly number[] = [0, 3, 1, 2];

/** Where axis i of an ONNX image lies when it is kept channels last. */
export const axisChannelsLast: readonly number[] = [0, 3, 1, 2];
