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
