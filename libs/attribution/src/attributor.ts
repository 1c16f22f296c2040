/**
 * A model made callable: owns the compiled functions of one model, pads batches of points to a few fixed sizes and
 * cuts long ones, so that every method above it is a loop over plain arrays. Nothing here decides anything about
 * attribution.
 */
import { expectLength, InputError, internalError, sizeOf, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Compile, CompiledFunction, HostData } from '@saccade/nn';
import { compileScore, weightsOf } from './compiledScore.ts';
import type { Kind } from './compiledScore.ts';
import type { Context, DifferentiableModel } from './model.ts';
import { opsTables } from './ops/tables.ts';
import type { OpsTable, OpsTableEntry } from './ops/tables.ts';
import { scoreOf } from './targets.ts';
import type { Target } from './targets.ts';

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

/** Points on the straight line between two activations, and sums of the gradients there. */
export interface Line {
  /** Both [...shape]. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** Where the points lie: 0 is `from`, 1 is `to`. [points] */
  readonly nodes: ArrayLike<number>;
  /** One sum each: the factor of the gradient at each point, [points]. */
  readonly shares: readonly ArrayLike<number>[];
}

export interface LineGradients {
  /** The target at each point, [points]. */
  readonly scores: Float64Array;
  /** One for each row of shares: sum over points of share x d target / d activation, [...shape]. */
  readonly sums: readonly Float64Array[];
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
  /**
   * Gradients along a line, added up where they are made: neither the points nor a gradient a point leave the engine.
   * The context, where there is one, is one set for the whole line.
   */
  alongLine(line: Line, target: Target, options?: Omit<EvaluationOptions, 'baselines'>): Promise<LineGradients>;
  /** Weights of its own for each point: `weights` is [points, outputs]. */
  pullBack(points: Float32Array, weights: Float32Array, options?: EvaluationOptions): Promise<PullBack>;
  /** Releases every compiled function. */
  dispose(): void;
}

/**
 * Batches are padded to one of these; longer ones are cut. 24 holds twenty quadrature points and both ends of the path,
 * two of 26 hold fifty.
 */
export const defaultBatchSizes: readonly number[] = [1, 4, 16, 24, 26, 32];

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

  function functionFor(kind: Kind, table: OpsTable, batch: number, shares?: number): Promise<CompiledFunction> {
    if (disposed) throw internalError('an attributor was used after dispose()');
    const key = `${kind}/${table}/${batch}/${shares ?? ''}`;
    const known = compiled.get(key);
    if (known) return known;
    const made = compileScore(model, compile, { kind, table, batch, shares });
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
      if (weights) inputs['weights'] = rows(weights, weightsOf(model, kind), start, used, batch, count);
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

  async function alongLine(
    { from, to, nodes, shares }: Line,
    target: Target,
    { ops = 'plain', context: beside = {}, cancellation }: Omit<EvaluationOptions, 'baselines'> = {},
  ): Promise<LineGradients> {
    expectTarget(target);
    expectLength('alongLine', 'from', model.shape, from.length);
    expectLength('alongLine', 'to', model.shape, to.length);
    for (const row of shares) expectLength('alongLine', 'shares', [nodes.length], row.length);
    for (const [name, { shape }] of Object.entries(context)) {
      expectLength('alongLine', `context ${name}`, shape, beside[name]?.length ?? 0);
    }
    const { paired }: OpsTableEntry = opsTables[ops];
    if (paired) throw internalError(`alongLine with the paired operations ${ops}`);
    const [kind, weights] =
      target.kind === 'linear' ? ['pullBack' as const, target.weights] : [target.kind, target.mask];
    const ends = new Float32Array(2 * size);
    ends.set(from);
    ends.set(to, size);
    const sums = shares.map(() => new Float64Array(size));
    const scores = new Float64Array(nodes.length);
    let start = 0;
    for (const batch of planBatches(nodes.length, batchSizes)) {
      throwIfAborted(cancellation, 'attribution');
      const used = Math.min(batch, nodes.length - start);
      const mix = new Float32Array(batch * 2);
      const parts = new Float32Array(batch * shares.length);
      for (let k = 0; k < used; k++) {
        mix[2 * k] = 1 - nodes[start + k];
        mix[2 * k + 1] = nodes[start + k];
        shares.forEach((row, sum) => (parts[sum * batch + k] = row[start + k]));
      }
      const inputs: Record<string, HostData> = { ends, mix, shares: parts };
      // Padding has a target too: the gradient of none can be NaN, which a share of zero does not silence.
      inputs['weights'] = rows(weights, weights.length, 0, batch, batch, batch + 1);
      for (const name of Object.keys(context)) inputs[`context/${name}`] = beside[name];
      const results = await (await functionFor(kind, ops, batch, shares.length))(inputs);
      const made = results['sums'].data as Float32Array;
      expectFinite('gradients', made);
      sums.forEach((sum, row) => {
        const part = made.subarray(row * size, (row + 1) * size);
        for (let i = 0; i < size; i++) sum[i] += part[i];
      });
      const values = (results['outputs'] ?? results['scores']).data as Float32Array;
      const here = target.kind === 'linear' ? scoresOf(target, values) : values;
      scores.set(here.subarray(0, used), start);
      start += used;
    }
    return { scores, sums };
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
    alongLine,
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
