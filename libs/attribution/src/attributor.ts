/**
 * A model made callable: owns the compiled functions of one model, pads batches of points to a few fixed sizes and
 * cuts long ones, so that every method above it is a loop over plain arrays. Nothing here decides anything about
 * attribution.
 */
import * as tf from '@tensorflow/tfjs';
import { expectLength, InputError, internalError, sizeOf, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Compile, CompiledFunction, HostData, Tensors, TensorSpec } from '@saccade/nn';
import type { Context, DifferentiableModel } from './model.ts';
import { opsTables } from './ops/tables.ts';
import type { OpsTable, OpsTableEntry } from './ops/tables.ts';
import { nonlinearScore, scoreOf } from './targets.ts';
import type { NonlinearTarget, Target } from './targets.ts';

export interface EvaluationOptions {
  /** Which operations the network computes with; `plain` by default. */
  readonly ops?: OpsTable;
  /** What each point is compared with, for tables that do: one activation for all, or one a point. Zero by default. */
  readonly baselines?: Float32Array;
  /** What bypasses the layer: one set for all points, or one a point. Needed when the model has a context. */
  readonly context?: Context;
  readonly cancellation?: Cancellation;
}

export interface Gradients {
  /** The target at each point, [points]. */
  readonly scores: Float64Array;
  /** d target / d activation at each point, [points, ...shape]. */
  readonly gradients: Float32Array;
}

export interface PullBack {
  /** [points, outputs]. */
  readonly outputs: Float32Array;
  /** Sum over outputs of weight x d output / d activation, [points, ...shape]. */
  readonly gradients: Float32Array;
}

/** Every `points` is [points, ...model.shape], row-major. Throws an InputError where a result is not finite. */
export interface Attributor {
  readonly model: DifferentiableModel;
  /** Length of one activation. */
  readonly size: number;
  /** Points that one call of the engine holds: longer requests are better made in pieces, to bound their memory. */
  readonly largestBatch: number;
  /** [points, outputs]. */
  outputs(points: Float32Array, options?: EvaluationOptions): Promise<Float32Array>;
  /** The target at each point, [points]. */
  scores(points: Float32Array, target: Target, options?: EvaluationOptions): Promise<Float64Array>;
  gradients(points: Float32Array, target: Target, options?: EvaluationOptions): Promise<Gradients>;
  /** Weights of its own for each point: `weights` is [points, outputs]. */
  pullBack(points: Float32Array, weights: Float32Array, options?: EvaluationOptions): Promise<PullBack>;
  /** Releases every compiled function. */
  dispose(): void;
}

/** Batches are padded to one of these; longer ones are cut. 24 holds twenty quadrature points and both ends of the path. */
export const defaultBatchSizes: readonly number[] = [1, 4, 16, 24, 32];

type Kind = 'outputs' | 'pullBack' | NonlinearTarget['kind'];

/** What a call of an engine costs beside its points, in points. */
const callCost = 2;

/** Sizes of the batches that `count` points take together: the fewest points computed, calls counted in. */
export function planBatches(count: number, sizes: readonly number[]): number[] {
  const largest = Math.max(...sizes);
  const plan = new Array<number>(Math.max(0, Math.floor(count / largest) - 1)).fill(largest);
  const rest = count - plan.length * largest;
  const costs = new Float64Array(rest + 1);
  const first = new Int32Array(rest + 1);
  for (let left = 1; left <= rest; left++) {
    costs[left] = Infinity;
    for (const size of sizes) {
      const cost = size + callCost + costs[Math.max(0, left - size)];
      if (cost < costs[left] || (cost === costs[left] && size > first[left])) [costs[left], first[left]] = [cost, size];
    }
  }
  for (let left = rest; left > 0; left -= first[left]) plan.push(first[left]);
  return plan;
}

/** `count` rows of `source` from `start`, padded with zeros to `batch` rows. One row alone is repeated for all. */
function rows(source: Float32Array, width: number, start: number, count: number, batch: number, all: number): HostData {
  if (source.length === width && all !== 1) {
    const repeated = new Float32Array(batch * width);
    for (let row = 0; row < count; row++) repeated.set(source, row * width);
    return repeated;
  }
  const part = source.subarray(start * width, (start + count) * width);
  if (count === batch) return part;
  const padded = new Float32Array(batch * width);
  padded.set(part);
  return padded;
}

function expectFinite(what: string, values: Float32Array): void {
  // A sum is not finite as soon as one element is not; elements are looked at only then (a sum can also overflow).
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  if (Number.isFinite(sum)) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at !== -1) throw new InputError(`attribution: expected finite ${what}, got ${values[at]} at element ${at}`);
}

/**
 * @param batchSizes how many points one call of a compiled function may hold; memory grows with the largest
 */
export function createAttributor(
  model: DifferentiableModel,
  compile: Compile,
  { batchSizes = defaultBatchSizes }: { readonly batchSizes?: readonly number[] } = {},
): Attributor {
  const size = sizeOf(model.shape);
  const context = model.context ?? {};
  const zeros = new Float32Array(size);
  const compiled = new Map<string, Promise<CompiledFunction>>();
  let disposed = false;

  const widthOf = (kind: Kind): number => (kind === 'pullBack' ? model.outputs : model.logits);

  function compileFor(kind: Kind, table: OpsTable, batch: number): Promise<CompiledFunction> {
    const { ops, paired, finish }: OpsTableEntry = opsTables[table];
    const inputs: Record<string, TensorSpec> = { points: { shape: [batch, ...model.shape], dtype: 'float32' } };
    if (kind !== 'outputs') inputs['weights'] = { shape: [batch, widthOf(kind)], dtype: 'float32' };
    if (paired) inputs['baselines'] = inputs['points'];
    for (const [name, { shape, dtype }] of Object.entries(context)) {
      inputs[`context/${name}`] = { shape: [batch, ...shape], dtype };
    }
    return compile(
      (tensors, constants): Tensors => {
        const double = (x: tf.Tensor): tf.Tensor => (paired ? tf.concat([x, x], 0) : x);
        const beside = Object.fromEntries(
          Object.keys(context).map((name) => [name, double(tensors[`context/${name}`])]),
        );
        const outputsOf = (points: tf.Tensor): tf.Tensor2D => {
          const outputs = model.score(points, ops, constants, beside);
          return finish ? (finish(outputs) as tf.Tensor2D) : outputs;
        };
        const points = paired ? tf.concat([tensors['points'], tensors['baselines']], 0) : tensors['points'];
        const first = (x: tf.Tensor): tf.Tensor =>
          paired
            ? tf.slice(
                x,
                x.shape.map(() => 0),
                [batch, ...x.shape.slice(1)],
              )
            : x;
        if (kind === 'outputs') return { outputs: first(outputsOf(points)) };
        const weights = double(tensors['weights']) as tf.Tensor2D;
        if (kind === 'pullBack') {
          const { value, grad } = tf.valueAndGrad(outputsOf)(points, weights);
          return { outputs: first(value), gradients: first(grad) };
        }
        const score = (x: tf.Tensor): tf.Tensor => nonlinearScore(kind, outputsOf(x), weights);
        const { value, grad } = tf.valueAndGrad(score)(points);
        return { scores: first(value), gradients: first(grad) };
      },
      { inputs, constants: model.constants },
    );
  }

  function functionFor(kind: Kind, table: OpsTable, batch: number): Promise<CompiledFunction> {
    if (disposed) throw internalError('an attributor was used after dispose()');
    const key = `${kind}/${table}/${batch}`;
    const known = compiled.get(key);
    if (known) return known;
    const made = compileFor(kind, table, batch);
    compiled.set(key, made);
    return made;
  }

  function countPoints(points: Float32Array): number {
    if (points.length === 0 || points.length % size !== 0) {
      throw new InputError(
        `attribution: expected points [any, ${model.shape.join(', ')}], got ${points.length} values, not a multiple of ${size}`,
      );
    }
    return points.length / size;
  }

  function expectContext(given: Context, count: number): void {
    for (const [name, { shape }] of Object.entries(context)) {
      const values = given[name];
      const width = sizeOf(shape);
      if (!values) throw new InputError(`attribution: expected a context ${name} [${shape.join(', ')}], got none`);
      if (values.length !== width) expectLength('attribution', `context ${name}`, [count, ...shape], values.length);
    }
  }

  /** Runs `kind` over all points in batches and joins what each returns; `parts` are the widths of the outputs. */
  async function run<Part extends string>(
    kind: Kind,
    points: Float32Array,
    weights: Float32Array | undefined,
    parts: Readonly<Record<Part, number>>,
    { ops = 'plain', context: beside = {}, baselines = zeros, cancellation }: EvaluationOptions,
  ): Promise<Record<Part, Float32Array>> {
    const count = countPoints(points);
    expectContext(beside, count);
    const { paired }: OpsTableEntry = opsTables[ops];
    if (paired && baselines.length !== size) {
      expectLength('attribution', 'baselines', [count, ...model.shape], baselines.length);
    }
    const names = Object.keys(parts) as Part[];
    const plan = planBatches(count, batchSizes);
    const joined = {} as Record<Part, Float32Array>;
    let start = 0;
    for (const batch of plan) {
      throwIfAborted(cancellation, 'attribution');
      const used = Math.min(batch, count - start);
      const inputs: Record<string, HostData> = { points: rows(points, size, start, used, batch, 1) };
      if (weights) inputs['weights'] = rows(weights, widthOf(kind), start, used, batch, count);
      if (paired) inputs['baselines'] = rows(baselines, size, start, used, batch, count);
      for (const [name, { shape }] of Object.entries(context)) {
        inputs[`context/${name}`] = rows(beside[name], sizeOf(shape), start, used, batch, count);
      }
      const fn = await functionFor(kind, ops, batch);
      const results = await fn(inputs);
      for (const name of names) {
        const data = results[name].data as Float32Array;
        const part = data.subarray(0, used * parts[name]);
        if (plan.length === 1) joined[name] = part;
        else (joined[name] ??= new Float32Array(count * parts[name])).set(part, start * parts[name]);
      }
      start += used;
    }
    for (const name of names) expectFinite(name, joined[name]);
    return joined;
  }

  async function gradients(points: Float32Array, target: Target, options: EvaluationOptions = {}): Promise<Gradients> {
    expectTarget(target);
    if (target.kind !== 'linear') {
      const result = await run(target.kind, points, target.mask, { scores: 1, gradients: size }, options);
      return { scores: Float64Array.from(result.scores), gradients: result.gradients };
    }
    const widths = { outputs: model.outputs, gradients: size };
    const result = await run('pullBack', points, target.weights, widths, options);
    return { scores: scoresOf(target, result.outputs), gradients: result.gradients };
  }

  function scoresOf(target: Target, outputs: Float32Array): Float64Array {
    const scores = new Float64Array(outputs.length / model.outputs);
    for (let i = 0; i < scores.length; i++) scores[i] = scoreOf(target, outputs, i * model.outputs);
    return scores;
  }

  function expectTarget(target: Target): void {
    const [got, expected] =
      target.kind === 'linear' ? [target.weights.length, model.outputs] : [target.mask.length, model.logits];
    if (got !== expected) {
      throw new InputError(`attribution: expected a ${target.kind} target over ${expected} outputs, got ${got}`);
    }
  }

  return {
    model,
    size,
    largestBatch: Math.max(...batchSizes),
    async outputs(points, options = {}) {
      return (await run('outputs', points, undefined, { outputs: model.outputs }, options)).outputs;
    },
    async scores(points, target, options = {}) {
      expectTarget(target);
      const { outputs } = await run('outputs', points, undefined, { outputs: model.outputs }, options);
      return scoresOf(target, outputs);
    },
    gradients,
    async pullBack(points, weights, options = {}) {
      expectLength('pullBack', 'weights', [countPoints(points), model.outputs], weights.length);
      return run('pullBack', points, weights, { outputs: model.outputs, gradients: size }, options);
    },
    dispose() {
      disposed = true;
      for (const made of compiled.values()) void made.then((fn) => fn.dispose()).catch(() => undefined);
      compiled.clear();
    },
  };
}
