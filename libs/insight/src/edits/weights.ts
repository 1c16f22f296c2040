/**
 * Weight edits: the next layers made blind to a direction of a layer. The layer itself computes what it did; whatever
 * reads it no longer sees the direction. Understanding RL Vision (Hilton et al. 2020), model editing.
 */
import { InputError } from '@saccade/core';
import { expectLayer } from '@saccade/nn';
import type { HostTensors, Network, Policy } from '@saccade/nn';

/** Names of the kernels that read `layer`, looking through what keeps channels apart. */
function readersOf(network: Network, layer: string): { kernel: string; op: 'convolution' | 'dense' }[] {
  const carried = new Set([layer]);
  const readers: { kernel: string; op: 'convolution' | 'dense' }[] = [];
  for (const node of network.nodes) {
    if (!node.inputs.some((input) => carried.has(input))) continue;
    switch (node.op) {
      case 'convolution':
      case 'dense':
        readers.push({ kernel: node.parameters[0], op: node.op });
        break;
      case 'relu':
      case 'elementwise':
      case 'scale':
      case 'identity':
      case 'flatten':
      case 'maxPool':
      case 'averagePool':
      case 'l2Pool':
        carried.add(node.name);
        break;
      case 'add':
        throw new InputError(
          `weight edit: expected a layer that only kernels read, got ${layer}, which a residual connection carries past them`,
        );
      default:
        throw new InputError(
          `weight edit: expected a layer that only kernels read, got ${layer}, read by ${node.op} too`,
        );
    }
  }
  return readers;
}

/**
 * Multiplies every slice of the kernels that read `layer` by P = I - strength v v^T / ||v||^2 from the left. Pools
 * between are looked through: channel by channel, as the article does.
 * @param direction [channels] of the layer
 * @param strength 1 removes the direction wholly, 0 not at all
 * @throws InputError when the direction has another length or is zero, or a residual connection carries the layer on
 */
export function removeDirection(policy: Policy, layer: string, direction: ArrayLike<number>, strength = 1): Policy {
  const { network, parameters } = policy;
  expectLayer(network, layer);
  const shape = network.layerShapes[layer];
  const channels = shape[shape.length - 1];
  let squared = 0;
  for (let i = 0; i < direction.length; i++) squared += direction[i] ** 2;
  if (direction.length !== channels || !(squared > 0) || !Number.isFinite(squared)) {
    throw new InputError(
      `removeDirection: expected a direction of ${channels} channels that is not zero, got ${direction.length} of squared length ${squared}`,
    );
  }
  const edited: Record<string, HostTensors[string]> = { ...parameters };
  for (const { kernel } of readersOf(network, layer)) {
    const { shape: kernelShape, dtype, data } = edited[kernel];
    const outputs = kernelShape[kernelShape.length - 1];
    const changed = Float32Array.from(data);
    // A dense kernel after a flatten is one slice a position, channels fastest: the same layout as a convolution's.
    for (let slice = 0; slice < changed.length; slice += channels * outputs) {
      for (let o = 0; o < outputs; o++) {
        let along = 0;
        for (let c = 0; c < channels; c++) along += direction[c] * data[slice + c * outputs + o];
        for (let c = 0; c < channels; c++) {
          const at = slice + c * outputs + o;
          changed[at] = data[at] - (strength * along * direction[c]) / squared;
        }
      }
    }
    edited[kernel] = { shape: kernelShape, dtype, data: changed };
  }
  return { ...policy, parameters: edited };
}
