/**
 * An ONNX graph as a policy like our own: nodes over the table of ops, so that every attribution method works on it.
 * Its layers are the graph's nodes, by name; images are kept [height, width, channel] whatever the graph's order.
 */
import { InputError, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { observationNode } from '../../network.ts';
import type { Network } from '../../network.ts';
import type { Policy } from '../../policy.ts';
import { decodeOnnx } from '../decode.ts';
import type { OnnxModel, OnnxNode } from '../model.ts';
import { OperatorCall } from './call.ts';
import { constantFrom, constantOf } from './constant.ts';
import { declarationIn } from './declaration.ts';
import type { OnnxDeclaration } from './declaration.ts';
import { Draft } from './draft.ts';
import { fold } from './folding.ts';
import { consumersOf, feedsSpatial, observationInput } from './layout.ts';
import type { ObservationInput } from './layout.ts';
import { operators } from './operators/index.ts';
import { outputNames, valueComesFirst } from './outputs.ts';
import type { OutputNames } from './outputs.ts';
import { batchLength } from './value.ts';
import type { Activation, Value } from './value.ts';

/** Operators that can be imported, for documentation and messages. */
export const onnxOperators: readonly string[] = [...new Set([...Object.keys(operators), 'Constant', 'Shape'])].sort();

/** What other files begin with, so that the error can say what to do. */
const foreign: readonly (readonly [signature: readonly number[], what: string])[] = [
  [
    [0x50, 0x4b, 0x03, 0x04],
    'a zip archive (a PyTorch or Stable-Baselines3 checkpoint? export it with torch.onnx.export)',
  ],
  [[0x80, 0x02], 'a Python pickle (a PyTorch checkpoint? export it with torch.onnx.export)'],
  [[0x89, 0x48, 0x44, 0x46], 'an HDF5 file (a Keras model? convert it with tf2onnx)'],
  [[0x93, 0x4e, 0x55, 0x4d], 'a NumPy array'],
];

function readModel(bytes: Uint8Array, file: string): OnnxModel {
  const known = foreign.find(([signature]) => signature.every((byte, i) => bytes[i] === byte));
  if (known) throw new InputError(`${file}: expected an ONNX model, got ${known[1]}`);
  try {
    // A plain view: slices of a Node Buffer would share its memory.
    return decodeOnnx(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    throw error instanceof InputError
      ? new InputError(`${file}: ${error.message.replace(/^decodeOnnx: /, '')}`)
      : error;
  }
}

/** The `input` layer: the observation as the graph is given it. */
function addInput(
  draft: Draft,
  { observationShape, dims, channelsFirst }: ObservationInput,
  declared: OnnxDeclaration,
  file: string,
): Activation {
  const { scale = 1, offset = 0 } = declared;
  const channels = observationShape[observationShape.length - 1];
  const perChannel = (what: string, value: number | readonly number[]): readonly number[] => {
    const list = typeof value === 'number' ? [value] : value;
    if (list.length !== 1 && list.length !== channels) {
      throw new InputError(`${file}: expected ${what} as one number or ${channels}, got ${list.length}`);
    }
    return list;
  };
  const [factors, shifts] = [perChannel('scale', scale), perChannel('offset', offset)];
  if (factors.length === 1 && shifts.length === 1 && shifts[0] === 0) {
    draft.add('input', { op: 'scale', factor: factors[0] }, [observationNode]);
  } else {
    const shapeOf = (list: readonly number[]): Shape => (list.length === 1 ? [] : [channels]);
    const parameters = [
      draft.parameter('input/scale', shapeOf(factors), factors),
      draft.parameter('input/shift', shapeOf(shifts), shifts),
    ] as const;
    draft.add('input', { op: 'affine', parameters }, [observationNode]);
  }
  if (channelsFirst || dims.length === observationShape.length)
    return { kind: 'activation', node: 'input', channelsLast: channelsFirst };
  return {
    kind: 'activation',
    node: draft.add(draft.freeName('input:reshaped'), { op: 'reshape', shape: dims }, ['input']),
    channelsLast: false,
  };
}

/** The nodes that the outputs need, in the graph's order. */
function neededNodes({ graph }: OnnxModel, { logits, value }: OutputNames): OnnxNode[] {
  const needed = new Set([logits, ...(value === undefined ? [] : [value])]);
  const kept: OnnxNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    node.inputs.forEach((input) => needed.add(input));
    kept.push(node);
  }
  return kept.reverse();
}

/** Adds what one node computes; returns undefined where it was folded into a constant. */
function importNode(call: OperatorCall): Value {
  const { node, inputs, draft } = call;
  if (node.domain !== '') call.fail(`operators of ${node.domain} are not supported`);
  const [first] = inputs;
  if (node.opType === 'Shape' && first?.kind === 'activation') {
    const dims = [batchLength, ...draft.dims(first)];
    const end = call.int('end', dims.length);
    const cut = dims.slice(call.int('start', 0), end);
    return constantOf([cut.length], cut);
  }
  if (inputs.every((input) => input === undefined || input.kind === 'constant')) {
    const constants = inputs.flatMap((input) => (input?.kind === 'constant' ? [input] : []));
    return fold(call, constants);
  }
  if (!Object.hasOwn(operators, node.opType)) {
    call.fail(`this operator is not supported (${onnxOperators.join(', ')} are)`);
  }
  try {
    return operators[node.opType](call);
  } catch (error) {
    // Shapes that do not fit are found below, where neither file nor operator is known.
    const problem = error instanceof InputError ? /^node .+?: (expected .*)$/s.exec(error.message)?.[1] : undefined;
    return problem === undefined ? rethrow(error) : call.fail(problem);
  }
}

function rethrow(error: unknown): never {
  throw error;
}

interface Heads {
  readonly logits: string;
  readonly value: string;
  readonly actions: number;
}

/** The nodes of logits [actions] and value, cut out of one output or chosen among two. */
function addHeads(
  draft: Draft,
  values: ReadonlyMap<string, Value>,
  names: ReturnType<typeof outputNames>,
  declared: OnnxDeclaration,
  file: string,
): Heads {
  const activationOf = (name: string): string => {
    const value = values.get(name);
    if (value?.kind === 'activation') return value.node;
    throw new InputError(
      `${file}: expected output ${name} to depend on the observation, got ${value ? 'a constant' : 'none'}`,
    );
  };
  const shapeOf = (name: string): Shape => draft.shapes[activationOf(name)];
  const row = (name: string): number => {
    const shape = shapeOf(name);
    if (shape.length === 1) return shape[0];
    throw new InputError(`${file}: expected output ${name} [batch, logits], got [batch, ${shape.join(', ')}]`);
  };
  const slice = (wanted: string, from: string, start: number, size: number): string =>
    draft.add(draft.freeName(wanted), { op: 'slice', axis: 1, start, size }, [from]);

  const { value, ordered } = names;
  if (value !== undefined) {
    const single = (name: string): boolean => sizeOf(shapeOf(name)) === 1;
    const swapped =
      !ordered &&
      (single(names.logits) === single(value) ? valueComesFirst(names.logits, value) : single(names.logits));
    const [actor, critic] = swapped ? [value, names.logits] : [names.logits, value];
    if (!single(critic)) {
      throw new InputError(
        `${file}: expected one of the outputs ${actor} and ${critic} to be a value [batch, 1], got [batch, ${shapeOf(actor).join(', ')}] and [batch, ${shapeOf(critic).join(', ')}]`,
      );
    }
    return { logits: activationOf(actor), value: activationOf(critic), actions: row(actor) };
  }
  const all = row(names.logits);
  const node = activationOf(names.logits);
  if (declared.value === null) {
    const nothing = draft.add(draft.freeName('value'), { op: 'scale', factor: 0 }, [slice('value:none', node, 0, 1)]);
    return { logits: node, value: nothing, actions: all };
  }
  if (all < 2)
    throw new InputError(`${file}: expected logits and a value in output ${names.logits}, got ${all} number`);
  return {
    logits: slice('logits', node, 0, all - 1),
    value: slice('value', node, all - 1, 1),
    actions: all - 1,
  };
}

function actionNames(declared: OnnxDeclaration, count: number, file: string): readonly string[] {
  const { actions = Array.from({ length: count }, (_, i) => `action-${i}`) } = declared;
  if (actions.length !== count) {
    const hint = actions.length === count + 1 ? ' and a value; if the graph has no value, declare value: null' : '';
    throw new InputError(`${file}: expected ${count} actions for ${count} logits${hint}, got ${actions.length}`);
  }
  return actions;
}

/**
 * @param bytes an ONNX file
 * @param declaration what is known beyond the file; wins over what its metadata declares
 * @param file what to call it in errors
 * @throws InputError when the file is truncated or foreign, when an operator is not supported (named, with its node),
 *   when shapes do not fit, or when input and outputs cannot be told apart without a declaration
 */
export function policyFromOnnx(bytes: Uint8Array, declaration: OnnxDeclaration = {}, file = 'policy'): Policy {
  const model = readModel(bytes, file);
  const { graph } = model;
  const opset = model.opsets[''];
  if (opset === undefined)
    throw new InputError(`${file}: expected an ONNX model with its operator set, got none: it is truncated or foreign`);
  const given = Object.fromEntries(Object.entries(declaration).filter(([, value]) => value !== undefined));
  const declared: OnnxDeclaration = { ...declarationIn(model.metadata, file), ...given };
  const input = observationInput(graph, declared, file);
  const names = outputNames(graph, declared, file);

  const draft = new Draft(input.observationShape);
  const values = new Map<string, Value>(graph.initializers.map((tensor) => [tensor.name, constantFrom(tensor, file)]));
  values.set(input.info.name, addInput(draft, input, declared, file));
  const consumers = consumersOf(graph);
  const layers = ['input'];
  for (const node of neededNodes(model, names)) {
    const [output] = node.outputs;
    const layer = [node.name, output].find((name) => name !== '' && !(name in draft.shapes)) ?? draft.freeName(output);
    const inputs = node.inputs.map((name) => {
      if (name === '') return undefined;
      const value = values.get(name);
      if (!value)
        throw new InputError(
          `${file}: ${node.opType} ${layer}: expected its input ${name} to be computed before, got none`,
        );
      return value;
    });
    const spatial = node.outputs.some((name) => feedsSpatial(name, consumers));
    const value = importNode(new OperatorCall(file, node, layer, inputs, opset, draft, spatial, input.fixedBatch));
    values.set(output, value);
    if (value.kind === 'activation') layers.push(layer);
  }

  const { logits, value, actions } = addHeads(draft, values, names, declared, file);
  const network: Network = {
    architecture: 'onnx',
    observationShape: input.observationShape,
    actions,
    nodes: draft.nodes,
    parameters: draft.specs,
    layers,
    layerShapes: Object.fromEntries(layers.map((layer) => [layer, draft.shapes[layer]])),
    logits,
    value,
  };
  const { scale = 1, offset = 0 } = declared;
  return {
    network,
    parameters: draft.tensors,
    actions: actionNames(declared, actions, file),
    training: {
      onnx: {
        producer: model.producer,
        opset,
        input: {
          name: input.info.name,
          type: input.info.type,
          layout: input.channelsFirst ? 'nchw' : 'nhwc',
          scale,
          offset,
        },
      },
    },
  };
}
