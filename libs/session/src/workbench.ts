/**
 * Answers "what if" for one viewer: a held instant with its level edited and factors turned down, beside the instant
 * as it was. Nothing here touches the session.
 */
import { sizeOf, throwIfAborted } from '@saccade/core';
import { probabilitiesOf } from '@saccade/agent';
import type { CoinRunEnvironment } from '@saccade/envs';
import type { VectorField } from '@saccade/insight';
import type { ClientMessage, FactorReadingsMessage, SupposedMessage, Thought } from '@saccade/protocol';
import { encodeLayout, encodeMoving } from '@saccade/protocol';
import { Canceller } from './canceller.ts';
import { editedState } from './editedState.ts';
import type { HeldInstant } from './history.ts';
import type { Explainable } from './overlays.ts';
import { environmentFor } from './player.ts';
import type { SessionHost } from './host.ts';
import type { Session } from './session.ts';
import type { SupposeEngine } from './supposeEngine.ts';

type Asked<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;

/** What the agent sees of it, a fresh array. */
function observe(world: CoinRunEnvironment): Uint8Array {
  const observation = new Uint8Array(sizeOf(world.observationSpace.shape));
  world.observeInto(observation, 0);
  return observation;
}

/** The places that both fields have: edits of the ground make and take some. */
function inBoth(original: VectorField, edited: VectorField): NonNullable<SupposedMessage['field']> {
  const rows = new Map<string, number>();
  for (let i = 0; i < edited.places.length; i += 2) rows.set(`${edited.places[i]} ${edited.places[i + 1]}`, i);
  const places: number[] = [];
  const before: number[] = [];
  const after: number[] = [];
  for (let i = 0; i < original.places.length; i += 2) {
    const row = rows.get(`${original.places[i]} ${original.places[i + 1]}`);
    if (row === undefined) continue;
    places.push(original.places[i], original.places[i + 1]);
    before.push(original.arrows[i], original.arrows[i + 1]);
    after.push(edited.arrows[row], edited.arrows[row + 1]);
  }
  return {
    places: Int32Array.from(places),
    original: Float32Array.from(before),
    edited: Float32Array.from(after),
  };
}

export class Workbench {
  private latest: Canceller | null = null;

  constructor(
    private readonly engine: SupposeEngine,
    private readonly host: Pick<SessionHost, 'act' | 'overlays' | 'clock'>,
  ) {}

  /**
   * The answer to a viewer's latest question: an earlier one that still computes is given up.
   * @throws InputError on an edit, factor or overlay that makes no sense
   * @throws CancelledError when a later question came
   */
  async suppose(
    session: Session,
    instant: HeldInstant,
    { edits, turns, overlay, field }: Asked<'suppose'>,
  ): Promise<Omit<SupposedMessage, 'type' | 'reply'>> {
    this.latest?.abort();
    const { signal } = (this.latest = new Canceller());
    const began = this.host.clock.now();
    const { policy, hash } = session.policy;
    const state = editedState(instant.state, edits);
    const world = environmentFor(policy);
    world.setState(state);
    const observation = observe(world);
    const turned = await this.engine.turned(hash, turns);
    throwIfAborted(signal, 'suppose');
    const think = async (seen: Explainable): Promise<Thought> => {
      const { logits, value } = await this.host.act(seen.policyHash, seen.observation);
      return {
        probabilities: [...probabilitiesOf(logits)],
        value,
        overlay: overlay ? await this.host.overlays.get(seen, overlay, signal) : null,
      };
    };
    const { before } = instant;
    const [original, edited] = await Promise.all([
      think({ observation: instant.observation, state: instant.state, policyHash: hash, before }),
      think({ observation, state, policyHash: turned, before }),
    ]);
    const fields = field
      ? await Promise.all([this.engine.field(hash, instant.state), this.engine.field(turned, state)])
      : undefined;
    throwIfAborted(signal, 'suppose');
    return {
      session: session.id,
      step: instant.step,
      layout: encodeLayout(world.scene, 0, instant.levelSeed),
      scene: encodeMoving(world.scene, 0),
      observation,
      original,
      edited,
      field: fields ? inBoth(...fields) : null,
      milliseconds: Math.round(10 * (this.host.clock.now() - began)) / 10,
    };
  }

  /** What each factor of a layer does at a place of an instant. */
  async readFactors(
    session: Session,
    instant: HeldInstant,
    { layer, target, edits, x, y }: Asked<'readFactors'>,
  ): Promise<Omit<FactorReadingsMessage, 'type' | 'reply'>> {
    const world = environmentFor(session.policy.policy);
    world.setState(editedState(instant.state, edits));
    return this.engine.readFactors(session.policy.hash, observe(world), { layer, target, x, y });
  }

  dispose(): void {
    this.latest?.abort();
  }
}
