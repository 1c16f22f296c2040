/** Which pixels a layer's position can see: what "no such object is there" has to be checked against. */
import { expectLayer, observationNode } from '@saccade/nn';
import type { Network, Padding } from '@saccade/nn';

type Pair = number | readonly [number, number];

export interface ReceptiveField {
  /** Side of the square, pixels; the whole observation after a flatten or dense layer. */
  readonly size: number;
  /** Pixels between neighbouring positions. */
  readonly stride: number;
  /** Centre of position 0, pixels from the left (top) edge; pixel 0's centre is at 0. */
  readonly centre: number;
}

type Field = ReceptiveField & { readonly length: number };

/** The vertical half of a pair; networks here are square. */
const vertical = (pair: Pair): number => (typeof pair === 'number' ? pair : pair[0]);

function slide({ size, stride, centre, length }: Field, window: number, step: number, padding: Padding): Field {
  const added =
    padding === 'same'
      ? Math.max(0, (Math.ceil(length / step) - 1) * step + window - length)
      : padding === 'valid'
        ? 0
        : padding[1][0] + padding[1][1];
  // Same padding puts the odd cell after, as TensorFlow does.
  const before = padding === 'same' || padding === 'valid' ? Math.floor(added / 2) : padding[1][0];
  return {
    size: size + (window - 1) * stride,
    stride: stride * step,
    centre: centre + ((window - 1) / 2 - before) * stride,
    length: Math.floor((length + added - window) / step) + 1,
  };
}

/** Along one axis, from the nodes; the whole observation from where a network mixes all positions. */
export function receptiveField(network: Network, layer: string): ReceptiveField {
  expectLayer(network, layer);
  const side = network.observationShape[0];
  const whole: Field = { size: side, stride: 0, centre: (side - 1) / 2, length: 1 };
  const fields = new Map<string, Field>([[observationNode, { size: 1, stride: 1, centre: 0, length: side }]]);
  for (const node of network.nodes) {
    const inputs = node.inputs.map((name) => fields.get(name) ?? whole);
    let field = inputs.reduce((a, b) => (b.size > a.size ? b : a));
    switch (node.op) {
      case 'convolution':
        field = slide(
          field,
          network.parameters[node.parameters[0]].shape[0],
          vertical(node.attributes.stride),
          node.attributes.padding,
        );
        break;
      case 'maxPool':
      case 'averagePool':
      case 'l2Pool':
        field = slide(field, vertical(node.attributes.size), vertical(node.attributes.stride), node.attributes.padding);
        break;
      case 'relu':
      case 'elementwise':
      case 'affine':
      case 'scale':
      case 'identity':
      case 'add':
      case 'multiply':
        break;
      default:
        field = whole;
    }
    fields.set(node.name, field);
    if (node.name === layer) break;
  }
  const { size, stride, centre } = fields.get(layer) ?? whole;
  return { size, stride, centre };
}
