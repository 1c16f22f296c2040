/** The default `Compile`: no compilation, TensorFlow.js runs the function eagerly on whichever backend the app chose. */
import * as tf from '@tensorflow/tfjs';
import { expectLength, InputError, internalError } from '@saccade/core';
import type { Compile, HostData, HostTensor, Tensors, TensorSpec } from './compile.ts';

function upload({ shape, dtype }: TensorSpec, data: HostData): tf.Tensor {
  const values = dtype === 'uint8' ? Float32Array.from(data) : data;
  return tf.tensor(values, [...shape], dtype === 'uint8' ? 'float32' : dtype);
}

async function download(tensor: tf.Tensor): Promise<HostTensor> {
  const data = (await tensor.data()) as HostData;
  const dtype = tensor.dtype === 'int32' || tensor.dtype === 'bool' ? tensor.dtype : 'float32';
  return { shape: [...tensor.shape], dtype, data: data.slice() };
}

export const eagerCompile: Compile = (fn, signature) => {
  const constants: Tensors = Object.fromEntries(
    Object.entries(signature.constants ?? {}).map(([name, tensor]) => [name, tf.keep(upload(tensor, tensor.data))]),
  );
  let disposed = false;
  const compiled = async (inputs: Readonly<Record<string, HostData>>): Promise<Record<string, HostTensor>> => {
    if (disposed) throw internalError('a compiled function was called after dispose()');
    const outputs = tf.tidy(() => {
      const tensors = Object.fromEntries(
        Object.entries(signature.inputs).map(([name, spec]) => {
          const data = inputs[name];
          if (!data)
            throw new InputError(`compiled function: expected an input ${name}, got ${Object.keys(inputs).join(', ')}`);
          expectLength('compiled function', `input ${name}`, spec.shape, data.length);
          return [name, upload(spec, data)];
        }),
      );
      return fn(tensors, constants);
    });
    try {
      return Object.fromEntries(
        await Promise.all(
          Object.entries(outputs).map(async ([name, tensor]) => [name, await download(tensor)] as const),
        ),
      );
    } finally {
      tf.dispose(Object.values(outputs).filter((tensor) => !Object.values(constants).includes(tensor)));
    }
  };
  return Promise.resolve(
    Object.assign(compiled, {
      dispose() {
        if (!disposed) tf.dispose(Object.values(constants));
        disposed = true;
      },
    }),
  );
};
