/**
 * What lies outside of a function that is traced: variables, and the values of tensors that it captured. TensorFlow.js
 * would let it reach both in silence, and the graph would hold for ever what they were just then.
 */
import * as tf from '@tensorflow/tfjs';
import { TraceError } from './callSite.ts';

export interface Outside {
  /** @throws TraceError when a value was asked for that only comes later (`data()`) */
  expectNothingRead(): void;
  restore(): void;
}

/** From now on variables and the values of tensors of other backends than `own` are refused. */
export function forbidOutside(own: tf.KernelBackend): Outside {
  const engine = tf.engine();
  const { makeVariable, readSync, read } = engine;
  const { assign } = tf.Variable.prototype;
  let refused: TraceError | undefined;
  engine.makeVariable = () => {
    throw new TraceError('kernel variable: expected a pure function, got a tf.variable made while it was traced');
  };
  tf.Variable.prototype.assign = function (this: tf.Variable) {
    throw new TraceError(`kernel assign: expected a pure function, got an assignment to the tf.variable ${this.name}`);
  };
  engine.readSync = function (this: typeof engine, dataId: object) {
    const error = reading('dataSync', own, dataId);
    if (error) throw error;
    return readSync.call(this, dataId);
  };
  engine.read = (dataId: object) => {
    refused ??=
      reading('data', own, dataId) ??
      new TraceError('data: expected no reading of values while a function is traced, got a read of a traced tensor');
    // Never settles: a rejection that the function does not wait for would be nobody's.
    return new Promise(() => undefined);
  };
  return {
    expectNothingRead() {
      if (refused) throw refused;
    },
    restore() {
      Object.assign(engine, { makeVariable, readSync, read });
      tf.Variable.prototype.assign = assign;
    },
  };
}

/** Why a read is refused; undefined for a tensor of the trace, of which its backend decides. */
function reading(kernel: string, own: tf.KernelBackend, dataId: object): TraceError | undefined {
  const { tensorInfo, registeredVariables } = tf.engine().state;
  const info = tensorInfo.get(dataId);
  if (info === undefined || info.backend === own) return undefined;
  const shape = `[${(info.shape ?? []).join(', ')}]`;
  const variable = Object.values(registeredVariables).find((candidate) => candidate.dataId === dataId);
  return new TraceError(
    variable === undefined
      ? `${kernel}: expected captured tensors to be declared constants, got a read of a ${info.dtype} tensor ${shape} made outside of the traced function`
      : `${kernel}: expected inputs and constants of the traced function, got a read of the tf.variable ${variable.name} ${shape}`,
  );
}
