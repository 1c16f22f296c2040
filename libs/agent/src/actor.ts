/** Runs a policy forward on batches of a fixed size. */
import { forward, plainOps } from '@saccade/nn';
import type { Compile, HostTensors, Network } from '@saccade/nn';

export interface ActorOutputs {
  /** [batch, actions] */
  readonly logits: Float32Array;
  /** [batch] */
  readonly values: Float32Array;
}

export interface Actor {
  /** Observations per call. */
  readonly batch: number;
  /** observations: bytes 0-255, [batch, height, width, channel]. */
  act(observations: Uint8Array): Promise<ActorOutputs>;
  dispose(): void;
}

/** The parameters become constants, which lets an engine choose its fastest layout; a new set needs a new actor. */
export async function createActor(
  network: Network,
  parameters: HostTensors,
  batch: number,
  compile: Compile,
): Promise<Actor> {
  const compiled = await compile(
    (inputs, constants) => ({ ...forward(network, constants, inputs['observations'], plainOps) }),
    {
      inputs: { observations: { shape: [batch, ...network.observationShape], dtype: 'uint8' } },
      constants: parameters,
    },
  );
  return {
    batch,
    async act(observations) {
      const { logits, value } = await compiled({ observations });
      return { logits: logits.data as Float32Array, values: value.data as Float32Array };
    },
    dispose: () => compiled.dispose(),
  };
}

/**
 * Whether the engine computes the same bits for an observation in a batch of `part` as in the whole one. Engines choose
 * their kernels by shape, not by content: one batch tells.
 * @param observations bytes 0-255, [batch, height, width, channel], a multiple of `part`
 */
export async function rowsAreIndependent(
  network: Network,
  parameters: HostTensors,
  observations: Uint8Array,
  part: number,
  compile: Compile,
): Promise<boolean> {
  const size = network.observationShape.reduce((product, axis) => product * axis, 1);
  const outputs = async (batch: number): Promise<Uint8Array> => {
    const actor = await createActor(network, parameters, batch, compile);
    try {
      const parts: Float32Array[][] = [];
      for (let from = 0; from < observations.length; from += batch * size) {
        const { logits, values } = await actor.act(Uint8Array.from(observations.subarray(from, from + batch * size)));
        parts.push([logits, values]);
      }
      const numbers = [0, 1].flatMap((which) => parts.flatMap((outcome) => [...outcome[which]]));
      return new Uint8Array(Float32Array.from(numbers).buffer);
    } finally {
      actor.dispose();
    }
  };
  const whole = await outputs(observations.length / size);
  const inParts = await outputs(part);
  return whole.every((byte, i) => byte === inParts[i]);
}
